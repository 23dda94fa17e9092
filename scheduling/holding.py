"""How long a freed time is held for somebody: so many minutes by day. Nights do not count. Pure."""

from datetime import UTC, datetime, timedelta

from scheduling.due import instant_of
from scheduling.models import Part
from scheduling.slots import DAY, EVENING, NOON

DAY_BEGINS, DAY_ENDS = 8, 21  # hours of the hospital's clock between which people are asked
ANSWERED_BEFORE = timedelta(hours=1)  # an offer ends this long before the time itself
SHORTEST = timedelta(minutes=15)  # with less than that to answer, nobody is asked


def is_night(now: datetime, zone):
    """Whether nobody is to be asked now."""
    return not DAY_BEGINS <= now.astimezone(zone).hour < DAY_ENDS


def held_until(now: datetime, zone, *, minutes: int, latest: datetime):
    """When an offer made now ends: after so many minutes of daytime, at `latest` in any case."""
    left, at = timedelta(minutes=minutes), now
    while at < latest:
        day = at.astimezone(zone).date()
        at = max(at, instant_of(day, DAY_BEGINS, zone))
        room = instant_of(day, DAY_ENDS, zone) - at
        if left <= room:
            return min(at + left, latest)
        left -= max(room, timedelta(0))
        at = instant_of(day + DAY, DAY_BEGINS, zone)
    return latest


def latest_answer(starts_at: datetime, notice: timedelta):
    """Until when a time can be offered at all: patients need the notice they need for booking."""
    return starts_at.astimezone(UTC) - max(notice, ANSWERED_BEFORE)


def part_of(instant: datetime, zone):
    """The part of the day an instant falls into, as slots.by_part has it."""
    shown = instant.astimezone(zone).time()
    return Part.MORNING if shown < NOON else Part.AFTERNOON if shown < EVENING else Part.EVENING
