"""What dashboards read is what records.figures counts: settled, not yet settled, and without any tallies."""

import itertools
import threading
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.models import Hospital
from clinic.tests.factories import DepartmentFactory, DoctorFactory, PatientFactory
from records import figures, services, tallies
from records.models import (
    DepartmentDay,
    DepartmentMonth,
    DoctorDay,
    DoctorMonth,
    FirstVisit,
    FirstVisitMonth,
    TallyBook,
)
from records.months import Range, days_of, parted
from records.services import tallying
from scheduling.models import Appointment, AppointmentEvent, Lane, Status, VisitChange
from scheduling.tests.factories import AppointmentFactory

pytestmark = pytest.mark.django_db
BERLIN, KIRITIMATI = ZoneInfo("Europe/Berlin"), ZoneInfo("Pacific/Kiritimati")
BEGIN = datetime(2026, 3, 22, tzinfo=UTC)  # a week before the clocks of Berlin change
DAYS = 75  # with all of April and May
PEOPLE = 4

visits = st.lists(
    st.tuples(
        st.integers(0, DAYS * 24 * 4 - 1),  # the quarter of an hour in which it begins
        st.integers(0, PEOPLE - 1),  # the doctor
        st.integers(0, 1),  # the department: doctors move
        st.integers(0, PEOPLE - 1),  # the patient
        st.sampled_from([*Status, Status.COMPLETED, Status.COMPLETED]),
        st.sampled_from([None, Decimal("50.00"), Decimal("0.10")]),
        st.integers(-3, 40),  # days ahead that it was booked
        st.integers(-2, 90),  # minutes waited; fewer than none: not checked in
    ),
    max_size=12,
)
changes = st.lists(
    st.tuples(
        st.integers(0, 11),
        st.sampled_from(["status", "time", "patient", "doctor", "department", "fee", "new"]),
        st.integers(0, 7000),
    ),
    max_size=6,
)
ranges = st.tuples(st.integers(-30, DAYS), st.integers(0, DAYS + 60)).map(
    lambda ends: (date(2026, 3, 22) + timedelta(days=ends[0]), date(2026, 3, 22) + timedelta(days=ends[0] + ends[1]))
)


