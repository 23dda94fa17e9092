"""The moves of a visit from one status to the next."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from clinic import topics
from clinic.models import Hospital
from hms.lib import cached
from hms.lib.seen import require_unchanged
from scheduling import notices
from scheduling.models import Appointment, AppointmentEvent, Status, WaitlistOffer
from scheduling.services import guard
from scheduling.services.booking import require_changeable
from scheduling.services.care import refresh_care
from scheduling.services.freeing import note_freed
from scheduling.services.guard import BookingConflict, BookingRefused
from scheduling.services.settling import settle

TRANSITIONS = {
    Status.HELD: {Status.BOOKED, Status.CANCELLED},
    Status.BOOKED: {Status.CHECKED_IN, Status.IN_CONSULTATION, Status.CANCELLED, Status.NO_SHOW},
    Status.CHECKED_IN: {Status.IN_CONSULTATION, Status.CANCELLED},
    Status.IN_CONSULTATION: {Status.COMPLETED},
    Status.COMPLETED: set(),
    Status.CANCELLED: set(),
    Status.NO_SHOW: set(),
}
EARLY = timedelta(hours=12)  # how long before its time a patient may be seen


def move(seen, status, *, by, reason="", name="", detail=None):
    """Compare and set: the visit goes from the status the caller saw to another one. The people are locked.

    `name` is who does it without being signed in, `detail` what the audit trail says beside it.
    Returns (the visit, whether it moved).
    """
    fresh = guard.lock_visit(seen)
    if fresh.status == status:
        return fresh, False
    if status not in TRANSITIONS[seen.status]:
        raise BookingConflict(
            _("This visit stands at “%(now)s”, so it cannot become “%(then)s”.")
            % {"now": seen.get_status_display(), "then": Status(status).label}
        )
    if not Appointment.objects.filter(pk=seen.pk, status=seen.status).update(status=status):
        raise BookingConflict(_("Someone else has just changed this visit."))
    fresh.status = status
    settle(fresh)
    if status == Status.CANCELLED and seen.status != Status.HELD:
        note_freed(fresh.doctor, fresh.starts_at)
    guard.note(fresh, AppointmentEvent.Kind.STATUS, by=by, reason=reason, name=name)
    audit.record(by, f"appointment.{status}", fresh, patient=fresh.patient, detail=detail, name=name)
    refresh_care(fresh.doctor, fresh.patient)
    cached.after_commit(topics.VISITS, topics.times(fresh.doctor_id))
    return fresh, True


def _require_may(appointment, permission, by):
    guard.require_may(by, permission, doctor=appointment.doctor, patient=appointment.patient)


def may_cancel(appointment, user, hospital, now):
    """Whether this person can still cancel a visit: for the buttons on pages. An offer is declined instead."""
    if appointment.status == Status.HELD or Status.CANCELLED not in TRANSITIONS[appointment.status]:
        return False
    try:
        require_changeable(appointment, by=user, hospital=hospital, now=now)
    except BookingRefused:
        return False
    return True


@transaction.atomic
def cancel(appointment, *, by, reason=""):
    """Cancel a visit; its time is free again at once. Cancelling twice is cancelling once."""
    _require_may(appointment, "scheduling.cancel_appointment", by)
    if appointment.status == Status.HELD and WaitlistOffer.objects.open().filter(appointment=appointment).exists():
        raise BookingConflict(_("This is an offer from the waiting list: it is accepted or declined, not cancelled."))
    hospital = Hospital.current()
    if Status.CANCELLED in TRANSITIONS[appointment.status]:
        require_changeable(appointment, by=by, hospital=hospital, now=timezone.now())
    fresh, moved = move(appointment, Status.CANCELLED, by=by, reason=reason)
    if moved:
        notices.cancelled(fresh, hospital)
    return fresh


@transaction.atomic
def check_in(appointment, *, by):
    """The patient has arrived, on the day of the visit."""
    _require_may(appointment, "scheduling.check_in_appointment", by)
    _require_its_day(appointment)
    return move(appointment, Status.CHECKED_IN, by=by)[0]


@transaction.atomic
def start(appointment, *, by):
    """The consultation begins; where there is no reception desk, straight from booked."""
    _require_may(appointment, "scheduling.start_appointment", by)
    _require_near(appointment)
    return move(appointment, Status.IN_CONSULTATION, by=by)[0]


@transaction.atomic
def complete(appointment, *, by):
    """The consultation is over. A visit that nobody began is begun first: two moves, two events.

    Completing a second time is a conflict, since what was signed with it would be lost.
    """
    _require_may(appointment, "scheduling.start_appointment", by)
    if appointment.status in {Status.BOOKED, Status.CHECKED_IN}:
        appointment = start(appointment, by=by)
    fresh, moved = move(appointment, Status.COMPLETED, by=by)
    if not moved:
        raise BookingConflict(_("This visit has already been completed."))
    return fresh


@transaction.atomic
def mark_no_show(appointment, *, by):
    """The patient did not come."""
    _require_may(appointment, "scheduling.mark_no_show", by)
    if appointment.starts_at > timezone.now():
        raise BookingRefused(_("This visit has not begun yet, so nobody can have missed it."))
    return move(appointment, Status.NO_SHOW, by=by)[0]


@transaction.atomic
def annotate(appointment, *, notes, by, seen=""):
    """Write the notes by staff; who changed them and when is kept, what they said before is not.

    `seen` is what the form had shown: ChangedMeanwhile when somebody else has written others since.
    """
    _require_may(appointment, "scheduling.annotate_appointment", by)
    fresh = guard.lock_visit(appointment)
    if fresh.status == Status.HELD:
        raise BookingConflict(_("This is an offer from the waiting list, and no visit yet."))
    notes = notes.strip()
    guard.require_fits(Appointment, staff_notes=notes)
    require_unchanged(fresh, seen, {"staff_notes": notes})
    if fresh.staff_notes == notes:
        return fresh
    Appointment.objects.filter(pk=fresh.pk).update(staff_notes=notes)
    fresh.staff_notes = notes
    guard.note(fresh, AppointmentEvent.Kind.NOTES, by=by)
    audit.record(by, "appointment.annotated", fresh, patient=fresh.patient)
    return fresh


def _require_near(appointment):
    if appointment.starts_at - timezone.now() > EARLY:
        raise BookingRefused(_("This visit is more than %(hours)s hours away.") % {"hours": EARLY.seconds // 3600})


def _require_its_day(appointment):
    zone = Hospital.current().zone
    if appointment.starts_at.astimezone(zone).date() != timezone.now().astimezone(zone).date():
        raise BookingRefused(_("Patients are checked in on the day of their visit."))
