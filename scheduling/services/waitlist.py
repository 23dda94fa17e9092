"""The waiting list: joining and leaving it, offering freed times in turn, and taking the answers.

First come, first offered. A freed time is held for one at a time, for a while of daytime; whoever declines it or lets
it lapse keeps their place for the next one, and is not offered the same one again. (docs/decisions/0029)
"""

import logging
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from clinic import family, topics
from clinic.models import Doctor, Hospital
from hms.lib import cached, tokens, when
from scheduling import free, holding, notices
from scheduling.models import (
    ANY_PART,
    EVERY_DAY,
    Appointment,
    AppointmentEvent,
    FreedTime,
    OfferLink,
    Status,
    WaitlistEntry,
    WaitlistOffer,
)
from scheduling.services import freeing, guard
from scheduling.services.booking import new_reference
from scheduling.services.care import refresh_care
from scheduling.services.guard import BookingConflict, BookingRefused

log = logging.getLogger(__name__)

LONGEST_DAYS = 180
BATCH = 200  # freed times in one go; the next tick goes on
TRIES = 50  # people tried for one time in one go


@transaction.atomic
def join(*, patient, department, until, by, doctor=None, weekdays=EVERY_DAY, parts=ANY_PART):
    """Put a patient on the waiting list of a doctor, or of anybody in a department. Twice is once, with the new wishes.

    `weekdays` and `parts` are bits: 1 is Monday, 1 is the morning. Raises BookingRefused.
    """
    _require_may(by, patient)
    guard.require_knows(by, patient)
    patient = (
        type(patient).objects.select_for_update(no_key=True, of=("self",)).select_related("user").get(pk=patient.pk)
    )
    guard.require_can_come(patient)
    today = timezone.localdate(timezone=Hospital.current().zone)
    if not today <= until <= today + timedelta(days=LONGEST_DAYS):
        raise BookingRefused(_("The last day is between today and %(days)s days from now.") % {"days": LONGEST_DAYS})
    if not (0 < weekdays <= EVERY_DAY and 0 < parts <= ANY_PART):
        raise BookingRefused(_("Choose at least one day of the week and one part of the day."))
    wishes = {"until": until, "weekdays": weekdays, "parts": parts}
    waiting = WaitlistEntry.objects.waiting().filter(patient=patient, department=department, doctor=doctor).first()
    if waiting is not None:
        WaitlistEntry.objects.filter(pk=waiting.pk).update(**wishes)
        waiting.refresh_from_db()
        return waiting
    entry = WaitlistEntry.objects.create(patient=patient, department=department, doctor=doctor, joined_by=by, **wishes)
    audit.record(by, "waitlist.joined", entry, patient=patient, detail={"doctor": doctor and doctor.pk, "until": until})
    return entry


@transaction.atomic
def leave(entry, *, by):
    """Take somebody off the list; an offer that waits for their answer is declined. Twice is once."""
    _require_may(by, entry.patient)
    guard.lock_patient(entry.patient)  # whoever offers or accepts a time has locked the patient too
    offer = WaitlistOffer.objects.open().filter(entry=entry).with_people().first()
    if offer is not None:
        freeing.release(offer, WaitlistOffer.Outcome.DECLINED, by=by)
    if _end(entry, WaitlistEntry.Outcome.LEFT):
        audit.record(by, "waitlist.left", entry, patient=entry.patient)


def places_of(entries):
    """{entry's id: how many who want the same doctor are offered a time before this one}. One query."""
    departments = {entry.department_id for entry in entries}
    queue = WaitlistEntry.objects.waiting().filter(department__in=departments).in_turn()
    queue = list(queue.values_list("pk", "department", "doctor"))
    return {entry.pk: _ahead_of(entry, queue) for entry in entries}


def _ahead_of(entry, queue):
    ahead = 0
    for pk, department, doctor in queue:
        if pk == entry.pk:
            break
        same = entry.doctor_id is None or doctor in {None, entry.doctor_id}
        ahead += department == entry.department_id and same
    return ahead


def forget_waiting(patient):
    """Whoever leaves waits no more."""
    for entry in WaitlistEntry.objects.waiting().filter(patient=patient).with_people():
        leave(entry, by=None)
    OfferLink.objects.filter(offer__entry__patient=patient).delete()


def _end(entry, outcome):
    return WaitlistEntry.objects.waiting().filter(pk=entry.pk).update(ended_at=timezone.now(), outcome=outcome)


def _require_may(by, patient):
    """The desk for everybody, patients for themselves and those they act for; by the list's own permission."""
    guard.require_may(by, "scheduling.use_waitlist", doctor=Doctor(), patient=patient)


