"""Days, times, ages and sums as people read them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hms.lib import when

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)  # Sunday, 11:00 in Berlin


def test_a_moment_is_told_in_the_hospitals_zone():
    assert when.moment(datetime(2026, 11, 24, 8, 30, tzinfo=UTC), BERLIN, NOW) == "Tue 24 Nov, 09:30"


def test_a_moment_of_another_year_says_which():
    assert when.moment(datetime(2027, 1, 5, 8, 30, tzinfo=UTC), BERLIN, NOW) == "Tue 5 Jan 2027, 09:30"


def test_the_hour_that_comes_twice_is_told_apart_by_its_offset():
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert when.clock(first, BERLIN) == "02:30 (UTC+02:00)"
    assert when.clock(second, BERLIN) == "02:30 (UTC+01:00)"
    assert when.clock(first - timedelta(hours=1), BERLIN) == "01:30"
    assert when.clock(second + timedelta(hours=1), BERLIN) == "03:30"


def test_the_hour_that_does_not_come_leaves_its_neighbours_plain():
    assert when.clock(datetime(2026, 3, 29, 0, 30, tzinfo=UTC), BERLIN) == "01:30"
    assert when.clock(datetime(2026, 3, 29, 1, 30, tzinfo=UTC), BERLIN) == "03:30"


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        (timedelta(seconds=20), "now"),
        (timedelta(minutes=1), "in 1 minute"),
        (timedelta(minutes=-45), "45 minutes ago"),
        (timedelta(hours=3), "in 3 hours"),
        (timedelta(hours=13), "tomorrow"),
        (timedelta(hours=-12), "yesterday"),
        (timedelta(days=2), "in 2 days"),
        (timedelta(days=-20), "2 weeks ago"),
        (timedelta(days=90), "in 3 months"),
        (timedelta(days=-800), "2 years ago"),
    ],
)
def test_a_distance_counts_hours_within_the_day_and_then_days_on_the_calendar(gap, words):
    assert when.distance(NOW + gap, BERLIN, NOW) == words


@given(st.integers(-(10**9), 4 * 10**9), st.integers(-(10**9), 10**9))
def test_what_is_ahead_is_never_told_as_past(now, gap):
    now, gap = datetime.fromtimestamp(now, UTC), timedelta(seconds=gap)
    words = when.distance(now + gap, BERLIN, now)
    if gap > timedelta(0):
        assert "ago" not in words
        assert words != "yesterday"
    if gap < timedelta(0):
        assert not words.startswith("in ")
        assert words != "tomorrow"


@pytest.mark.parametrize(
    ("born", "words"),
    [
        (date(1990, 11, 22), "36 years"),
        (date(1990, 11, 23), "35 years"),
        (date(2024, 11, 23), "23 months"),
        (date(2026, 11, 1), "21 days"),
        (date(2026, 11, 22), "0 days"),
        (date(2027, 1, 1), ""),
        (None, ""),
    ],
)
def test_ages_are_years_and_for_small_children_months_or_days(born, words):
    assert when.age(born, date(2026, 11, 22)) == words


@pytest.mark.parametrize(("minutes", "words"), [(0, "0 min"), (45, "45 min"), (60, "1 h"), (90, "1 h 30 min")])
def test_durations(minutes, words):
    assert when.duration(minutes) == words


@pytest.mark.parametrize(("amount", "words"), [("50", "50.00 EUR"), ("1250.5", "1,250.50 EUR"), (None, "")])
def test_money_has_its_currency_and_two_places(amount, words):
    assert when.money(amount, "EUR").replace("\N{NO-BREAK SPACE}", " ") == words


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Amara Mbeki", "AM"),
        ("Dr. Lena Fischer", "LF"),
        ("Sukarno", "S"),
        ("李小龍", "李"),
        ("María José de la Cruz", "MC"),
        ("", ""),
        ("42", ""),
    ],
)
def test_initials_of_names_as_people_write_them(name, letters):
    assert when.initials(name) == letters