class World:
    """A few people, and visits among them."""

    def __init__(self):
        self.doctors, self.patients = DoctorFactory.create_batch(PEOPLE), PatientFactory.create_batch(PEOPLE)
        self.departments = DepartmentFactory.create_batch(2)
        self.made = []

    def book(self, quarter, doctor, department, patient, status, fee, ahead, waited):
        starts = BEGIN + timedelta(minutes=15 * quarter)
        visit = Appointment.objects.create(
            reference=f"T{len(self.made):07d}", doctor=self.doctors[doctor], patient=self.patients[patient],
            department=self.departments[department], starts_at=starts, ends_at=starts + timedelta(minutes=20),
            status=status, fee=fee, lane=Lane.HISTORY, created_at=starts - timedelta(days=ahead),
        )  # fmt: skip
        if waited >= -1:
            begun = starts + timedelta(seconds=61 * waited)
            steps = {Status.IN_CONSULTATION: begun, Status.COMPLETED: begun + timedelta(minutes=9)}
            if waited >= 0:
                steps[Status.CHECKED_IN] = starts
            AppointmentEvent.objects.bulk_create(
                AppointmentEvent(appointment=visit, kind="status", status=then, at=at, starts_at=starts)
                for then, at in steps.items()
            )
        self.made.append(visit)

    def alter(self, number, what, chance):
        """Write a visit past the services, as an import or a merge might."""
        if what == "new" or not self.made:
            self.book(chance, chance % PEOPLE, 0, chance // 7 % PEOPLE, Status.COMPLETED, Decimal("7.00"), 2, 11)
            return
        rows = Appointment.objects.filter(pk=self.made[number % len(self.made)].pk)
        match what:
            case "status":
                rows.update(status=list(Status)[chance % len(Status)])
            case "time":
                shift = timedelta(hours=chance % 1800 - 700)
                rows.update(starts_at=F("starts_at") + shift, ends_at=F("ends_at") + shift)
            case "patient":
                rows.update(patient=self.patients[chance % PEOPLE])
            case "doctor":
                rows.update(doctor=self.doctors[chance % PEOPLE])
            case "department":
                rows.update(department=self.departments[chance % 2])
            case "fee":
                rows.update(fee=chance)


def require_same(world, days):
    """Every figure of a reading, of the hospital and of each department, is what figures.py says."""
    for department, by_month in itertools.product((None, world.departments[0]), (False, True)):
        scope = figures.Scope(department=department)
        reading = tallies.read(scope, days, by_month=by_month)
        total = tallies.total(reading.departments.values())
        assert {status: total.numbers[status] for status in tallies.STATUSES} == figures.visits_by_status(scope, days)
        assert total.visits == figures.visits(scope, days).count()
        assert total.no_shows == figures.no_shows(scope, days)
        assert total.minutes_used == figures.minutes_used(scope, days)
        assert total.fees == figures.fees(scope, days)
        assert total.lead == figures.lead(scope, days)
        exact = figures.waiting(scope, days)
        in_minutes = {part: value and (value + 30) // 60 for part, value in exact.items() if part != "visits"}
        assert total.waiting == in_minutes | {"visits": exact["visits"]}
        assert min(reading.firsts.values(), default=0) >= 0
        assert sum(reading.firsts.values()) == figures.new_patients(scope, days)
        done = Counter(figures.completed(scope, days).values_list("doctor", flat=True))
        assert done == {pk: tally.numbers["completed"] for pk, tally in reading.doctors.items() if tally.minutes_used}
        assert {pk: 20 * number for pk, number in done.items()} == {
            pk: tally.minutes_used for pk, tally in reading.doctors.items() if tally.minutes_used
        }
        counted = figures.visits(scope, days).values_list("starts_at", "department")
        by_day = Counter((starts.astimezone(days.zone).date(), pk) for starts, pk in counted)
        found = {key: tally.visits for key, tally in reading.departments.items() if tally.visits}
        assert by_month or found == by_day
        assert of_months(found, days) == of_months(by_day, days)


def of_months(by_day, days):
    """The same with whole months under their first day."""
    found = Counter()
    for (day, department), number in by_day.items():
        month = days_of(day.replace(day=1), days.zone)
        is_whole = days.first_day <= month.first_day and month.last_day <= days.last_day
        found[month.first_day if is_whole else day, department] += number
    return found


@given(visits, changes, changes, ranges, st.sampled_from([BERLIN, KIRITIMATI]))
@settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=25)
def test_a_reading_is_what_the_figures_are_whatever_was_written_since(before, since, later, ends, zone):
    with transaction.atomic():
        Hospital.objects.update(time_zone=str(zone))
        world, days = World(), Range(*ends, zone)
        for visit in before:
            world.book(*visit)
        require_same(world, days)  # no tallies yet
        services.settle_tallies()
        assert TallyBook.objects.get().zone == str(zone)
        require_same(world, days)
        for change in since:
            world.alter(*change)
        require_same(world, days)  # over the notes
        services.settle_tallies()
        assert VisitChange.objects.count() == 0
        require_same(world, days)
        for change in later:
            world.alter(*change)
        services.settle_tallies()
        settled = everything()
        services.rebuild_tallies()
        assert everything() == settled
        other = BERLIN if zone is KIRITIMATI else KIRITIMATI
        Hospital.objects.update(time_zone=str(other))
        for change in since:
            world.alter(*change)
        require_same(world, days._replace(zone=other))
        services.settle_tallies()
        require_same(world, days._replace(zone=other))
        transaction.set_rollback(True)


def everything():
    """All that the tallies say, without ids; a day on which nothing is left may stand there as zeros."""
    numbers = [*tallies.NUMBERS, "waits", "leads"]
    doctors = DoctorDay.objects.order_by("day", "doctor", "department")
    departments = DepartmentDay.objects.order_by("day", "department")
    firsts = FirstVisit.objects.order_by("day", "patient", "department")
    of_doctors = DoctorMonth.objects.order_by("day", "doctor", "department")
    of_departments = DepartmentMonth.objects.order_by("day", "department")
    of_firsts = FirstVisitMonth.objects.order_by("day", "department", "number")
    return (
        list(of_firsts.values_list("day", "department", "number")),
        list(of_doctors.values_list("day", "doctor", "department", *tallies.OF_DOCTORS)),
        list(of_departments.values_list("day", "department", *numbers)),
        list(doctors.values_list("day", "doctor", "department", *numbers)),
        list(departments.values_list("day", "department", *numbers)),
        list(firsts.values_list("day", "patient", "department")),
    )


def test_every_way_of_writing_a_visit_leaves_a_note():
    visit = AppointmentFactory()
    first = visit.starts_at
    Appointment.objects.filter(pk=visit.pk).update(
        starts_at=first + timedelta(days=1), ends_at=first + timedelta(days=2)
    )
    notes = VisitChange.objects.order_by("pk").values_list("doctor_id", "patient_id", "starts_at")
    assert set(notes[:1]) == {(visit.doctor_id, visit.patient_id, first)}
    assert set(notes[1:]) == {
        (visit.doctor_id, visit.patient_id, first),
        (visit.doctor_id, visit.patient_id, first + timedelta(days=1)),
    }
    VisitChange.objects.all().delete()
    AppointmentFactory.build_batch(3)
    Appointment.objects.bulk_create(
        Appointment(
            reference=f"B{number}", doctor=visit.doctor, patient=visit.patient, department=visit.department,
            starts_at=first + timedelta(days=number), ends_at=first + timedelta(days=number, minutes=20),
            lane=Lane.HISTORY,
        )
        for number in range(3)
    )  # fmt: skip
    assert VisitChange.objects.count() == 3


def test_settling_twice_counts_nothing_twice():
    AppointmentFactory(status=Status.COMPLETED)
    assert services.settle_tallies() == 0  # everything was counted
    assert DoctorDay.objects.count() == 1
    AppointmentFactory()
    assert [services.settle_tallies(), services.settle_tallies()] == [1, 0]
    found = DepartmentDay.objects.values_list("completed", "booked")
    assert sorted(found.exclude(department=None)) == [(0, 1), (1, 0)]
    assert list(found.filter(department=None)) == [(1, 1)]


def test_another_time_zone_is_counted_anew_and_read_from_the_visits_until_then():
    AppointmentFactory(starts_at=datetime(2026, 3, 24, 23, 30, tzinfo=UTC), status=Status.COMPLETED)
    services.settle_tallies()
    Hospital.objects.update(time_zone="Europe/Berlin")
    day = date(2026, 3, 25)
    for _once in range(2):
        found = tallies.read(figures.Scope(), Range(day, day, BERLIN)).departments
        assert tallies.total(found.values()).visits == 1
        services.settle_tallies()
    assert DepartmentDay.objects.get(department=None).day == day


def test_nobody_begins_to_count_everything_while_somebody_does():
    AppointmentFactory()
    turn = tallying._begin(BERLIN)
    assert services.settle_tallies() == 0
    assert TallyBook.objects.get().zone == ""
    TallyBook.objects.update(at=F("at") - tallying.SILENT - timedelta(seconds=1))
    services.settle_tallies()  # whoever it was has died
    book = TallyBook.objects.get()
    assert (book.zone, book.settled) == ("UTC", turn + 1)
    day = Range(date(2026, 3, 1), date(2026, 3, 2), BERLIN)
    assert tallying._in_turn(turn, tallying._count_range, day) is False


def test_tallies_of_another_form_are_counted_anew_and_not_read_until_then():
    AppointmentFactory(starts_at=BEGIN, status=Status.COMPLETED)
    services.settle_tallies()
    DepartmentMonth.objects.update(day=date(2020, 1, 1))
    TallyBook.objects.update(form=0)  # as an upgrade finds them
    days = Range(date(2026, 3, 1), date(2026, 4, 1), ZoneInfo("UTC"))
    for _once in range(2):
        found = tallies.read(figures.Scope(), days, by_month=True)
        assert tallies.total(found.departments.values()).visits == 1
        services.settle_tallies()
    assert DepartmentMonth.objects.get(department=None).completed == 1


def test_a_month_is_right_while_one_of_its_days_waits_to_be_settled():
    world, days = World(), Range(date(2026, 3, 31), date(2026, 4, 30), BERLIN)
    Hospital.objects.update(time_zone="Europe/Berlin")
    for day, waited in ((10, 3), (11, 3), (12, 40), (9, 5)):  # the last one on the day before the month
        world.book(96 * day, 0, 0, day % 2, Status.COMPLETED, Decimal("50.00"), 2, waited)
    services.settle_tallies()
    world.alter(1, "status", list(Status).index(Status.NO_SHOW))
    world.alter(2, "department", 1)
    require_same(world, days)
    april, (first, second) = date(2026, 4, 1), world.departments
    found = tallies.read(figures.Scope(), days, by_month=True).departments
    assert found[april, None].waiting == {"visits": 2, "median": 3, "p90": 41}
    assert [found[april, department.pk].no_shows for department in (first, second)] == [(1, 2), (0, 1)]
    for department, minutes in ((first, 3), (second, 41)):
        found = tallies.read(figures.Scope(department=department), days, by_month=True).departments
        assert found[april, department.pk].waiting == {"visits": 1, "median": minutes, "p90": minutes}


def test_days_that_change_make_their_month_once():
    doctor = DoctorFactory()
    starts = [datetime(2026, 4, day, 9, tzinfo=UTC) for day in range(1, 29)]
    services.settle_tallies()
    for at in starts:
        AppointmentFactory(doctor=doctor, starts_at=at, status=Status.COMPLETED)
    with CaptureQueriesContext(connection) as captured:
        services.settle_tallies()
    assert sum(query["sql"].startswith('INSERT INTO "records_doctormonth"') for query in captured) == 1
    assert DepartmentMonth.objects.get(department=None).completed == DoctorMonth.objects.get().completed == 28


@pytest.mark.parametrize(
    ("first", "last", "whole", "others"),
    [
        ("2026-01-01", "2026-12-31", ("2026-01-01", "2026-12-31"), []),
        ("2026-01-02", "2026-12-31", ("2026-02-01", "2026-12-31"), [("2026-01-02", "2026-01-31")]),
        ("2025-12-31", "2026-02-27", ("2026-01-01", "2026-01-31"), [("2025-12-31",) * 2, ("2026-02-01", "2026-02-27")]),
        ("2028-02-01", "2028-02-28", None, [("2028-02-01", "2028-02-28")]),
        ("2028-02-01", "2028-02-29", ("2028-02-01", "2028-02-29"), []),
        ("2026-11-02", "2026-12-30", None, [("2026-11-02", "2026-12-30")]),
    ],
)
def test_a_range_is_its_whole_months_and_the_days_around_them(first, last, whole, others):
    def days(ends):
        return Range(*map(date.fromisoformat, ends), UTC)

    assert parted(days((first, last))) == ([days(whole)] if whole else [], [days(ends) for ends in others])


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("last", "by_month", "queries"),
    [
        (date(2026, 1, 30), False, 6),
        (date(2026, 12, 30), False, 7),
        (date(2026, 12, 31), True, 6),
        (date(2026, 12, 30), True, 9),
    ],
)
def test_a_reading_costs_the_same_however_many_visits(rows, last, by_month, queries, django_assert_num_queries):
    AppointmentFactory.create_batch(rows, starts_at=datetime(2026, 1, 15, 9, tzinfo=UTC))
    services.settle_tallies()
    days = Range(date(2026, 1, 1), last, ZoneInfo("UTC"))
    with django_assert_num_queries(queries):
        tallies.read(figures.Scope(), days, by_month=by_month)
    AppointmentFactory.create_batch(rows, starts_at=datetime(2026, 1, 16, 9, tzinfo=UTC))
    with django_assert_num_queries(queries + 4 + by_month):
        tallies.read(figures.Scope(), days, by_month=by_month)


@pytest.mark.django_db(transaction=True)
def test_a_visit_that_is_written_while_it_is_counted_is_counted_the_next_time():
    """Two threads write visits while a third settles: in the end the tallies hold all of them."""
    doctors, patients = DoctorFactory.create_batch(2), PatientFactory.create_batch(2)
    services.settle_tallies()
    stop = threading.Event()

    def write(number):
        try:
            for step in range(12):
                AppointmentFactory(
                    doctor=doctors[number], patient=patients[number], starts_at=BEGIN + timedelta(hours=step)
                )
        finally:
            connection.close()

    def settle():
        try:
            while not stop.is_set():
                services.settle_tallies()
        finally:
            connection.close()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(2)]
    settler = threading.Thread(target=settle)
    for thread in (*writers, settler):
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    settler.join()
    services.settle_tallies()
    assert sum(DepartmentDay.objects.filter(department=None).values_list("booked", flat=True)) == 24
    assert VisitChange.objects.count() == 0
