"""Quiet hours: wall-clock times in a zone, which may reach over midnight."""

from datetime import UTC, datetime, timedelta


def ends(now, start, end, zone):
    """When the quiet hours end that `now` (aware) lies in, as an instant in UTC; None when it lies in none.

    `start` and `end` are times of day; both None is no quiet hours. The end is not quiet any more.
    """
    if start is None or end is None or start == end:
        return None
    local = now.astimezone(zone)
    clock = local.time()
    is_quiet = start <= clock < end if start < end else clock >= start or clock < end
    if not is_quiet:
        return None
    day = local.date() if clock < end else local.date() + timedelta(days=1)
    until = datetime.combine(day, end, tzinfo=zone).astimezone(UTC)
    return until if until > now else None  # an hour that comes twice is over once
