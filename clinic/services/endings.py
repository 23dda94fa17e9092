"""How guardianships end: by somebody, by a birthday, with a word a month ahead."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from clinic import notices
from clinic.majority import comes_of_age, moment_of_majority
from clinic.models import Guardianship, Hospital, Kind, Patient
from clinic.services.rows import ClinicRefused

ENDS_ANY = "clinic.change_guardianship"
FROM, TO = 8, 20  # the hours of the hospital's day in which mail goes out


class FamilyRefused(ClinicRefused):
    """A guardianship that the rules do not allow; `field` is what to look at again."""

    def __init__(self, message, field=""):
        super().__init__(message)
        self.field = field


def is_of_age(patient):
    """Whether a patient is of age today, by the hospital's clock."""
    return comes_of_age(patient.birth_date) <= timezone.localdate(timezone=Hospital.current().zone)


def lock_patient(patient):
    """The row that all who decide about one patient's guardians share, as it is now."""
    return Patient.objects.select_for_update(no_key=True, of=("self",)).select_related("user").get(pk=patient.pk)


@transaction.atomic
def end_guardianship(guardianship, *, by, reason=""):
    """End it at once: the guardian, the patient, or an administrator with a reason. Ending twice is ending once.

    Visits that are booked stay booked. The others are told.
    """
    lock_patient(guardianship.patient)
    fresh = Guardianship.objects.with_people().get(pk=guardianship.pk)
    from_outside = by is not None and by.pk not in {fresh.guardian_id, fresh.patient.user_id}
    if from_outside and not by.has_perm(ENDS_ANY):
        raise PermissionDenied
    reason = " ".join(reason.split())[:300]
    if from_outside and not reason:
        raise FamilyRefused(_("Say why: both sides may ask."), "reason")
    if not fresh.is_current:
        return fresh
    fresh.ended_at, fresh.ended_by, fresh.ended_reason = timezone.now(), by, reason
    fresh.save(update_fields=["ended_at", "ended_by", "ended_reason"])
    detail = {"guardian": fresh.guardian.name} | ({"reason": reason} if reason else {})
    audit.record(by, "guardianship.ended", fresh, patient=fresh.patient, detail=detail)
    notices.family.ended(fresh, by=by)
    return fresh


def follow_birth_date(patient, *, by):
    """After a birth date was corrected: a child's guardianships end with the right birthday, or now if it is past.

    Call it in the transaction of the correction, with the patient locked.
    """
    ends = moment_of_majority(patient.birth_date, Hospital.current().zone)
    for row in Guardianship.objects.filter(patient=patient, kind=Kind.PARENT, ended_at=None).exclude(until=ends):
        _move_end(row, patient, ends, by=by)


def follow_time_zone(hospital, *, by):
    """After the hospital's zone was changed: birthdays begin by its clocks."""
    for row in Guardianship.objects.current().filter(kind=Kind.PARENT).select_related("patient"):
        _move_end(row, row.patient, moment_of_majority(row.patient.birth_date, hospital.zone), by=by)


def _move_end(row, patient, ends, *, by):
    now = timezone.now()
    if ends > max(now, row.since):
        row.until, row.announced_at = ends, None
        row.save(update_fields=["until", "announced_at"])
        audit.record(by, "guardianship.moved", row, patient=patient, detail={"until": ends})
    else:
        row.ended_at, row.ended_reason = now, _("The birth date was corrected: of age.")
        row.save(update_fields=["ended_at", "ended_reason"])
        audit.record(by, "guardianship.ended", row, patient=patient, detail={"reason": row.ended_reason})
        notices.family.ended(row, by=by)


def announce_endings(now=None):
    """Tell guardians whose guardianship ends within 30 days, once each, by day. Returns how many were told."""
    now = now or timezone.now()
    if not FROM <= now.astimezone(Hospital.current().zone).hour < TO:
        return 0
    return sum(_announce(pk, now) for pk in list(Guardianship.objects.to_announce(now).values_list("pk", flat=True)))


@transaction.atomic
def _announce(pk, now):
    row = Guardianship.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    if row is None or not Guardianship.objects.to_announce(now).filter(pk=pk).exists():
        return False
    Guardianship.objects.filter(pk=pk).update(announced_at=now)
    notices.family.ends_soon(Guardianship.objects.with_people().get(pk=pk))
    return True
