"""Booking a visit, moving it to another time, cancelling it."""

import secrets
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from clinic import topics
from clinic.models import Hospital
from hms.lib import cached
from scheduling import free, notices, slots
from scheduling.models import Appointment, AppointmentEvent, Lane, Proposal, Status
from scheduling.services import guard
from scheduling.services.care import refresh_care
from scheduling.services.freeing import end_lapsed, note_freed
from scheduling.services.guard import BookingConflict, BookingRefused
from scheduling.services.settling import settle

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that looks like something else


def book(*, doctor, patient, starts_at, by, reason="", notes="", overbook_reason="", minutes=None):
    """Reserve a time with a doctor for a patient.

    `starts_at` is exactly the beginning of a slot on offer, whose length the visit gets. With `overbook_reason`, who
    may overbook gets any other time too, for `minutes`. The same booking a second time gives the first one back.
    Raises BookingRefused, or BookingConflict when the time has gone.
    """
    guard.require_may(by, "scheduling.book_appointment", doctor=doctor, patient=patient)
    guard.require_knows(by, patient)
    if notes.strip():
        guard.require_may(by, "scheduling.annotate_appointment", doctor=doctor, patient=patient)
    texts = {"reason": reason.strip(), "staff_notes": notes.strip()}
    guard.require_fits(Appointment, overbook_reason=overbook_reason, **texts)
    wish = {"starts_at": starts_at, "by": by, "overbook_reason": overbook_reason.strip(), "minutes": minutes}
    try:
        with transaction.atomic():
            return _book(*guard.lock(doctor, patient), texts=texts, **wish)
    except IntegrityError as error:
        conflict = guard.conflict_from(error)
        if (twin := _twin(doctor, patient, starts_at)) is not None:
            return twin
        raise conflict from error


def _book(doctor, patient, *, starts_at, by, texts, overbook_reason, minutes):
    end_lapsed(doctor, patient)
    if (twin := _twin(doctor, patient, starts_at)) is not None:
        return twin
    hospital = Hospital.current()
    terms = free.terms_for(by, hospital, timezone.now())
    guard.require_may(by, "scheduling.book_appointment", doctor=doctor, patient=patient)  # locked: still theirs?
    guard.require_takes_bookings(doctor, by)
    guard.require_can_come(patient)
    try:
        guard.require_in_time(starts_at, terms=terms, hospital=hospital)
        span, lane = guard.slot_on_offer(doctor, starts_at, terms=terms), Lane.NORMAL
    except BookingRefused:
        if not overbook_reason:
            raise
        span, lane = _overbooked(doctor, patient, starts_at, minutes, by=by, terms=terms, hospital=hospital)
    guard.require_patient_free(patient, span, by=by)
    appointment = Appointment.objects.create(
        reference=new_reference(),
        doctor=doctor,
        patient=patient,
        department=doctor.department,
        starts_at=span.starts,
        ends_at=span.ends,
        lane=lane,
        overbook_reason=overbook_reason if lane == Lane.OVERBOOKED else "",
        **texts,
        fee=hospital.default_fee if doctor.fee is None else doctor.fee,
        booked_by=by,
    )
    cached.after_commit(topics.VISITS, topics.times(doctor.pk))
    _tell_booked(appointment, hospital, by=by)
    return appointment


def _twin(doctor, patient, starts_at):
    """This very booking, if it was made before: a double click, or the page sent again."""
    return Appointment.objects.blocking().filter(doctor=doctor, patient=patient, starts_at=starts_at).first()


def _overbooked(doctor, patient, starts_at, minutes, *, by, terms, hospital):
    """A time beside the offered slots, for who may overbook: not in the past either, nor while the doctor is away."""
    guard.require_may(by, "scheduling.overbook_appointment", doctor=doctor, patient=patient)
    this_minute = terms.now.replace(second=0, microsecond=0)
    guard.require_in_time(starts_at, terms=terms._replace(now=this_minute, not_before=this_minute), hospital=hospital)
    if starts_at.second or starts_at.microsecond:
        raise BookingRefused(_("Visits begin on a whole minute."))
    length = minutes or _usual_minutes(doctor, starts_at, terms, hospital)
    if not 1 <= length <= slots.LONGEST:
        raise BookingRefused(_("A visit takes between 1 and %(longest)s minutes.") % {"longest": slots.LONGEST})
    span = slots.Span(starts_at, starts_at + timedelta(minutes=length))
    day = starts_at.astimezone(terms.zone).date()
    if not slots.clear_of([span], free.calendars([doctor], day, day)[doctor.pk].away):
        raise BookingConflict(_("%(doctor)s is away at that time.") % {"doctor": doctor.name})
    return span, Lane.OVERBOOKED


