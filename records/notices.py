"""What patients are told about their records: that there is something to read, and where. Never what it says."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import outbox
from clinic.models import Hospital
from hms.lib import when
from records.models import Encounter

READY, AMENDED = "summary.ready", "summary.amended"


def summary_ready(encounter):
    """The doctor has signed the record of a visit."""
    _put(READY, encounter, key=f"{READY}:{encounter.pk}")


def summary_amended(encounter):
    """The doctor has corrected the record of a visit."""
    _put(AMENDED, encounter, key=f"{AMENDED}:{encounter.pk}:{encounter.version}")


def _put(kind, encounter, *, key):
    """Who has no account cannot read it here, so is not sent here either."""
    patient = encounter.patient
    if patient.user is None:
        return
    hospital = Hospital.current()
    begun = when.moment(encounter.started_at, hospital.zone, timezone.now())
    outbox.put(
        kind=kind,
        key=key,
        template=f"records/mail/{kind.replace('.', '_')}",
        to=patient.user,
        name=patient.name,
        about=encounter,
        context={
            "patient": patient,
            "hospital": hospital,
            "time": _("%(time)s (%(zone)s)") % {"time": begun, "zone": hospital.time_zone},
            "url": outbox.absolute(reverse("records:encounter-detail", args=[encounter.pk])),
        },
    )


def is_still_true(message):
    """Asked by the outbox when a message goes out: is it still this person's record?"""
    return (
        Encounter.objects.signed()
        .filter(pk=message.about_id, patient__user_id=message.recipient_id, patient__user__is_active=True)
        .exists()
    )


def register():
    """For AppConfig.ready()."""
    for kind in (READY, AMENDED):
        outbox.register(kind, is_still_true)
