"""Stretches of time that a dashboard looks back on, cut into the bars of a chart. Pure: today is an argument."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from records.months import Range, days_of, shifted


@dataclass(frozen=True)
class Period:
    """What stands in the address, what people read, and [(label, Range)], gapless, the last one up to today."""

    key: str
    label: str
    bars: list

    @property
    def days(self):
        """All of it as one Range."""
        first, last = self.bars[0][1], self.bars[-1][1]
        return Range(first.first_day, last.last_day, last.zone)


def weeks(number, today, zone):
    """The last so many times seven days."""
    ends = [today - timedelta(days=7 * back) for back in range(number - 1, -1, -1)]
    return [_week(Range(last - timedelta(days=6), last, zone)) for last in ends]


def _week(days):
    return f"{date_format(days.first_day, 'j M')} – {date_format(days.last_day, 'j M')}", days


def months(number, today, zone):
    """The last so many months, this one as far as it has come."""
    begins = [shifted(today.replace(day=1), -back) for back in range(number - 1, -1, -1)]
    return [(date_format(month, "M Y"), _until(today, days_of(month, zone))) for month in begins]


def years(number, today, zone):
    """The last so many years, this one as far as it has come."""
    numbers = range(today.year - number + 1, today.year + 1)
    return [(str(year), _until(today, Range(date(year, 1, 1), date(year, 12, 31), zone))) for year in numbers]


def _until(today, days):
    return days._replace(last_day=min(days.last_day, today))


FOR_DOCTORS = {
    "4w": (_("4 weeks"), weeks, 4),
    "3m": (_("3 months"), weeks, 13),
    "12m": (_("12 months"), months, 12),
}
FOR_PATIENTS = {"12m": (_("12 months"), months, 12), "5y": (_("5 years"), years, 5)}


def chosen(asked, known, today, zone):
    """The Period that was asked for among those known; the first one where nothing or something else was."""
    key = asked if asked in known else next(iter(known))
    label, cut, number = known[key]
    return Period(key, label, cut(number, today, zone))


def choices(known, period):
    """[(key, label, whether it is the chosen one)]."""
    return [(key, label, key == period.key) for key, (label, _cut, _number) in known.items()]