def _usual_minutes(doctor, starts_at, terms, hospital):
    """As long as the doctor's slot at that time, else the hospital's default."""
    day = starts_at.astimezone(terms.zone).date()
    rules = free.calendars([doctor], day, day)[doctor.pk].rules
    around = [slot for slot in slots.offered(rules, day, terms.zone) if slot.starts <= starts_at < slot.ends]
    return int((around[0].ends - around[0].starts).total_seconds() // 60) if around else hospital.default_slot_minutes


def random_reference():
    """Eight characters that people can read out on the phone."""
    return "".join(secrets.choice(ALPHABET) for _position in range(8))


def new_reference():
    """A reference that no visit has."""
    while Appointment.objects.filter(reference=(reference := random_reference())).exists():
        pass
    return reference


def _tell_booked(appointment, hospital, *, by):
    overbooked = appointment.lane == Lane.OVERBOOKED
    guard.note(appointment, AppointmentEvent.Kind.BOOKED, by=by, reason=appointment.overbook_reason)
    action = "appointment.overbooked" if overbooked else "appointment.booked"
    detail = {"doctor": appointment.doctor_id, "starts_at": appointment.starts_at}
    audit.record(by, action, appointment, patient=appointment.patient, detail=detail)
    refresh_care(appointment.doctor, appointment.patient)
    notices.booked(appointment, hospital)


def require_changeable(appointment, *, by, hospital, now):
    """Patients move and cancel their visits until the hospital's cut-off; staff whenever it helps."""
    if not free.is_staff(by):
        require_before_cutoff(appointment, hospital=hospital, now=now)


def require_before_cutoff(appointment, *, hospital, now):
    """BookingRefused once it is too late for patients to change a visit."""
    if appointment.starts_at <= now:
        raise BookingRefused(_("This visit has already begun, so it cannot be changed here any more."))
    cutoff = hospital.cancellation_cutoff_minutes
    if appointment.starts_at - timedelta(minutes=cutoff) < now:
        raise BookingRefused(
            _("Visits can be changed until %(time)s before they begin. Please call us.")
            % {"time": guard.in_words(cutoff)}
        )


def may_change(appointment, user, hospital, now):
    """Whether this person can still move or cancel a visit: for the buttons on pages."""
    if appointment.status != Status.BOOKED:
        return False
    try:
        require_changeable(appointment, by=user, hospital=hospital, now=now)
    except BookingRefused:
        return False
    return True


def reschedule(appointment, *, starts_at, by, reason=""):
    """Move a booked visit to another slot of the same doctor; what was planned before stays in its history.

    Compares with the visit as the caller loaded it: if it has changed since, BookingConflict. Moving a visit to where
    it already is changes nothing.
    """
    guard.require_may(by, "scheduling.reschedule_appointment", doctor=appointment.doctor, patient=appointment.patient)
    try:
        with transaction.atomic():
            return _reschedule(appointment, guard.lock_visit(appointment), starts_at=starts_at, by=by, reason=reason)
    except IntegrityError as error:
        raise guard.conflict_from(error) from error


def _reschedule(seen, fresh, *, starts_at, by, reason):
    end_lapsed(fresh.doctor, fresh.patient)
    if fresh.status == Status.BOOKED and fresh.starts_at == starts_at:
        return fresh
    if (fresh.status, fresh.starts_at) != (Status.BOOKED, seen.starts_at) or seen.status != Status.BOOKED:
        raise BookingConflict(_("This visit has changed in the meantime, so it was not moved."))
    hospital, now = Hospital.current(), timezone.now()
    terms = free.terms_for(by, hospital, now)
    require_changeable(fresh, by=by, hospital=hospital, now=now)
    guard.require_takes_bookings(fresh.doctor, None)
    guard.require_can_come(fresh.patient)
    guard.require_in_time(starts_at, terms=terms, hospital=hospital)
    span = guard.slot_on_offer(fresh.doctor, starts_at, terms=terms, without=fresh)
    guard.require_patient_free(fresh.patient, span, by=by, without=fresh)
    return move_to(fresh, span, hospital=hospital, by=by, reason=reason)


def move_to(fresh, span, *, hospital, by, reason="", doctor=None, name="", detail=None):
    """Give a booked visit, locked with its people, another time, and another doctor where one is named.

    Whoever calls this has looked whether it may be. `name` and `detail` as in moves.move.
    """
    before, doctor_before = fresh.starts_at, fresh.doctor
    told_before = notices.in_zone(before, hospital)
    values = {"starts_at": span.starts, "ends_at": span.ends, "lane": Lane.NORMAL, "overbook_reason": ""}
    values |= {"moved_count": fresh.moved_count + 1, "confirmed_at": None}
    if doctor is not None and doctor.pk != doctor_before.pk:
        fee = hospital.default_fee if doctor.fee is None else doctor.fee
        values |= {"doctor": doctor, "department": doctor.department, "fee": fee}
        told_before = f"{told_before}, {doctor_before.name}"
        handed = _("From %(before)s to %(now)s.") % {"before": doctor_before.name, "now": doctor.name}
        reason = f"{handed} {reason}".strip()
        detail = (detail or {}) | {"doctor": doctor_before.pk, "to_doctor": doctor.pk}
    same = Appointment.objects.filter(pk=fresh.pk, status=Status.BOOKED, starts_at=before, doctor=doctor_before)
    if not same.update(**values):
        raise BookingConflict(_("This visit has changed in the meantime, so it was not moved."))
    for field, value in values.items():
        setattr(fresh, field, value)
    settle(fresh, Proposal.Outcome.MOVED)
    note_freed(doctor_before, before)
    guard.note(fresh, AppointmentEvent.Kind.MOVED, by=by, reason=reason, name=name)
    refresh_care(doctor_before, fresh.patient)
    refresh_care(fresh.doctor, fresh.patient)
    cached.after_commit(topics.VISITS, topics.times(doctor_before.pk), topics.times(fresh.doctor_id))
    detail = {"from": before, "to": fresh.starts_at} | (detail or {})
    audit.record(by, "appointment.moved", fresh, patient=fresh.patient, detail=detail, name=name)
    notices.moved(fresh, hospital, before=told_before)
    return fresh
