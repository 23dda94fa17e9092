"""Asking patients for another time when their doctor will not be there, and taking their answers.

The visit stays booked until the patient or somebody here settles it: it is never cancelled in silence, and its time
stays theirs, should the doctor be there after all. (docs/decisions/0028)
"""

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from clinic import family
from clinic.models import Hospital
from hms.lib import tokens
from scheduling import alternatives, free, notices, stranded
from scheduling.models import Appointment, AppointmentEvent, Proposal, Status
from scheduling.services import booking, freeing, guard, links, moves, settling
from scheduling.services.guard import BookingConflict, BookingRefused


def ask(appointment, *, by):
    """Ask the patient of a visit whose doctor will not be there to take another time. Twice is once.

    Everybody who acts for the patient gets a link. BookingConflict when the visit has changed, or will take place.
    """
    guard.require_may(by, "scheduling.propose_times", doctor=appointment.doctor, patient=appointment.patient)
    with transaction.atomic():
        fresh = guard.lock_visit(appointment)
        if fresh.status != Status.BOOKED or fresh.moved_count != appointment.moved_count:
            raise BookingConflict(_("This visit has changed in the meantime."))
        if (waiting := Proposal.objects.of(fresh)) is not None:
            return waiting
        hospital, now = Hospital.current(), timezone.now()
        if fresh.starts_at <= now or not stranded.among([fresh], zone=hospital.zone):
            raise BookingConflict(_("This visit needs no other time any more."))
        proposal = Proposal.objects.create(appointment=fresh, moved_count=fresh.moved_count, asked_at=now, by=by)
        for person in family.addressees(fresh.patient):
            token, token_hash = tokens.new_token()
            notices.another_time(fresh, hospital, proposal, person=person, token=token)
            links.keep_link(fresh, token_hash, person=person, proposal=proposal)
        guard.note(fresh, AppointmentEvent.Kind.ASKED, by=by)
        audit.record(by, "appointment.asked", fresh, patient=fresh.patient, detail={"starts_at": fresh.starts_at})
        return proposal


def ask_all(visits, *, by):
    """Ask the patients of these visits, each in a transaction of its own: ([asked], [not to be asked any more])."""
    asked, left = [], []
    for visit in visits:
        try:
            ask(visit, by=by)
            asked.append(visit)
        except BookingRefused:
            left.append(visit)
    return asked, left


def take(appointment, *, doctor, starts_at, by, name="", detail=None):
    """Move a visit that needs another time to one with the same doctor or a colleague of the department.

    The hospital asked, so the limits for patients (cut-off, window) do not hold. `name`, `detail`: who answers by a
    link. Compares with the visit as the caller saw it. The same choice again changes nothing.
    """
    guard.require_may(by, "scheduling.reschedule_appointment", doctor=appointment.doctor, patient=appointment.patient)
    try:
        with transaction.atomic():
            locked = guard.lock_doctors(appointment.doctor, doctor)
            return _take(appointment, locked[doctor.pk], starts_at, {"by": by, "name": name, "detail": detail})
    except IntegrityError as error:
        raise guard.conflict_from(error) from error


def _take(seen, doctor, starts_at, who):
    fresh = _chosen(seen, doctor, starts_at) or guard.lock_visit(seen)
    if (fresh.doctor_id, fresh.starts_at) == (doctor.pk, starts_at) and fresh.status == Status.BOOKED:
        return fresh
    _require_as_seen(seen, fresh)
    _require_may_choose(fresh, who["by"], who["name"])
    hospital = Hospital.current()
    terms = free.terms_for(None, hospital, timezone.now())
    freeing.end_lapsed(doctor, fresh.patient)
    if not alternatives.can_take(doctor, fresh):
        raise BookingConflict(_("This doctor does not take bookings here any more."))
    guard.require_takes_bookings(doctor, None)
    guard.require_can_come(fresh.patient)
    guard.require_in_time(starts_at, terms=terms, hospital=hospital)
    span = guard.slot_on_offer(doctor, starts_at, terms=terms, without=fresh)
    guard.require_patient_free(fresh.patient, span, by=who["by"], without=fresh)
    if doctor.pk != fresh.doctor_id:
        for objection in settling.before_handing_over:
            if sentence := objection(fresh):
                raise BookingRefused(sentence)
    return booking.move_to(fresh, span, hospital=hospital, doctor=doctor, **who)


