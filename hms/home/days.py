"""Local days as stretches of time."""

from datetime import timedelta

from scheduling.wall import day_begins, day_ends


def today_of(now, zone):
    return now.astimezone(zone).date()


def within_day(day, zone):
    """A filter for visits that begin on a local day."""
    return {"starts_at__gte": day_begins(day, zone), "starts_at__lt": day_ends(day, zone)}


def within_days(first, count, zone):
    """A filter for visits that begin on one of `count` local days."""
    return {"starts_at__gte": day_begins(first, zone), "starts_at__lt": day_ends(first + timedelta(count - 1), zone)}
