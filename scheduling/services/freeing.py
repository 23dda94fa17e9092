"""What happens to a time that becomes free, and to an offer that nobody took. The people are locked by the caller."""

from django.db import transaction
from django.db.models import ProtectedError, Q
from django.utils import timezone

from accounts import audit, wake
from clinic import topics
from clinic.models import Hospital
from hms.lib import cached
from scheduling import notices
from scheduling.models import Appointment, FreedTime, Status, WaitlistEntry, WaitlistOffer

TASK = "scheduling.tasks.offer_freed_times"


def note_freed(doctor, starts_at):
    """Remember a time that has just become free, if somebody waits for one, and wake who offers it."""
    now = timezone.now()
    if starts_at <= now or not WaitlistEntry.objects.waiting().for_doctor(doctor).exists():
        return
    FreedTime.objects.get_or_create(doctor=doctor, starts_at=starts_at, done_at=None)
    wake.after_commit(TASK)


def release(offer, outcome, *, by=None, name="", detail=None):
    """End an offer that was not accepted; its time is free again, for the next in turn. Whether it was open.

    The held visit goes without a trace on lists and in figures: it never was one. Where somebody has written on it
    meanwhile, it stays as cancelled.
    """
    ended = WaitlistOffer.objects.open().filter(pk=offer.pk).update(ended_at=timezone.now(), outcome=outcome)
    if not ended:
        return False
    held = Appointment.objects.filter(pk=offer.appointment_id, status=Status.HELD)
    try:
        with transaction.atomic():
            held.delete()
    except ProtectedError:
        held.update(status=Status.CANCELLED)
    patient = offer.entry.patient
    if outcome == WaitlistOffer.Outcome.LAPSED:
        notices.offer_lapsed(offer, Hospital.current())
    audit.record(by, f"offer.{outcome}", offer.entry, patient=patient, detail=detail, name=name)
    cached.after_commit(topics.VISITS, topics.times(offer.freed.doctor_id))
    wake.after_commit(TASK)
    return True


def end_lapsed(doctor, patient):
    """Offers of these two whose time is over stand in nobody's way, also while no worker has ended them yet."""
    theirs = Q(appointment__doctor=doctor) | Q(appointment__patient=patient)
    lapsed = WaitlistOffer.objects.open().filter(theirs, expires_at__lte=timezone.now())
    for offer in lapsed.with_people():
        release(offer, WaitlistOffer.Outcome.LAPSED)
