"""Times computed from rules, on ordinary days and on those when the clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.slots import (
    Hours,
    Span,
    by_day,
    by_part,
    clear_of,
    first_free,
    free_slots,
    offered,
    offsets_around,
    open_spans,
    steps,
)

BERLIN = ZoneInfo("Europe/Berlin")
UTC_ZONE = ZoneInfo("UTC")
# zones with changes of an hour, of half an hour, at midnight, of a whole day, and with none but an odd offset
ZONES = [
    ZoneInfo(name)
    for name in ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Havana", "Asia/Kathmandu", "UTC")
]
APIA = ZoneInfo("Pacific/Apia")
CHANGE_DAYS = [
    *(date(2026, month, day) for month, day in [(3, 8), (3, 29), (4, 5), (10, 4), (10, 25), (11, 1)]),
    *(date(2011, 12, day) for day in (29, 30, 31)),
]


def at(day, hour, minute=0):
    return datetime(2026, 6, day, hour, minute, tzinfo=UTC)


def shown(slots, zone=BERLIN):
    return [f"{slot.starts.astimezone(zone):%H:%M}" for slot in slots]


def daily(starts, ends, minutes, **more):
    return [Hours(starts, ends, minutes, weekday=day, **more) for day in range(7)]


class TestBerlinFromMidnightToSix:
    NIGHT = daily(time(0), time(6), 30)

    def test_has_twelve_half_hours_on_most_days(self):
        assert len(offered(self.NIGHT, date(2026, 6, 1), BERLIN)) == 12

    def test_has_ten_in_spring_and_none_between_two_and_three(self):
        slots = offered(self.NIGHT, date(2026, 3, 29), BERLIN)
        assert len(slots) == 10
        assert shown(slots)[3:5] == ["01:30", "03:00"]

    def test_has_fourteen_in_autumn_and_two_to_three_twice(self):
        slots = offered(self.NIGHT, date(2026, 10, 25), BERLIN)
        assert len(slots) == 14
        assert shown(slots)[3:9] == ["01:30", "02:00", "02:30", "02:00", "02:30", "03:00"]
        assert slots[4].starts == datetime(2026, 10, 25, 0, tzinfo=UTC)

    def test_a_rule_within_the_missing_hour_offers_nothing(self):
        assert offered(daily(time(2), time(3), 30), date(2026, 3, 29), BERLIN) == []
        assert open_spans(date(2026, 3, 29), time(2, 15), time(2, 45), BERLIN) == ()

    def test_a_rule_that_begins_in_the_missing_hour_begins_when_the_clock_is_back(self):
        assert shown(offered(daily(time(2, 30), time(4), 30), date(2026, 3, 29), BERLIN)) == ["03:00", "03:30"]

    def test_a_part_of_the_doubled_hour_is_open_twice(self):
        slots = offered(daily(time(2, 10), time(2, 50), 20), date(2026, 10, 25), BERLIN)
        assert shown(slots) == ["02:10", "02:30", "02:10", "02:30"]

    def test_slots_walk_elapsed_minutes_across_the_change(self):
        assert shown(offered(daily(time(1), time(5), 60), date(2026, 3, 29), BERLIN)) == ["01:00", "03:00", "04:00"]


def test_lord_howe_turns_its_clocks_by_half_an_hour():
    zone, night = ZoneInfo("Australia/Lord_Howe"), daily(time(1), time(3), 30)
    assert shown(offered(night, date(2026, 4, 5), zone), zone) == ["01:00", "01:30", "01:30", "02:00", "02:30"]
    assert shown(offered(night, date(2026, 10, 4), zone), zone) == ["01:00", "01:30", "02:30"]


def test_apia_skipped_a_whole_day():
    whole_day = daily(time(0), time(0), 60)
    counts = [len(offered(whole_day, date(2011, 12, day), APIA)) for day in (29, 30, 31)]
    assert counts == [24, 0, 24]


def test_midnight_at_the_end_of_a_day_is_an_end():
    slots = offered(daily(time(22), time(0), 30), date(2026, 6, 1), BERLIN)
    assert shown(slots) == ["22:00", "22:30", "23:00", "23:30"]
    assert slots[-1].ends == datetime(2026, 6, 1, 22, tzinfo=UTC)


def test_what_does_not_fill_a_slot_is_not_offered():
    assert shown(offered(daily(time(9), time(10, 20), 30), date(2026, 6, 1), BERLIN)) == ["09:00", "09:30"]


def test_rules_hold_on_their_days_only():
    monday = date(2026, 6, 1)
    assert Hours(time(9), time(10), 30, weekday=0).holds_on(monday)
    assert not Hours(time(9), time(10), 30, weekday=1).holds_on(monday)
    assert Hours(time(9), time(10), 30, only_on=monday).holds_on(monday)
    assert not Hours(time(9), time(10), 30, only_on=date(2026, 6, 2)).holds_on(monday)
    bounded = Hours(time(9), time(10), 30, weekday=0, valid_from=monday, valid_until=date(2026, 6, 8))
    held = [bounded.holds_on(date(2026, 5, 25) + timedelta(days=7 * week)) for week in range(4)]
    assert held == [False, True, True, False]


def test_overlapping_rules_offer_no_overlapping_slots():
    rules = [*daily(time(9), time(11), 30), *daily(time(10), time(12), 20), *daily(time(9), time(11), 30)]
    slots = offered(rules, date(2026, 6, 1), BERLIN)
    assert shown(slots) == ["09:00", "09:30", "10:00", "10:20", "10:40", "11:00", "11:20", "11:40"]


def test_busy_spans_take_every_slot_they_touch():
    slots = list(steps(Span(at(1, 9), at(1, 12)), 30))
    busy = [Span(at(1, 8), at(1, 9)), Span(at(1, 9, 50), at(1, 10, 5)), Span(at(1, 11), at(1, 11, 30))]
    assert shown(clear_of(slots, busy), UTC_ZONE) == ["09:00", "10:30", "11:30"]


def test_a_long_busy_span_hides_behind_a_short_later_one():
    slots = list(steps(Span(at(1, 9), at(1, 12)), 30))
    busy = [Span(at(1, 0), at(1, 11)), Span(at(1, 9), at(1, 9, 30))]
    assert shown(clear_of(slots, busy), UTC_ZONE) == ["11:00", "11:30"]


def test_first_free_looks_as_far_as_it_has_to():
    rules = [Hours(time(9), time(10), 30, weekday=2)]
    limits = {"zone": UTC_ZONE, "not_before": at(1, 8)}
    assert first_free(rules, [], date(2026, 6, 1), date(2026, 6, 8), **limits) == Span(at(3, 9), at(3, 9, 30))
    taken = [Span(at(3, 9), at(3, 10))]
    assert first_free(rules, taken, date(2026, 6, 1), date(2026, 6, 8), **limits) is None
    assert first_free(rules, taken, date(2026, 6, 1), date(2026, 6, 10), **limits).starts == at(10, 9)


def test_days_are_told_apart_by_the_clock_on_the_wall():
    late = [Span(at(1, 22, 30), at(1, 23)), Span(at(1, 21, 30), at(1, 22))]
    assert by_day(late, BERLIN) == {date(2026, 6, 2): late[:1], date(2026, 6, 1): late[1:]}


def test_a_day_has_morning_afternoon_and_evening():
    slots = offered(daily(time(11), time(18), 30), date(2026, 6, 1), BERLIN)
    morning, afternoon, evening = by_part(slots, BERLIN)
    assert shown(morning) == ["11:00", "11:30"]
    assert (shown(afternoon)[0], shown(afternoon)[-1]) == ("12:00", "16:30")
    assert shown(evening) == ["17:00", "17:30"]


# --- properties ---

times = st.builds(lambda number: time(number // 60, number % 60), st.integers(0, 1439))
days = st.one_of(st.sampled_from(CHANGE_DAYS), st.dates(date(2011, 1, 1), date(2030, 12, 31)))
zones = st.sampled_from([*ZONES, APIA])


@st.composite
def hours(draw):
    starts, ends = draw(times), draw(times)
    if ends != time(0) and ends <= starts:
        starts, ends = (ends, starts) if ends != starts else (time(0), ends)
    return Hours(starts, ends, draw(st.sampled_from([5, 7, 15, 20, 30, 45, 60, 90])), weekday=draw(st.integers(0, 6)))


rules_of_a_doctor = st.lists(hours(), max_size=5)
instants_of = st.integers(-3000, 3000)


def is_open(rules, instant, zone):
    local = instant.astimezone(zone)
    return any(
        rule.holds_on(local.date())
        and rule.starts <= local.time()
        and (rule.ends == time(0) or local.time() < rule.ends)
        for rule in rules
    )


@given(rules_of_a_doctor, days, zones)
def test_slots_never_overlap_and_come_in_order(rules, day, zone):
    slots = offered(rules, day, zone)
    assert all(before.ends <= after.starts for before, after in pairwise(slots))


@given(rules_of_a_doctor, days, zones)
def test_every_minute_of_a_slot_lies_in_the_hours_of_that_day(rules, day, zone):
    for slot in offered(rules, day, zone):
        assert slot.starts.astimezone(zone).date() == day
        minutes = int((slot.ends - slot.starts).total_seconds() // 60)
        assert all(is_open(rules, slot.starts + timedelta(minutes=n), zone) for n in range(minutes))


@given(hours(), days, zones)
def test_a_single_rule_leaves_no_room_for_another_slot(rule, day, zone):
    """What is open and not offered is shorter than a slot, in each stretch of open time."""
    spans = open_spans(day, rule.starts, rule.ends, zone)
    for span in spans:
        walked = list(steps(span, rule.minutes))
        assert span.ends - (walked[-1].ends if walked else span.starts) < timedelta(minutes=rule.minutes)
        assert all(slot.ends - slot.starts == timedelta(minutes=rule.minutes) for slot in walked)


@given(hours(), days, zones)
def test_open_spans_are_exactly_the_minutes_the_wall_clock_shows(rule, day, zone):
    noon = datetime.combine(day, time(12), tzinfo=UTC)
    expected = 0
    for minute in range(-36 * 60, 36 * 60):
        local = (noon + timedelta(minutes=minute)).astimezone(zone)
        before_end = rule.ends == time(0) or local.time() < rule.ends
        expected += local.date() == day and rule.starts <= local.time() and before_end
    spans = open_spans(day, rule.starts, rule.ends, zone)
    assert sum((span.ends - span.starts).total_seconds() for span in spans) == expected * 60


@given(rules_of_a_doctor, st.lists(st.tuples(instants_of, st.integers(1, 600)), max_size=8), days, zones, instants_of)
def test_free_slots_are_offered_later_and_clear_of_everything(rules, taken, day, zone, notice):
    noon = datetime.combine(day, time(12), tzinfo=UTC)
    begins = [(noon + timedelta(minutes=start), length) for start, length in taken]
    busy = [Span(start, start + timedelta(minutes=length)) for start, length in begins]
    not_before = noon + timedelta(minutes=notice)
    free = free_slots(rules, busy, day, day + timedelta(days=1), zone=zone, not_before=not_before)
    every = [slot for n in range(2) for slot in offered(rules, day + timedelta(days=n), zone)]
    expected = [
        slot
        for slot in every
        if slot.starts >= not_before and all(slot.ends <= span.starts or slot.starts >= span.ends for span in busy)
    ]
    assert free == sorted(expected)
    first = first_free(rules, busy, day, day + timedelta(days=1), zone=zone, not_before=not_before)
    assert first == (free[0] if free else None)


@given(days, zones)
def test_offsets_leave_no_gap(day, zone):
    known = offsets_around(day, zone)
    assert all(before[1] == after[0] for before, after in pairwise(known))
    for since, until, offset in known:
        assert since.astimezone(zone).utcoffset() == offset
        assert (until - timedelta(seconds=1)).astimezone(zone).utcoffset() == offset


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_a_whole_day_has_as_many_minutes_as_the_clock_lets_it_have(zone):
    for day in CHANGE_DAYS[:6]:
        (span,) = open_spans(day, time(0), time(0), zone)
        midnight = [datetime.combine(day + timedelta(days=n), time(0), tzinfo=zone) for n in range(2)]
        length = midnight[1].astimezone(UTC) - midnight[0].astimezone(UTC)
        assert span.ends - span.starts == length
