"""A range in stretches that a chart can show: days, weeks or months, never more than some thirty. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from hms.lib import when
from records.months import Range, shifted

BY_DAY, BY_WEEK = 31, 27 * 7  # days up to which a range is shown by day, and by week


@dataclass(frozen=True)
class Period:
    """Some days of a range, with what they are called."""

    days: Range
    label: str


def split(days, today):
    """The Periods of a range, in order, without a gap. The first and the last may be parts of a week or month."""
    length = _length(days)
    if length <= BY_DAY:
        return _cut(days, lambda day: day + timedelta(days=1), lambda first, _last: when.day(first, today))
    if length <= BY_WEEK:
        return _cut(days, lambda day: day + timedelta(days=7 - day.weekday()), lambda *ends: _from_to(*ends, today))
    return _cut(days, lambda day: shifted(day.replace(day=1), 1), lambda first, _last: date_format(first, "F Y"))


def is_by_month(days):
    """Whether each whole month of a range is one Period."""
    return _length(days) > BY_WEEK


def unit(days):
    """What the charts are by, for their headings: day, week or month."""
    length = _length(days)
    return _("Day") if length <= BY_DAY else _("Week") if length <= BY_WEEK else _("Month")


def _length(days):
    return (days.last_day - days.first_day).days + 1


def _from_to(first: date, last: date, today):
    return f"{when.day(first, today)} – {when.day(last, today)}" if first != last else when.day(first, today)


def _cut(days, next_of, name):
    periods, first = [], days.first_day
    while first <= days.last_day:
        last = min(next_of(first) - timedelta(days=1), days.last_day)
        periods.append(Period(Range(first, last, days.zone), name(first, last)))
        first = last + timedelta(days=1)
    return periods