def as_it_is(appointment):
    """The visit as it is now, with its people: for pages that show it after a refusal."""
    return Appointment.objects.with_people().select_related("patient__user", "doctor__user").get(pk=appointment.pk)


def _chosen(seen, doctor, starts_at):
    """This very visit where the choice put it, if it was sent twice: it may be another doctor's by now."""
    there = Appointment.objects.filter(pk=seen.pk, doctor=doctor, starts_at=starts_at, status=Status.BOOKED)
    return there.with_people().first()


def _require_as_seen(seen, fresh):
    changed = (fresh.status, fresh.moved_count) != (Status.BOOKED, seen.moved_count)
    if changed or fresh.starts_at <= timezone.now():
        raise BookingConflict(_("This visit has changed in the meantime."))


def _require_may_choose(fresh, by, name):
    """Patients choose once they were asked; staff as soon as the doctor will not be there."""
    if Proposal.objects.of(fresh) is not None:
        return
    by_link = by is None and name
    if by_link or not free.is_staff(by) or not stranded.among([fresh], zone=Hospital.current().zone):
        raise BookingConflict(_("This visit needs no other time any more."))


@transaction.atomic
def decline(appointment, *, by, name="", detail=None):
    """None of the times suits, and the patient does not want to come: the visit is cancelled, whatever the cut-off."""
    guard.require_may(by, "scheduling.cancel_appointment", doctor=appointment.doctor, patient=appointment.patient)
    fresh = guard.lock_visit(appointment)
    if fresh.status == Status.CANCELLED:
        return fresh
    _require_as_seen(appointment, fresh)
    _require_may_choose(fresh, by, name)
    fresh, moved = moves.move(fresh, Status.CANCELLED, by=by, name=name, detail=detail)
    if moved:
        notices.cancelled(fresh, Hospital.current())
    return fresh


@transaction.atomic
def want_call(appointment, *, by, name="", detail=None):
    """The patient asks to be called about another time. Twice is once."""
    guard.require_may(by, "scheduling.reschedule_appointment", doctor=appointment.doctor, patient=appointment.patient)
    fresh = guard.lock_visit(appointment)
    _require_as_seen(appointment, fresh)
    waiting = Proposal.objects.of(fresh)
    if waiting is None:
        raise BookingConflict(_("This visit needs no other time any more."))
    if waiting.call_wanted_at is None:
        waiting.call_wanted_at = timezone.now()
        waiting.save(update_fields=["call_wanted_at"])
        guard.note(fresh, AppointmentEvent.Kind.CALL_ME, by=by, name=name)
        audit.record(by, "appointment.call_wanted", fresh, patient=fresh.patient, detail=detail, name=name)
    return waiting


def close_needless(doctor, *, by):
    """The doctor's hours or time off have changed: whoever was asked in vain is told that the visit takes place.

    In the transaction of that change, the doctor locked.
    """
    now = timezone.now()
    people = ("appointment__doctor__department", "appointment__department", "appointment__patient__user")
    waiting = Proposal.objects.open().filter(appointment__doctor=doctor, appointment__starts_at__gt=now)
    waiting = list(waiting.select_related(*people))
    hospital = Hospital.current() if waiting else None
    away = {visit.pk for visit in stranded.among([one.appointment for one in waiting], zone=hospital and hospital.zone)}
    for proposal in waiting:
        visit = proposal.appointment
        if visit.pk in away or visit.status != Status.BOOKED:
            continue
        settling.settle(visit, Proposal.Outcome.STANDS)
        guard.note(visit, AppointmentEvent.Kind.STANDS, by=by)
        audit.record(by, "appointment.stands", visit, patient=visit.patient)
        notices.stands(visit, hospital, proposal)
