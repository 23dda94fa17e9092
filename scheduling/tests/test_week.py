"""A doctor's week: where things stand in the picture, also when the clocks change, and who may look."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from clinic.tests.factories import DoctorFactory
from scheduling import weekplan
from scheduling.models import Status
from scheduling.slots import Hours, Span
from scheduling.tests.conftest import berlin
from scheduling.tests.factories import AppointmentFactory, TimeOffFactory, WorkingHoursFactory
from scheduling.weekplan import Block

WEEK = reverse("scheduling:week")
BERLIN = ZoneInfo("Europe/Berlin")
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


def utc(day, hour, minute=0):
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def test_a_week_runs_from_monday_to_sunday():
    days = weekplan.week_of(date(2026, 6, 4))
    assert (days[0], days[-1], len(days)) == (date(2026, 6, 1), date(2026, 6, 7), 7)


def test_a_span_stands_where_the_wall_clock_shows_it():
    span = Span(berlin(3, 9, 15), berlin(3, 10))
    assert weekplan.place(span, date(2026, 6, 3), BERLIN) == (555, 600)
    assert weekplan.place(span, date(2026, 6, 2), BERLIN) is None
    assert weekplan.place(span, date(2026, 6, 4), BERLIN) is None


def test_a_span_over_midnight_stands_on_both_days_and_one_that_ends_there_on_one():
    over = Span(berlin(3, 23), berlin(4, 1))
    assert [weekplan.place(over, date(2026, 6, day), BERLIN) for day in (3, 4)] == [(1380, 1440), (0, 60)]
    until = Span(berlin(3, 23), berlin(4, 0))
    assert [weekplan.place(until, date(2026, 6, day), BERLIN) for day in (3, 4)] == [(1380, 1440), None]


def test_the_hour_that_is_jumped_over_is_a_gap_in_the_picture():
    assert weekplan.place(Span(utc(SPRING, 0, 30), utc(SPRING, 1, 30)), SPRING, BERLIN) == (90, 210)


@pytest.mark.parametrize(
    ("starts", "ends", "placed"),
    [
        ((0, 0), (0, 30), (120, 150)),  # 02:00 to 02:30, the first time
        ((0, 30), (1, 0), (150, 180)),  # 02:30 to 02:00: half an hour, over the change
        ((1, 0), (1, 30), (120, 150)),  # 02:00 to 02:30, the second time
        ((0, 30), (1, 30), (150, 210)),  # from half past two to half past two: an hour
    ],
)
def test_the_hour_that_comes_twice_keeps_visits_as_long_as_they_are(starts, ends, placed):
    assert weekplan.place(Span(utc(AUTUMN, *starts), utc(AUTUMN, *ends)), AUTUMN, BERLIN) == placed


def test_a_day_of_the_clock_change_is_open_by_the_wall_clock():
    rules = [Hours(time(1), time(6), 30, weekday=6)]
    for day in (SPRING, AUTUMN):
        planned = weekplan.plan([day], rules, [], [], BERLIN)[0]
        assert (min(block.starts for block in planned.open), max(block.ends for block in planned.open)) == (60, 360)


def test_what_overlaps_stands_side_by_side_and_what_does_not_has_the_whole_width():
    found = weekplan.side_by_side([(540, 600, "a"), (570, 630, "b"), (600, 660, "c"), (700, 730, "d")])
    assert found == [
        Block(540, 600, "a", 1, 2),
        Block(570, 630, "b", 2, 2),
        Block(600, 660, "c", 1, 2),
        Block(700, 730, "d", 1, 1),
    ]


@given(st.lists(st.tuples(st.integers(0, 1430), st.integers(1, 300)), max_size=12))
def test_nothing_is_lost_and_at_most_the_last_lane_is_shared(spans):
    placed = [(starts, min(starts + length, 1440), number) for number, (starts, length) in enumerate(spans)]
    found = weekplan.side_by_side(placed)
    assert sorted(block.visit for block in found) == list(range(len(placed)))
    for block in found:
        assert 1 <= block.lane <= block.lanes <= weekplan.MOST_LANES
        beside = [other for other in found if other is not block and other.lane == block.lane]
        if block.lane < weekplan.MOST_LANES:
            assert all(other.ends <= block.starts or other.starts >= block.ends for other in beside)


@given(st.integers(1_577_836_800, 2_051_222_400), st.integers(1, 600))
def test_every_visit_stands_on_the_day_it_begins(seconds, minutes):
    starts = datetime.fromtimestamp(seconds // 60 * 60, UTC)
    day = starts.astimezone(BERLIN).date()
    begins, ends = weekplan.place(Span(starts, starts + timedelta(minutes=minutes)), day, BERLIN)
    assert 0 <= begins < ends <= weekplan.DAY_MINUTES


def test_the_picture_reaches_from_the_first_to_the_last_hour_with_something_in_it():
    assert weekplan.reach_of([weekplan.Day(date(2026, 6, 1))]) == (480, 1020)
    assert weekplan.reach_of([weekplan.Day(date(2026, 6, 1), [Block(545, 1001)], [Block(0, 1440)])]) == (540, 1020)


def test_blocks_become_rows_of_five_minutes():
    cells = list(weekplan.cells([Block(540, 570), Block(0, 1440), Block(100, 200), Block(607, 612)], 540, 1020))
    assert [(cell.row, cell.rows) for cell in cells] == [(0, 6), (0, 96), (13, 2)]


def test_rows_are_taller_where_visits_are_short():
    days = [weekplan.Day(date(2026, 6, 1), visits=[Block(0, minutes)]) for minutes in (30, 15, 5)]
    assert [weekplan.roominess([day]) for day in days] == [1, 2, 4]


@pytest.fixture
def own(client, doctor):
    client.force_login(doctor.user)
    return client


def visits_on(response):
    return {column.date.day: column.listed for column in response.context["columns"]}


def test_a_doctor_sees_the_own_week(own, doctor):
    visit = AppointmentFactory(doctor=doctor, starts_at=berlin(3, 10))
    AppointmentFactory(doctor=doctor, starts_at=berlin(3, 11), status=Status.CANCELLED)
    AppointmentFactory(doctor=doctor, starts_at=berlin(8, 11))
    stranger = AppointmentFactory(starts_at=berlin(3, 12))
    TimeOffFactory(doctor=doctor, starts_at=berlin(4, 0), ends_at=berlin(5, 0))
    response = own.get(WEEK)
    assert visits_on(response) == {1: [], 2: [], 3: [visit], 4: [], 5: [], 6: [], 7: []}
    cell = response.context["columns"][2].visits[0]
    assert (cell.row, cell.rows) == (12, 6)
    assert [len(column.away) for column in response.context["columns"]] == [0, 0, 0, 1, 0, 0, 0]
    assert stranger.patient.name not in response.content.decode()


def test_other_weeks_by_any_of_their_days(own, doctor):
    visit = AppointmentFactory(doctor=doctor, starts_at=berlin(10, 10))
    response = own.get(WEEK, {"date": "2026-06-14"})
    assert visits_on(response)[10] == [visit]
    assert (response.context["previous"], response.context["next"]) == (date(2026, 6, 1), date(2026, 6, 15))
    assert own.get(WEEK, {"date": "2026-02-30"}).context["days"][0] == date(2026, 6, 1)


def test_a_clock_change_week_opens(client, doctor, clock):
    clock.move_to(datetime(2026, 10, 20, 6, tzinfo=UTC))
    client.force_login(doctor.user)
    WorkingHoursFactory(doctor=doctor, weekday=6, starts=time(0), ends=time(6))
    both = [AppointmentFactory(doctor=doctor, starts_at=utc(AUTUMN, hour, 30)) for hour in (0, 1)]
    response = client.get(WEEK, {"date": "2026-10-25"})
    assert visits_on(response)[25] == both
    assert [(cell.block.starts, cell.block.lanes) for cell in response.context["columns"][6].visits] == [
        (150, 2),
        (150, 2),
    ]


def test_doctors_see_no_other_week_and_other_roles_none(client, own, receptionist, patient):
    other = DoctorFactory()
    assert own.get(WEEK, {"doctor": other.pk}).status_code == 404
    for user in (receptionist, patient.user):
        client.force_login(user)
        assert client.get(WEEK).status_code == 403


def test_an_administrator_chooses_the_doctor(client, administrator, doctor):
    visit = AppointmentFactory(doctor=doctor, starts_at=berlin(3, 10))
    client.force_login(administrator)
    assert "Choose a doctor" in client.get(WEEK).content.decode()
    assert visits_on(client.get(WEEK, {"doctor": doctor.pk}))[3] == [visit]
    for wrong in ("0", "x", "9" * 30, "999999"):
        assert client.get(WEEK, {"doctor": wrong}).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_week_costs_the_same_however_full(count, own, doctor, django_assert_max_num_queries):
    for number in range(count):
        AppointmentFactory(doctor=doctor, starts_at=berlin(1 + number, 10))
    own.get(WEEK)
    with django_assert_max_num_queries(15):
        assert own.get(WEEK).context["count"] == count
