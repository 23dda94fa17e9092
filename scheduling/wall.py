"""From the clock on the wall to instants. Pure."""

from datetime import UTC, date, datetime, time

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
