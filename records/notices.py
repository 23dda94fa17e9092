"""What patients are told about their records: that there is something to read, and where. Never what it says."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import outbox
from clinic import family
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
    """To those who can read it here: the patient's own account; without one, who reads the record for the patient."""
    for person in family.addressees(encounter.patient, reading=True):
        _put_for(person, kind, encounter, key=f"{key}:{person.account.pk}" if person.is_guardian else key)


def _put_for(person, kind, encounter, *, key):
    hospital = Hospital.current()
    begun = when.moment(encounter.started_at, hospital.zone, timezone.now())
    outbox.put(
        kind=kind,
        key=key,
        template=f"records/mail/{kind.replace('.', '_')}",
        to=person.account,
        name=person.name,
        about=encounter,
        context={
            "patient": encounter.patient,
            "person": person,
            "hospital": hospital,
            "time": _("%(time)s (%(zone)s)") % {"time": begun, "zone": hospital.time_zone},
            "url": outbox.absolute(reverse("records:encounter-detail", args=[encounter.pk])),
        },
    )


def is_still_true(message):
    """Asked by the outbox when a message goes out: is it still this person's record?"""
    account = message.recipient
    if account is None or not account.is_active:
        return False
    encounter = Encounter.objects.signed().filter(pk=message.about_id).select_related("patient").first()
    return encounter is not None and family.is_party(account, encounter.patient, reading=True)


def register():
    """For AppConfig.ready()."""
    for kind in (READY, AMENDED):
        outbox.register(kind, is_still_true)
