"""When reminders are due: an hour of the hospital's clock, on the day before a visit or on its day. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from scheduling.slots import DAY


@dataclass(frozen=True)
class Round:
    """One round of reminders: for the visits of a local day, since an instant. `today`: it is the day's own round."""

    day: date
    since: datetime
    today: bool


def instant_of(day: date, hour: int, zone):
    """When the clock of `zone` first shows that hour; where it is jumped over, the moment of the jump."""
    return datetime.combine(day, time(hour), tzinfo=zone).astimezone(UTC)


def rounds(now: datetime, zone, *, eve_hour: int, day_hour: int | None, catch_up: timedelta):
    """The rounds that are due now, each until `catch_up` after its hour; never two for the visits of one day.

    Once the round of the day itself is due, the one of the eve is not made up for any more: one mail is enough.
    """
    today = now.astimezone(zone).date()
    found = {}
    for day in (today, today + DAY):
        possible = [Round(day, instant_of(day - DAY, eve_hour, zone), today=False)]
        if day_hour is not None:
            possible.append(Round(day, instant_of(day, day_hour, zone), today=True))
        for one in possible:
            if one.since <= now:
                found[day] = one
    return [one for one in found.values() if now < one.since + catch_up]
