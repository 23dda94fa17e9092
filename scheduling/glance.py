"""The next days of a doctor at a glance: when open, when away, what is booked, what is free. Four queries."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from scheduling import free, slots
from scheduling.stranded import is_away

DAYS = 7


@dataclass(frozen=True)
class Cell:
    """A slot of the grid and what is with it: "free", "taken", "away" or "over"."""

    starts: object
    state: str


@dataclass(frozen=True)
class Day:
    """One day: its hours as spans, the time off that touches it, its slots, and how many visits begin on it."""

    date: date
    hours: list
    away: list
    cells: list
    booked: int

    @property
    def free(self):
        return sum(cell.state == "free" for cell in self.cells)


def merged(spans):
    """Spans in order, those that touch or overlap made one."""
    found = []
    for span in sorted(spans):
        if found and span.starts <= found[-1].ends:
            last = found.pop()
            span = slots.Span(last.starts, max(last.ends, span.ends))
        found.append(span)
    return found


def hours_of(rules, day, zone):
    """When the rules open this local day."""
    return merged(
        span for rule in rules if rule.holds_on(day) for span in slots.open_spans(day, rule.starts, rule.ends, zone)
    )


def within(spans, limits):
    """The parts of the spans that lie within the limits, in order."""
    cut = (slots.Span(max(span.starts, limits.starts), min(span.ends, limits.ends)) for span in spans)
    return sorted(span for span in cut if span.starts < span.ends)


def whole_day(day, zone):
    """A local day as one span: 23, 24 or 25 hours."""
    stretches = slots.open_spans(day, slots.MIDNIGHT, slots.MIDNIGHT, zone)
    return slots.Span(stretches[0].starts, stretches[-1].ends)


def _state(slot, calendar, now):
    if is_away(slot, calendar.away):
        return "away"
    if is_away(slot, calendar.taken):
        return "taken"
    return "over" if slot.starts < now else "free"


def next_days(doctor, *, zone, now, days=DAYS):
    """A Day for today and each of the following ones."""
    today = now.astimezone(zone).date()
    listed = slots.days_between(today, today + slots.DAY * (days - 1))
    calendar = free.calendars([doctor], listed[0], listed[-1])[doctor.pk]
    booked = Counter(span.starts.astimezone(zone).date() for span in calendar.taken)
    return [
        Day(
            day,
            hours_of(calendar.rules, day, zone),
            within(merged(calendar.away), whole_day(day, zone)),
            [Cell(slot.starts, _state(slot, calendar, now)) for slot in slots.offered(calendar.rules, day, zone)],
            booked[day],
        )
        for day in listed
    ]
