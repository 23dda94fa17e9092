"""Until when a medicine is to be taken, where the words of a duration say it. Pure."""

import re
from datetime import timedelta

DAYS = {"d": 1, "day": 1, "days": 1, "w": 7, "week": 7, "weeks": 7, "month": 30, "months": 30}
FORM = re.compile(r"(?:for )?(\d{1,3}) ?([a-z]+)\.?")


def last_day(starts_on, duration):
    """The last day of "7 days", "for 2 weeks" or "1 month" from `starts_on`; None when the words do not say."""
    match = FORM.fullmatch(duration.strip().lower())
    if not match or match[2] not in DAYS or int(match[1]) == 0:
        return None
    return starts_on + timedelta(days=int(match[1]) * DAYS[match[2]] - 1)
