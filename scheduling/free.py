"""Free times of doctors: loads rules, time off and visits in a fixed number of queries, and lets slots.py compute."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import NamedTuple

from django.db.models import Q

from accounts.models import Role
from scheduling import opened, slots
from scheduling.models import Appointment, ExtraHours, TimeOff, WorkingHours

STAFF_WINDOW_DAYS = 365  # staff, follow-ups and series
NEAR_DAYS = (1, 3, 14, 90)  # how far next_free looks before it loads more for those who are full until then
LONGEST = timedelta(days=1)  # of a visit: slots are 8 hours at most, and what was taken over and lasted longer is over
MANY = 100  # doctors
ANYWHERE = timedelta(hours=28)  # a local day begins and ends within this of its noon in UTC, in every zone
STAFF = {Role.DOCTOR, Role.RECEPTION, Role.ADMIN}


class Terms(NamedTuple):
    """How soon and how far ahead somebody may book."""

    now: datetime
    not_before: datetime
    first_day: date
    last_day: date
    zone: tzinfo
    staff: bool = False  # may also book with doctors who accept no patients at the moment


def is_staff(user):
    """Whether booking terms for staff hold; None is the system itself."""
    return user is None or getattr(user, "role", None) in STAFF


def terms_for(user, hospital, now):
    """Patients and visitors: after the shortest notice, within the booking window. Staff: from now, for a year."""
    zone = hospital.zone
    today = now.astimezone(zone).date()
    if is_staff(user):
        return Terms(now, now, today, today + timedelta(days=STAFF_WINDOW_DAYS), zone, staff=True)
    notice = timedelta(minutes=hospital.shortest_notice_minutes)
    return Terms(now, now + notice, today, today + timedelta(days=hospital.booking_window_days), zone)


@dataclass
class Calendar:
    """What is known of one doctor's time."""

    rules: list = field(default_factory=list)
    away: list = field(default_factory=list)
    taken: list = field(default_factory=list)

    @property
    def busy(self):
        return self.away + self.taken


def calendars(doctors, first_day, last_day, *, zone=None, without=None, since=None, until=None):
    """{doctor's id: Calendar} for some local days, in four queries however many doctors there are.

    `zone` spares what surely lies outside these days. `without` is a visit that does not count: the one that is about
    to move. What was over at `since` is left out, and visits that begin at `until` or later: see `add_later`.
    """
    found = {doctor.pk: Calendar() for doctor in doctors}
    theirs = _of(found)
    more = slots.DAY if zone is None else timedelta(0)  # for visits that reach over midnight
    for pk, rule in _rules(theirs, first_day - more, last_day + more):
        if pk in found:
            found[pk].rules.append(rule)
    early, late = _bounds(first_day, last_day, zone)
    early = max(early, since or early)
    away = TimeOff.objects.filter(theirs, starts_at__lt=late, ends_at__gt=early)
    for pk, starts, ends in away.values_list("doctor", "starts_at", "ends_at"):
        if pk in found:
            found[pk].away.append(slots.Span(starts, ends))
    visits = Appointment.objects.blocking().overlapping(early, min(late, until or late))
    visits = visits.filter(starts_at__gt=early - LONGEST)  # between two instants of an index
    _take(found, visits.exclude(pk=without.pk) if without else visits)
    return found


def add_later(known, since, last_day, *, zone):
    """Bring some calendars the visits that begin at `since` or later, up to the end of a local day. One query."""
    _early, late = _bounds(last_day, last_day, zone)
    _take(known, Appointment.objects.blocking().filter(starts_at__gte=since, starts_at__lt=late))


def _take(known, visits):
    """Write the times of visits into the calendars of their doctors, {doctor's id: Calendar}."""
    for pk, starts, ends in visits.filter(_of(known)).order_by().values_list("doctor", "starts_at", "ends_at"):
        if pk in known:
            known[pk].taken.append(slots.Span(starts, ends))


def open_time(doctors, first_day, last_day, *, zone):
    """{doctor's id: how long they were to be there} on some local days: rules less time off, until they left.

    Three queries however many doctors there are. Rules say what holds now: earlier ones are not kept.
    """
    by_id = {doctor.pk: doctor for doctor in doctors}
    rules, away = defaultdict(list), defaultdict(list)
    theirs = _of(by_id)
    for pk, rule in _rules(theirs, first_day, last_day):
        rules[pk].append(rule)
    early, late = _bounds(first_day, last_day, zone)
    off = TimeOff.objects.filter(theirs, starts_at__lt=late, ends_at__gt=early)
    for pk, starts, ends in off.values_list("doctor", "starts_at", "ends_at"):
        away[pk].append(slots.Span(starts, ends))
    for pk, doctor in by_id.items():
        if doctor.retired_at and doctor.retired_at < late:
            away[pk].append(slots.Span(doctor.retired_at, late))
    return {pk: opened.open_length(rules[pk], away[pk], first_day, last_day, zone) for pk in by_id}


