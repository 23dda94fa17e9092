"""Patients told by telephone, because no message reached them."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from scheduling.models import AppointmentEvent, PhoneCall, Status
from scheduling.services import guard
from scheduling.services.guard import BookingConflict


@transaction.atomic
def note_call(appointment, *, by, note=""):
    """Write down that somebody called about a visit; a second press is the same call.

    Compares with the visit as the caller saw it: BookingConflict when it has another time, or is not booked any more.
    """
    guard.require_may(by, "scheduling.call_patient", doctor=appointment.doctor, patient=appointment.patient)
    note = " ".join(note.split())
    guard.require_fits(PhoneCall, note=note)
    fresh = guard.lock_visit(appointment)
    if fresh.status != Status.BOOKED or fresh.moved_count != appointment.moved_count:
        raise BookingConflict(_("This visit has changed in the meantime, so the call was not noted."))
    standing = PhoneCall.objects.filter(appointment=fresh, moved_count=fresh.moved_count, undone_at=None).first()
    if standing is not None:
        return standing
    call = PhoneCall.objects.create(appointment=fresh, moved_count=fresh.moved_count, by=by, note=note)
    guard.note(fresh, AppointmentEvent.Kind.CALLED, by=by, reason=note)
    audit.record(by, "appointment.called", fresh, patient=fresh.patient)
    return call


@transaction.atomic
def undo_call(call, *, by):
    """Take a call back: it was noted by mistake. Twice is once."""
    visit = call.appointment
    guard.require_may(by, "scheduling.call_patient", doctor=visit.doctor, patient=visit.patient)
    fresh = guard.lock_visit(visit)
    taken_back = PhoneCall.objects.filter(pk=call.pk, undone_at=None).update(undone_at=timezone.now(), undone_by=by)
    if taken_back:
        guard.note(fresh, AppointmentEvent.Kind.UNCALLED, by=by)
        audit.record(by, "appointment.uncalled", fresh, patient=fresh.patient)
    return fresh
