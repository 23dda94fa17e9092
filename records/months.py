"""Calendar months as reports count them: in the hospital's zone. Pure: what is now is an argument."""

from calendar import monthrange
from datetime import date, timedelta
from typing import NamedTuple

from scheduling import wall


class Range(NamedTuple):
    """Some local days, both ends included, of a zone. What a figure is about."""

    first_day: date
    last_day: date
    zone: object

    @property
    def starts_at(self):
        """The first instant of it."""
        return wall.day_begins(self.first_day, self.zone)

    @property
    def ends_at(self):
        """The first instant after it."""
        return wall.day_ends(self.last_day, self.zone)


def days_of(month, zone):
    """The Range of a month; a month is the date of its first day."""
    return Range(month, month.replace(day=monthrange(month.year, month.month)[1]), zone)


def shifted(month, number):
    """The month so many months later (or, negative, earlier)."""
    years, index = divmod(month.month - 1 + number, 12)
    return date(month.year + years, index + 1, 1)


def parted(days):
    """([Range of the whole months within a range], [Ranges of the days before and after them]): one may be empty."""
    first, last = days.first_day.replace(day=1), (days.last_day + timedelta(days=1)).replace(day=1)
    begin, end = first if first == days.first_day else shifted(first, 1), last - timedelta(days=1)
    if begin > end:
        return [], [days]
    before, after = days._replace(last_day=begin - timedelta(days=1)), days._replace(first_day=last)
    around = [some for some in (before, after) if some.first_day <= some.last_day]
    return [days._replace(first_day=begin, last_day=end)], around


def last_ended(now, zone):
    """The newest month that is over at an instant, by the local date."""
    return shifted(now.astimezone(zone).date().replace(day=1), -1)


def is_over(month, now, zone):
    """Whether a month is over by the local date."""
    return month <= last_ended(now, zone)
