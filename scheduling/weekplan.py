"""A doctor's week as a picture: where visits, open hours and time off stand by the clock on the wall. Pure."""

from dataclasses import dataclass, field
from datetime import date

from scheduling import slots

STEP = 5  # minutes of a row
DAY_MINUTES = 24 * 60
MOST_LANES = 4
USUAL = (8 * 60, 17 * 60)  # what an empty week shows


@dataclass(frozen=True)
class Block:
    """Something that takes wall-clock minutes [starts, ends) of a day; visits side by side have a lane each."""

    starts: int
    ends: int
    visit: object = None
    lane: int = 1
    lanes: int = 1


@dataclass(frozen=True)
class Day:
    """A column of the week."""

    date: date
    open: list = field(default_factory=list)
    away: list = field(default_factory=list)
    visits: list = field(default_factory=list)


def week_of(day):
    """Monday to Sunday around a day."""
    monday = day - slots.DAY * day.weekday()
    return slots.days_between(monday, monday + slots.DAY * 6)


def minutes_on(instant, day, zone):
    """The minutes that the wall clock shows at an instant, as seen from `day`: 0 before it, 24 hours after it."""
    local = instant.astimezone(zone)
    if local.date() != day:
        return 0 if local.date() < day else DAY_MINUTES
    return local.hour * 60 + local.minute


def place(span, day, zone):
    """Where a span stands on a day, or None. It keeps its length where the clocks are put back while it lasts."""
    starts, ends = minutes_on(span.starts, day, zone), minutes_on(span.ends, day, zone)
    touches = span.starts.astimezone(zone).date() <= day <= span.ends.astimezone(zone).date()
    if ends < starts or (ends == starts and 0 < starts < DAY_MINUTES):
        ends = min(DAY_MINUTES, starts + int((span.ends - span.starts).total_seconds() // 60))
    return (starts, ends) if touches and starts < ends else None


def blocks(spans, day, zone):
    """The spans that touch a day, as blocks without lanes."""
    return [Block(*placed) for span in spans if (placed := place(span, day, zone))]


def side_by_side(placed):
    """Blocks of (starts, ends, visit), those that overlap in lanes beside each other."""
    found, cluster, reach = [], [], 0
    for starts, ends, visit in sorted(placed, key=lambda entry: entry[:2]):
        if cluster and starts >= reach:
            found += _lanes(cluster)
            cluster = []
        cluster.append((starts, ends, visit))
        reach = max(reach, ends) if len(cluster) > 1 else ends
    return found + _lanes(cluster)


def _lanes(cluster):
    """Each entry into the first lane that is free; the last lane takes what finds none."""
    until, chosen = [], []
    for starts, ends, _visit in cluster:
        free = next((number for number, end in enumerate(until) if end <= starts), len(until))
        free = min(free, MOST_LANES - 1)
        if free == len(until):
            until.append(ends)
        until[free] = max(until[free], ends)
        chosen.append(free)
    return [
        Block(starts, ends, visit, lane + 1, len(until))
        for (starts, ends, visit), lane in zip(cluster, chosen, strict=True)
    ]


def plan(days, rules, away, visits, zone):
    """A Day for each of `days`: hours from rules, time off as spans, visits with starts_at and ends_at."""
    found = []
    for day in days:
        opened = [
            span for rule in rules if rule.holds_on(day) for span in slots.open_spans(day, rule.starts, rule.ends, zone)
        ]
        placed = [
            (*where, visit)
            for visit in visits
            if (where := place(slots.Span(visit.starts_at, visit.ends_at), day, zone))
        ]
        found.append(Day(day, blocks(opened, day, zone), blocks(away, day, zone), side_by_side(placed)))
    return found


def reach_of(days):
    """(first, last) whole hours, in minutes, that hold all that is open or booked; time off alone does not count."""
    shown = [block for day in days for block in (*day.open, *day.visits)]
    first = min((block.starts for block in shown), default=USUAL[0])
    last = max((block.ends for block in shown), default=USUAL[1])
    return first // 60 * 60, -(-last // 60) * 60


@dataclass(frozen=True)
class Cell:
    """A block as rows of the picture: it begins after `row` rows and takes `rows` of them."""

    block: Block
    row: int
    rows: int


def cells(found, first, last):
    """Blocks cut to [first, last) and counted in rows."""
    for block in found:
        starts, ends = max(block.starts, first), min(block.ends, last)
        if starts < ends:
            row = (starts - first) // STEP
            yield Cell(block, row, -(-(ends - first) // STEP) - row)


def roominess(days):
    """How tall a row is to be, 1, 2 or 4, so that the shortest visit can still be read."""
    shortest = min((block.ends - block.starts for day in days for block in day.visits), default=30)
    return 1 if shortest >= 20 else 2 if shortest >= 10 else 4