def offer_freed_times():
    """End what has lapsed and offer what is free to the next in turn: what beat and the workers do. Twice is once.

    Returns {"offered", "lapsed", "failed"}. Each is a transaction of its own: one that fails stops no other.
    """
    done = {"offered": 0, "lapsed": 0, "failed": 0}
    hospital, now = Hospital.current(), timezone.now()
    for offer in _lapsed(now).with_people():
        done["lapsed"] += _tried(_lapse, offer, done)
    today = timezone.localdate(timezone=hospital.zone)
    WaitlistEntry.objects.waiting().filter(until__lt=today).update(ended_at=now, outcome=WaitlistEntry.Outcome.OVER)
    if holding.is_night(now, hospital.zone):
        return done
    for freed in _on_offer()[:BATCH]:
        done["offered"] += _tried(_offer_to_somebody, freed, done)
    return done


def rehearse_offers():
    """What the next run would take up: {"times to offer", "offers lapsed"}."""
    return {"times to offer": _on_offer().count(), "offers lapsed": _lapsed(timezone.now()).count()}


def times_to_offer():
    """One line for each time that the next run would try to offer."""
    hospital, now = Hospital.current(), timezone.now()
    return [f"{freed.doctor} {when.moment(freed.starts_at, hospital.zone, now)}" for freed in _on_offer()[:BATCH]]


def _tried(act, row, done):
    try:
        return bool(act(row))
    except Exception:
        log.exception("%s could not be offered or ended", row)
        done["failed"] += 1
        return False


def _lapsed(now):
    return WaitlistOffer.objects.open().filter(expires_at__lte=now)


def _on_offer():
    held = WaitlistOffer.objects.open().filter(freed=OuterRef("pk"), expires_at__gt=timezone.now())
    return FreedTime.objects.filter(done_at=None).exclude(Exists(held)).select_related("doctor")


@transaction.atomic
def _lapse(offer):
    guard.lock(offer.freed.doctor, offer.entry.patient)
    return freeing.release(offer, WaitlistOffer.Outcome.LAPSED)


def _offer_to_somebody(freed):
    """Go along the list until somebody has the offer, or the time is settled. Whether somebody has."""
    passed_over = set()
    for _try in range(TRIES):
        with transaction.atomic():
            entry, offered = _offer_to_next(freed, passed_over)
        if offered or entry is None:
            return offered
        passed_over.add(entry.pk)
    return False


def _offer_to_next(freed, passed_over):
    """(who was tried, whether the time is now held for them); (None, False) when there is nothing to offer any more."""
    doctor = guard.lock_doctors(freed.doctor)[freed.doctor_id]
    if not FreedTime.objects.filter(pk=freed.pk, done_at=None).exists():
        return None, False
    hospital, now = Hospital.current(), timezone.now()
    latest = holding.latest_answer(freed.starts_at, timedelta(minutes=hospital.shortest_notice_minutes))
    expires_at = holding.held_until(now, hospital.zone, minutes=hospital.offer_hold_minutes, latest=latest)
    if WaitlistOffer.objects.open().filter(freed=freed).exists():
        return None, False
    entry = None
    span = _span_of(freed, doctor, hospital, now)
    if span is not None and expires_at - now >= holding.SHORTEST:
        entry = _next_in_turn(freed, span, doctor, hospital.zone, passed_over)
    if entry is None:
        FreedTime.objects.filter(pk=freed.pk).update(done_at=now)
        return None, False
    return entry, _hold(freed, span, entry, hospital, expires_at)


def _span_of(freed, doctor, hospital, now):
    """The slot, while it is free and the doctor takes bookings; else None."""
    try:
        if not doctor.accepting_patients:
            return None
        guard.require_takes_bookings(doctor, None)
        return guard.slot_on_offer(doctor, freed.starts_at, terms=free.terms_for(None, hospital, now))
    except BookingRefused:
        return None


def _next_in_turn(freed, span, doctor, zone, passed_over):
    """The first on the list whom this time suits, who has not been offered it, and has nothing else then."""
    offered = WaitlistOffer.objects.filter(Q(freed=freed) | Q(ended_at=None), entry=OuterRef("pk"))
    elsewhere = Appointment.objects.blocking().filter(patient=OuterRef("patient"))
    entries = WaitlistEntry.objects.waiting().for_doctor(doctor).exclude(pk__in=passed_over)
    entries = entries.exclude(Exists(offered)).exclude(Exists(elsewhere.overlapping(span.starts, span.ends)))
    living = entries.filter(patient__died_on=None, patient__merged_into=None, patient__user__blocked_at=None)
    day, part = span.starts.astimezone(zone).date(), holding.part_of(span.starts, zone)
    return next((entry for entry in living.with_people().in_turn().iterator() if entry.suits(day, part)), None)


