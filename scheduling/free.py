"""Free times of doctors: loads rules, time off and visits in a fixed number of queries, and lets slots.py compute."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import NamedTuple

from django.db.models import Q

from accounts.models import Role
from hms.lib.kept import Kept
from scheduling import opened, slots
from scheduling.models import Appointment, ExtraHours, TimeOff, WorkingHours

STAFF_WINDOW_DAYS = 365  # staff, follow-ups and series
NEAR_DAYS = (1, 3, 14, 90)  # how far next_free looks before it loads more for those who are full until then
LONGEST = timedelta(minutes=slots.LONGEST)  # of a visit that is not over; what was taken over and lasted longer is
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
    more = slots.DAY if zone is None else timedelta(0)  # for visits that reach over midnight
    for pk, rule in _rules(found, first_day - more, last_day + more):
        if pk in found:
            found[pk].rules.append(rule)
    early, late = _bounds(first_day, last_day, zone)
    early, until = max(early, since or early), min(late, until or late)
    for pk, starts, ends in AWAY.rows(found, early, late):
        if pk in found:
            found[pk].away.append(slots.Span(starts, ends))
    visits = TAKEN.rows(found, early, until, early - LONGEST)
    _take(found, [row for pk, *row in visits if without is None or pk != without.pk])
    return found


def add_later(known, since, last_day, *, zone):
    """Bring some calendars the visits that begin at `since` or later, up to the end of a local day. One query."""
    _early, late = _bounds(last_day, last_day, zone)
    _take(known, LATER.rows(known, since, late))


def _take(known, visits):
    """Write the times of visits, (doctor's id, from, to), into the calendars of their doctors."""
    for pk, starts, ends in visits:
        if pk in known:
            known[pk].taken.append(slots.Span(starts, ends))


def open_time(doctors, first_day, last_day, *, zone):
    """{doctor's id: how long they were to be there} on some local days: rules less time off, until they left.

    Three queries however many doctors there are. Rules say what holds now: earlier ones are not kept.
    """
    by_id = {doctor.pk: doctor for doctor in doctors}
    rules, away = defaultdict(list), defaultdict(list)
    for pk, rule in _rules(by_id, first_day, last_day):
        rules[pk].append(rule)
    early, late = _bounds(first_day, last_day, zone)
    for pk, starts, ends in AWAY.rows(by_id, early, late):
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


class _Theirs:
    """A Kept of what belongs to some doctors; of very many, also what belongs to others between them.

    A list of hundreds takes longer to read, in Python and in the database, than the few rows that are left aside.
    """

    def __init__(self, build, *kinds):
        self._few = Kept(lambda ids, *values: build(Q(doctor__in=ids), *values), [int], *kinds)
        self._many = Kept(
            lambda first, last, *values: build(Q(doctor__gte=first, doctor__lte=last), *values), int, int, *kinds
        )

    def rows(self, ids, *values):
        """[tuple] of the doctors of these ids."""
        return self._few.rows(list(ids), *values) if len(ids) <= MANY else self._many.rows(min(ids), max(ids), *values)


def _weekly(theirs, weekdays):
    fields = ("doctor", "starts", "ends", "slot_minutes", "weekday", "valid_from", "valid_until")
    return WorkingHours.objects.filter(theirs, weekday__in=weekdays).values_list(*fields)


def _extra(theirs, first_day, last_day):
    extra = ExtraHours.objects.filter(theirs, date__gte=first_day, date__lte=last_day)
    return extra.values_list("doctor", "date", "starts", "ends", "slot_minutes")


def _away(theirs, early, late):
    away = TimeOff.objects.filter(theirs, starts_at__lt=late, ends_at__gt=early)
    return away.values_list("doctor", "starts_at", "ends_at")


def _taken(theirs, early, late, since):
    """Between two instants of an index: visits that reach beyond `early` begin after `since`."""
    visits = Appointment.objects.blocking().overlapping(early, late).filter(theirs, starts_at__gt=since)
    return visits.order_by().values_list("pk", "doctor", "starts_at", "ends_at")


def _later(theirs, since, late):
    visits = Appointment.objects.blocking().filter(theirs, starts_at__gte=since, starts_at__lt=late)
    return visits.order_by().values_list("doctor", "starts_at", "ends_at")


WEEKLY = _Theirs(_weekly, [int])
EXTRA = _Theirs(_extra, date, date)
AWAY = _Theirs(_away, datetime, datetime)
TAKEN = _Theirs(_taken, datetime, datetime, datetime)
LATER = _Theirs(_later, datetime, datetime)


def _rules(doctors, first_day, last_day):
    """(doctor's id, Hours) that may hold on some of these days."""
    week = slots.days_between(first_day, min(last_day, first_day + 6 * slots.DAY))
    weekdays = sorted(day.weekday() for day in week)
    for pk, starts, ends, minutes, weekday, since, until in WEEKLY.rows(doctors, weekdays):
        yield pk, slots.Hours(starts, ends, minutes, weekday, valid_from=since, valid_until=until)
    for pk, day, starts, ends, minutes in EXTRA.rows(doctors, first_day, last_day):
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
