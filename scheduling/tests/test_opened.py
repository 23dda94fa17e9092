"""How long is open is what the instants say, one by one, whatever the clocks do."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from scheduling.opened import joined, length, open_length, without
from scheduling.slots import Hours, Span, days_between, open_spans

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
SPAN_OF_YEARS = 800  # days
ZONES = [ZoneInfo(name) for name in ("Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia", "UTC")]

days = st.integers(-30, SPAN_OF_YEARS).map(lambda number: date(2026, 1, 1) + timedelta(days=number))
clocks = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))


@st.composite
def hours(draw):
    starts, ends = draw(clocks), draw(clocks)
    if draw(st.integers(0, 3)) == 0:
        return Hours(starts, ends, 30, only_on=draw(days))
    since, until = draw(st.none() | days), draw(st.none() | days)
    return Hours(starts, ends, 30, weekday=draw(st.integers(0, 6)), valid_from=since, valid_until=until)


@st.composite
def absences(draw):
    starts = BEGIN + timedelta(minutes=draw(st.integers(-50_000, SPAN_OF_YEARS * 24 * 60)))
    return Span(starts, starts + timedelta(minutes=draw(st.integers(1, 60_000))))


def day_by_day(rules, away, first_day, last_day, zone):
    """What is open on each day, put together, less the time off."""
    every = days_between(first_day, last_day)
    held = [(day, rule) for day in every for rule in rules if rule.holds_on(day)]
    spans = [span for day, rule in held for span in open_spans(day, rule.starts, rule.ends, zone)]
    return length(without(spans, away))


@given(st.lists(hours(), max_size=6), st.lists(absences(), max_size=4), days, st.integers(0, 400),
       st.sampled_from(ZONES))  # fmt: skip
def test_years_are_as_long_as_their_days(rules, away, first_day, more, zone):
    last_day = first_day + timedelta(days=more)
    found = open_length(rules, away, first_day, last_day, zone)
    assert found == day_by_day(rules, away, first_day, last_day, zone)


@given(st.lists(absences(), max_size=6), st.lists(absences(), max_size=6))
def test_what_is_left_and_what_is_taken_are_all_there_was(spans, taken):
    left = without(spans, taken)
    assert left == joined(left)
    both = [
        Span(max(one.starts, other.starts), min(one.ends, other.ends))
        for one in joined(spans)
        for other in joined(taken)
    ]
    assert length(left) + length(span for span in both if span.starts < span.ends) == length(joined(spans))


def test_time_taken_from_time_leaves_the_rest():
    at = [datetime(2026, 10, 1, hour, tzinfo=UTC) for hour in range(10)]
    span = Span
    assert without([span(at[1], at[4]), span(at[3], at[6])], [span(at[0], at[2]), span(at[5], at[5])]) == [
        span(at[2], at[5]),
        span(at[5], at[6]),
    ]
    assert without([span(at[1], at[4])], [span(at[0], at[9])]) == []