def _bounds(first_day, last_day, zone):
    """From the beginning of the first local day to the end of the last one; generous when the zone is not given."""
    if zone is None:
        noons = (datetime.combine(day, slots.NOON, tzinfo=UTC) for day in (first_day, last_day))
        return next(noons) - ANYWHERE, next(noons) + ANYWHERE
    spans = [slots.offsets_around(day, zone) for day in (first_day, last_day)]
    return (
        datetime.combine(first_day, slots.MIDNIGHT, tzinfo=UTC) - max(offset for _since, _until, offset in spans[0]),
        datetime.combine(last_day + slots.DAY, slots.MIDNIGHT, tzinfo=UTC) - min(offset for *_span, offset in spans[1]),
    )


def _of(ids):
    """A filter for what belongs to these doctors; of very many, also what belongs to others between them.

    A list of hundreds takes longer to read, in Python and in the database, than the few rows that are left aside.
    """
    if len(ids) <= MANY:
        return Q(doctor__in=list(ids))
    return Q(doctor__gte=min(ids), doctor__lte=max(ids))


def _rules(theirs, first_day, last_day):
    weekly = WorkingHours.objects.filter(theirs)
    if (last_day - first_day).days < 6:
        weekly = weekly.filter(weekday__in={day.weekday() for day in slots.days_between(first_day, last_day)})
    fields = ("doctor", "starts", "ends", "slot_minutes", "weekday", "valid_from", "valid_until")
    for pk, starts, ends, minutes, weekday, since, until in weekly.values_list(*fields):
        yield pk, slots.Hours(starts, ends, minutes, weekday, valid_from=since, valid_until=until)
    extra = ExtraHours.objects.filter(theirs, date__range=(first_day, last_day))
    for pk, day, starts, ends, minutes in extra.values_list("doctor", "date", "starts", "ends", "slot_minutes"):
        yield pk, slots.Hours(starts, ends, minutes, only_on=day)


def free_slots(doctor, first_day, last_day, *, terms, without=None):
    """The doctor's free slots on these local days, within somebody's terms, in order."""
    first_day, last_day = max(first_day, terms.first_day), min(last_day, terms.last_day)
    if first_day > last_day:
        return []
    calendar = calendars([doctor], first_day, last_day, zone=terms.zone, without=without)[doctor.pk]
    return slots.free_slots(
        calendar.rules, calendar.busy, first_day, last_day, zone=terms.zone, not_before=terms.not_before
    )


def next_free(doctors, *, terms):
    """{doctor's id: the first free slot within the terms, or None}.

    Looks at today first and loads more only for those who are full until then: never more than twenty queries, however
    many doctors there are.
    """
    found = {doctor.pk: None for doctor in doctors}
    left = [doctor for doctor in doctors if doctor.accepting_patients or terms.staff]
    first_day = terms.first_day
    for days in (*NEAR_DAYS, (terms.last_day - terms.first_day).days + 1):
        last_day = min(terms.first_day + timedelta(days=days - 1), terms.last_day)
        if not left or first_day > last_day:
            continue
        for pk, calendar in calendars(left, first_day, last_day, zone=terms.zone, since=terms.now).items():
            found[pk] = slots.first_free(
                calendar.rules, calendar.busy, first_day, last_day, zone=terms.zone, not_before=terms.not_before
            )
        left = [doctor for doctor in left if found[doctor.pk] is None]
        first_day = last_day + slots.DAY
    return found


def free_on(doctors, day, *, terms):
    """The ids of the doctors who have a free slot that day."""
    if not terms.first_day <= day <= terms.last_day:
        return set()
    open_to = [doctor for doctor in doctors if doctor.accepting_patients or terms.staff]
    known = calendars(open_to, day, day, zone=terms.zone, since=terms.now)
    limits = {"zone": terms.zone, "not_before": terms.not_before}
    return {pk for pk, of in known.items() if slots.first_free(of.rules, of.busy, day, day, **limits)}


class Day(NamedTuple):
    """A day of a doctor's calendar, for a strip of days."""

    day: date
    state: str  # "open", "full", "away", "closed", "over" (no more today) or "outside" (not within the terms)
    slots: list

    @property
    def free(self):
        return len(self.slots)


def strip(doctor, first_day, last_day, *, terms, without=None):
    """What each of these days offers, closed days included. Four queries."""
    calendar = calendars([doctor], first_day, last_day, zone=terms.zone, without=without)[doctor.pk]
    return [_day(calendar, day, terms) for day in slots.days_between(first_day, last_day)]


def _day(calendar, day, terms):
    if not terms.first_day <= day <= terms.last_day:
        return Day(day, "outside", [])
    offered = slots.offered(calendar.rules, day, terms.zone)
    present = slots.clear_of(offered, calendar.away)
    later = [slot for slot in present if slot.starts >= terms.not_before]
    free = slots.clear_of(later, calendar.taken)
    if free:
        return Day(day, "open", free)
    if not offered:
        return Day(day, "closed", [])
    if not present:
        return Day(day, "away", [])
    return Day(day, "full" if later else "over", [])
