"""From the clock on the wall to instants, on ordinary days and when the clocks change."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from scheduling import wall

BERLIN, BEIRUT = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Beirut")
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


def test_an_ordinary_time_comes_once():
    assert wall.instants(date(2026, 6, 1), time(9), BERLIN) == [datetime(2026, 6, 1, 7, tzinfo=UTC)]


def test_a_time_that_is_jumped_over_never_comes():
    assert wall.instants(SPRING, time(2, 30), BERLIN) == []
    assert wall.instants(SPRING, time(3), BERLIN) == [datetime(2026, 3, 29, 1, tzinfo=UTC)]


def test_an_hour_that_comes_twice_gives_both_in_order():
    both = [datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1)]
    assert wall.instants(AUTUMN, time(2, 30), BERLIN) == both


def test_a_day_without_midnight_begins_when_its_clock_does():
    assert wall.instants(SPRING, time(0), BEIRUT) == []
    assert wall.day_begins(SPRING, BEIRUT) == datetime(2026, 3, 28, 22, tzinfo=UTC)
    assert wall.day_begins(SPRING, BEIRUT).astimezone(BEIRUT).time() == time(1)


def test_time_off_is_said_in_whole_days_where_it_is_one():
    def said(starts, ends):
        return wall.as_days(starts.astimezone(UTC), ends.astimezone(UTC), BERLIN)

    def at(day, hour):
        return datetime(2026, 6, day, hour, tzinfo=BERLIN)

    assert said(at(3, 0), at(5, 0)) == (date(2026, 6, 3), None, date(2026, 6, 4), None)
    assert said(at(3, 9), at(3, 12)) == (date(2026, 6, 3), time(9), date(2026, 6, 3), time(12))
    assert said(at(3, 9), at(4, 0)) == (date(2026, 6, 3), time(9), date(2026, 6, 3), None)


@given(st.integers(946_684_800, 4_102_444_800), st.sampled_from([BERLIN, BEIRUT]))
def test_every_instant_is_among_those_of_its_own_wall_clock(seconds, zone):
    instant = datetime.fromtimestamp(seconds, UTC)
    local = instant.astimezone(zone)
    assert instant in wall.instants(local.date(), local.time(), zone)
    assert wall.day_begins(local.date(), zone) <= instant < wall.day_ends(local.date(), zone)