def _hold(freed, span, entry, hospital, expires_at):
    """Hold the time for this person and write to them. False when they are not to be had after all."""
    doctor, patient = guard.lock(freed.doctor, entry.patient)
    if not WaitlistEntry.objects.waiting().filter(pk=entry.pk, patient=patient).exists():
        return False
    freeing.end_lapsed(doctor, patient)
    try:
        guard.require_can_come(patient)
        with transaction.atomic():
            held = Appointment.objects.create(
                reference=new_reference(),
                doctor=doctor,
                patient=patient,
                department=doctor.department,
                starts_at=span.starts,
                ends_at=span.ends,
                status=Status.HELD,
                held_until=expires_at,
                fee=hospital.default_fee if doctor.fee is None else doctor.fee,
            )
    except (BookingRefused, IntegrityError):
        return False
    offer = WaitlistOffer.objects.create(
        entry=entry, freed=freed, appointment=held, made_at=timezone.now(), expires_at=expires_at
    )
    for person in family.addressees(patient):
        token, token_hash = tokens.new_token()
        notices.offered(held, hospital, offer, person=person, token=token)
        OfferLink.objects.create(
            offer=offer,
            account=person.account,
            name=person.name[:200],
            address=person.address[:254],
            token_hash=token_hash,
        )
    audit.record(None, "offer.made", entry, patient=patient, detail={"starts_at": span.starts, "doctor": doctor.pk})
    cached.after_commit(topics.VISITS, topics.times(doctor.pk))
    return True


def find_offer_link(token):
    """The link that a token opens, with its offer; None when there is none, or it is not theirs any more."""
    links = OfferLink.objects.filter(token_hash=tokens.hash_of(token)).select_related("account")
    link = links.select_related(
        "offer__appointment", "offer__entry__patient__user", "offer__freed__doctor__department"
    ).first()
    if link is None or (link.account and not family.is_party(link.account, link.offer.entry.patient)):
        return None
    return link


def offer_as_it_is(offer):
    """The offer as it is now, with its people: for pages that show it after a refusal."""
    return WaitlistOffer.objects.with_people().get(pk=offer.pk)


@transaction.atomic
def accept(offer, *, by, name="", detail=None):
    """Book the time that is held. Twice is once. BookingConflict when it is held no more, or the doctor is away."""
    patient = offer.entry.patient
    guard.require_may(by, "scheduling.book_appointment", doctor=offer.freed.doctor, patient=patient)
    doctor, patient = guard.lock(offer.freed.doctor, patient)
    fresh = offer_as_it_is(offer)
    if fresh.outcome == WaitlistOffer.Outcome.ACCEPTED and fresh.appointment.status == Status.BOOKED:
        return fresh.appointment
    now = timezone.now()
    if not fresh.holds(now) or fresh.appointment is None or fresh.appointment.patient_id != patient.pk:
        raise BookingConflict(_("This time is not held for you any more."))
    hospital, visit = Hospital.current(), fresh.appointment
    visit.doctor, visit.patient = doctor, patient
    guard.require_takes_bookings(doctor, None)
    guard.require_can_come(patient)
    guard.slot_on_offer(doctor, visit.starts_at, terms=free.terms_for(None, hospital, now), without=visit)
    values = {"status": Status.BOOKED, "held_until": None, "booked_by": by, "created_at": now}
    if not Appointment.objects.filter(pk=visit.pk, status=Status.HELD).update(**values):
        raise BookingConflict(_("This time is not held for you any more."))
    for field, value in values.items():
        setattr(visit, field, value)
    WaitlistOffer.objects.filter(pk=fresh.pk).update(ended_at=now, outcome=WaitlistOffer.Outcome.ACCEPTED)
    FreedTime.objects.filter(pk=fresh.freed_id).update(done_at=now)
    _end(fresh.entry, WaitlistEntry.Outcome.BOOKED)
    guard.note(visit, AppointmentEvent.Kind.BOOKED, by=by, reason=_("From the waiting list"), name=name)
    detail = {"doctor": doctor.pk, "starts_at": visit.starts_at} | (detail or {})
    audit.record(by, "appointment.booked", visit, patient=patient, detail=detail, name=name)
    refresh_care(doctor, patient)
    cached.after_commit(topics.VISITS, topics.times(doctor.pk))
    notices.booked(visit, hospital)
    return visit


@transaction.atomic
def decline(offer, *, by, name="", detail=None):
    """The time goes to the next in turn; their place on the list stays. Twice is once."""
    guard.require_may(by, "scheduling.book_appointment", doctor=offer.freed.doctor, patient=offer.entry.patient)
    guard.lock(offer.freed.doctor, offer.entry.patient)
    fresh = offer_as_it_is(offer)
    if fresh.outcome == WaitlistOffer.Outcome.ACCEPTED:
        raise BookingConflict(_("You have accepted this time. Cancel the visit instead, please."))
    freeing.release(fresh, WaitlistOffer.Outcome.DECLINED, by=by, name=name, detail=detail)
