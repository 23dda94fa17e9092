"""From the clock on the wall to instants. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from scheduling.slots import DAY, MIDNIGHT


def instants(day: date, clock: time, zone):
    """The instants at which the wall clock of `zone` shows this: one on most days; none; or two."""
    shown = datetime.combine(day, clock)
    found = {shown.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return sorted(instant for instant in found if instant.astimezone(zone).replace(tzinfo=None) == shown)


def day_begins(day: date, zone):
    """The first instant of a local day, also where its midnight is jumped over."""
    return datetime.combine(day, MIDNIGHT, tzinfo=zone).astimezone(UTC)


def day_ends(day: date, zone):
    """The first instant after a local day."""
    return day_begins(day + DAY, zone)


class Days(NamedTuple):
    """A stretch of time as people say it: two days, and a time on each unless the whole day is meant."""

    first: date
    since: time | None
    last: date
    until: time | None


def as_days(starts_at: datetime, ends_at: datetime, zone):
    """From when until when, in days. An end at midnight means that the day before is the last one."""
    starts, ends = starts_at.astimezone(zone), ends_at.astimezone(zone)
    last = (ends_at - timedelta(microseconds=1)).astimezone(zone).date()
    whole_first, whole_last = starts_at == day_begins(starts.date(), zone), ends_at == day_ends(last, zone)
    return Days(
        starts.date(),
        None if whole_first else starts.time(),
        last if whole_last else ends.date(),
        None if whole_last else ends.time(),
    )
