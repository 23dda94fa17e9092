"""Free times, computed from rules: pure arithmetic on times, with no table in sight.

Rules are wall-clock times in the hospital's zone; everything else is an instant. A rule holds at the instants whose
wall-clock time lies within it: a time the clocks jump over is never offered, an hour that comes twice is offered twice.
"""

from bisect import bisect_left
from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from heapq import merge
from itertools import accumulate, islice, pairwise
from typing import NamedTuple

DAY = timedelta(days=1)
MIDNIGHT = time(0)
NOON = time(12)
EVENING = time(17)
SHORTEST, LONGEST = 5, 480  # minutes of a slot; no visit beside the slots is longer either


class Span(NamedTuple):
    """Time from one instant to another, the end not included."""

    starts: datetime
    ends: datetime


class Hours(NamedTuple):
    """A rule: open from `starts` to `ends` by the clock on the wall, in slots of `minutes`.

    Weekly on `weekday` (0 is Monday), between two dates where given; or once, `only_on` a date. An `ends` of 00:00 is
    midnight at the end of the day.
    """

    starts: time
    ends: time
    minutes: int
    weekday: int | None = None
    only_on: date | None = None
    valid_from: date | None = None
    valid_until: date | None = None

    def holds_on(self, day):
        """Whether the rule speaks of this day."""
        if self.only_on is not None:
            return day == self.only_on
        begun = self.valid_from is None or self.valid_from <= day
        over = self.valid_until is not None and self.valid_until < day
        return day.weekday() == self.weekday and begun and not over


def _offset(zone, instant):
    return instant.astimezone(zone).utcoffset()


def _change_between(zone, early, late):
    """The first second after `early` at which the offset is that of `late`, an hour away."""
    before = _offset(zone, early)
    seconds = range(1, int((late - early).total_seconds()) + 1)
    passed = bisect_left(seconds, True, key=lambda second: _offset(zone, early + timedelta(seconds=second)) != before)
    return early + timedelta(seconds=seconds[passed])


@lru_cache(maxsize=4096)
def offsets_around(day, zone):
    """The UTC offsets in effect near a local day: [(from, until, offset)], gapless, in order."""
    noon = datetime.combine(day, NOON, tzinfo=UTC)
    marks = [noon + timedelta(hours=hour) for hour in range(-30, 31)]  # no zone is farther than 16 h from UTC
    edges = [marks[0]]
    for early, late in pairwise(marks):
        if _offset(zone, early) != _offset(zone, late):
            edges.append(_change_between(zone, early, late))
    edges.append(marks[-1])
    return [(early, late, _offset(zone, early)) for early, late in pairwise(edges)]


@lru_cache(maxsize=16384)
def open_spans(day, starts, ends, zone):
    """The instants at which the wall clock of `zone` shows `day` and a time from `starts` to `ends`, as spans in UTC.

    One span on most days; none where the clocks jump over it; two where part of it comes a second time.
    """
    first = datetime.combine(day, starts, tzinfo=UTC)
    last = datetime.combine(day + DAY if ends == MIDNIGHT else day, ends, tzinfo=UTC)
    found = []
    for since, until, offset in offsets_around(day, zone):
        span = Span(max(since, first - offset), min(until, last - offset))
        if span.starts >= span.ends:
            continue
        if found and found[-1].ends == span.starts:
            span = Span(found.pop().starts, span.ends)
        found.append(span)
    return tuple(found)


def steps(span, minutes):
    """Slots of so many elapsed minutes, one after the other, as long as they fit into the span."""
    step = timedelta(minutes=minutes)
    starts = span.starts
    while starts + step <= span.ends:
        yield Span(starts, starts + step)
        starts += step


def offered(rules, day, zone):
    """The slots of one local day by the rules alone, in order. Where rules overlap, the slot that begins first stays,
    and of two that begin together the shorter one."""
    return list(_offered(_hours(rules, day), day, zone))


def _hours(rules, day):
    return tuple((rule.starts, rule.ends, rule.minutes) for rule in rules if rule.holds_on(day))


@lru_cache(maxsize=2048)  # doctors share their hours with others, and a day is looked at again and again
def _offered(hours, day, zone):
    spans = sorted((span, minutes) for starts, ends, minutes in hours for span in open_spans(day, starts, ends, zone))
    found = []
    for slot in merge(*(steps(span, minutes) for span, minutes in spans)):
        if not found or slot.starts >= found[-1].ends:
            found.append(slot)
    return tuple(found)


class Busy:
    """Spans of time in which nothing else fits, made ready to be asked about many slots. They may overlap."""

    def __init__(self, spans):
        ordered = sorted(spans)
        self.starts = [span[0] for span in ordered]
        self.reach = list(accumulate((span[1] for span in ordered), max))  # the latest end among the first n spans

    def touches(self, span):
        """Whether some busy span shares time with this one."""
        before = bisect_left(self.starts, span.ends)
        return bool(before) and self.reach[before - 1] > span.starts


def clear_of(slots, busy):
    """The slots that touch no busy span. `busy` is a Busy, or spans in any order."""
    busy = busy if isinstance(busy, Busy) else Busy(busy)
    return [slot for slot in slots if not busy.touches(slot)]


def days_between(first_day, last_day):
    """Every day from the first to the last, both included."""
    return [first_day + timedelta(days=number) for number in range((last_day - first_day).days + 1)]


def free_slots(rules, busy, first_day, last_day, *, zone, not_before):
    """Slots of these local days that begin at `not_before` or later, clear of every busy span, in order."""
    days = days_between(first_day, last_day)
    slots = [slot for day in days for slot in offered(rules, day, zone) if slot.starts >= not_before]
    return sorted(clear_of(slots, busy))


def first_free(rules, busy, first_day, last_day, *, zone, not_before):
    """The first free slot of these days, or None. Looks no further than it has to."""
    busy = Busy(busy)
    for day in days_between(first_day, last_day):
        day_slots = _offered(_hours(rules, day), day, zone)
        for slot in islice(day_slots, bisect_left(day_slots, (not_before,)), None):
            if not busy.touches(slot):
                return slot
    return None


def by_day(slots, zone):
    """{local day: its slots}."""
    days = defaultdict(list)
    for slot in slots:
        days[slot.starts.astimezone(zone).date()].append(slot)
    return dict(days)


def by_part(slots, zone):
    """The slots of a day as (morning, afternoon, evening): before noon, before five, and after."""
    parts = ([], [], [])
    for slot in slots:
        shown = slot.starts.astimezone(zone).time()
        parts[(shown >= NOON) + (shown >= EVENING)].append(slot)
    return parts
