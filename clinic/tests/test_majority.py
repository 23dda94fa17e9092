"""When a child comes of age: a birthday, and the instant at which it begins at the hospital."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from clinic.majority import comes_of_age, moment_of_majority


@pytest.mark.parametrize(
    ("born", "of_age"),
    [
        (date(2008, 6, 15), date(2026, 6, 15)),
        (date(2008, 2, 29), date(2026, 3, 1)),
        (date(2000, 2, 29), date(2018, 3, 1)),
        (date(2008, 2, 28), date(2026, 2, 28)),
        (date(2008, 3, 1), date(2026, 3, 1)),
    ],
)
def test_majority_begins_with_the_birthday_and_on_the_first_of_march_for_a_leap_day(born, of_age):
    assert comes_of_age(born) == of_age


@pytest.mark.parametrize(
    ("zone", "instant"),
    [
        ("Europe/Berlin", datetime(2026, 6, 14, 22, tzinfo=UTC)),
        ("Pacific/Auckland", datetime(2026, 6, 14, 12, tzinfo=UTC)),
        ("America/Los_Angeles", datetime(2026, 6, 15, 7, tzinfo=UTC)),
    ],
)
def test_majority_begins_at_the_hospitals_midnight(zone, instant):
    assert moment_of_majority(date(2008, 6, 15), ZoneInfo(zone)) == instant


def test_majority_begins_with_the_first_moment_of_a_day_without_midnight():
    cairo = ZoneInfo("Africa/Cairo")  # 26 April 2024 begins at 01:00
    assert moment_of_majority(date(2006, 4, 26), cairo).astimezone(UTC) == datetime(2024, 4, 25, 22, tzinfo=UTC)
