"""Until when a medicine is to be taken, where the words of a duration say it. Pure."""

import re
from datetime import timedelta

from django.utils.translation import gettext as _

FORM = re.compile(r"(\d{1,3})\s*([^\W\d]+)")


def unit_days():
    """How many days a unit has, by its words in English and in the language in force."""
    days = {"d": 1, "day": 1, "days": 1, "w": 7, "week": 7, "weeks": 7, "month": 30, "months": 30}
    here = {_("day"): 1, _("days"): 1, _("week"): 7, _("weeks"): 7, _("month"): 30, _("months"): 30}
    return days | {word.casefold(): number for word, number in here.items()}


def last_day(starts_on, duration):
    """The last day of "7 days", "for 2 weeks" or "1 month" from `starts_on`; None when the words do not say."""
    match = FORM.fullmatch(duration.strip().casefold().removeprefix("for ").rstrip("."))
    days = unit_days().get(match[2], 0) * int(match[1]) if match else 0
    return starts_on + timedelta(days=days - 1) if days else None
