"""Free times of one doctor and of many, and what the days of a strip say."""

from datetime import date, time, timedelta
from time import perf_counter

import pytest

from accounts.models import Role
from accounts.tests.factories import UserFactory
from clinic.tests.factories import DepartmentFactory, DoctorFactory
from scheduling import free, offers
from scheduling.models import BLOCKING, Lane, Status
from scheduling.tests.conftest import MONDAY_MORNING, berlin
from scheduling.tests.factories import (
    AppointmentFactory,
    ExtraHoursFactory,
    TimeOffFactory,
    WorkingHoursFactory,
    open_all_week,
)

MONDAY = date(2026, 6, 1)


@pytest.fixture
def terms(hospital, clock):
    return free.terms_for(UserFactory(role=Role.PATIENT), hospital, MONDAY_MORNING)


def starts(doctor, day, terms, **more):
    return [slot.starts for slot in free.free_slots(doctor, day, day, terms=terms, **more)]


def test_rules_minus_time_off_minus_visits(clock, terms):
    doctor = WorkingHoursFactory(starts=time(9), ends=time(12)).doctor
    ExtraHoursFactory(doctor=doctor, date=MONDAY, starts=time(14), ends=time(15))
    TimeOffFactory(doctor=doctor, starts_at=berlin(1, 9), ends_at=berlin(1, 9, 45))
    AppointmentFactory(doctor=doctor, starts_at=berlin(1, 10, 30))
    WorkingHoursFactory(weekday=0)
    AppointmentFactory(starts_at=berlin(1, 11))
    expected = [berlin(1, 10), berlin(1, 11), berlin(1, 11, 30), berlin(1, 14), berlin(1, 14, 30)]
    assert starts(doctor, MONDAY, terms) == expected


@pytest.mark.parametrize("lane", Lane)
@pytest.mark.parametrize("status", Status)
def test_every_lane_takes_time_and_only_blocking_states_do(status, lane, clock, terms):
    doctor = WorkingHoursFactory(starts=time(9), ends=time(10)).doctor
    AppointmentFactory(doctor=doctor, starts_at=berlin(1, 9), status=status, lane=lane, overbook_reason="Acute")
    assert len(starts(doctor, MONDAY, terms)) == (1 if status in BLOCKING else 2)


def test_a_visit_may_be_thought_away(doctor, terms):
    visit = AppointmentFactory(doctor=doctor, starts_at=berlin(2, 10))
    tuesday = MONDAY + timedelta(days=1)
    assert berlin(2, 10) not in starts(doctor, tuesday, terms)
    assert berlin(2, 10) in starts(doctor, tuesday, terms, without=visit)


def test_visits_of_the_night_before_reach_into_the_day(clock, terms):
    doctor = WorkingHoursFactory(weekday=1, starts=time(0), ends=time(2)).doctor
    AppointmentFactory(doctor=doctor, starts_at=berlin(1, 23), ends_at=berlin(2, 1))
    assert starts(doctor, MONDAY + timedelta(days=1), terms) == [berlin(2, 1), berlin(2, 1, 30)]


def test_patients_see_the_window_and_staff_a_year(doctor, hospital, clock):
    patient = free.terms_for(UserFactory(role=Role.PATIENT), hospital, MONDAY_MORNING)
    assert (patient.first_day, patient.last_day, patient.staff) == (MONDAY, date(2026, 6, 8), False)
    for role in (Role.DOCTOR, Role.RECEPTION, Role.ADMIN):
        staff = free.terms_for(UserFactory(role=role), hospital, MONDAY_MORNING)
        assert (staff.last_day, staff.staff) == (date(2027, 6, 1), True)
    assert starts(doctor, date(2026, 6, 9), patient) == []
    assert len(starts(doctor, date(2026, 6, 9), staff)) == 16


def test_today_is_the_hospitals_today(hospital, clock):
    """23:30 on Sunday in UTC is Monday in Berlin."""
    assert free.terms_for(None, hospital, berlin(1, 0, 30)).first_day == MONDAY


class TestNextFree:
    def test_the_first_one_each(self, clock, terms):
        now, later, never, elsewhere = (DoctorFactory() for _number in range(4))
        open_all_week(now, starts=time(7))
        WorkingHoursFactory(doctor=later, weekday=4, starts=time(15))
        WorkingHoursFactory(doctor=never, weekday=0, valid_from=date(2026, 6, 9))
        found = free.next_free([now, later, never, elsewhere], terms=terms)
        assert {pk: slot and slot.starts for pk, slot in found.items()} == {
            now.pk: berlin(1, 8),
            later.pk: berlin(5, 15),
            never.pk: None,
            elsewhere.pk: None,
        }

    def test_who_accepts_nobody_has_none_but_for_staff(self, doctor, terms):
        doctor.accepting_patients = False
        assert free.next_free([doctor], terms=terms) == {doctor.pk: None}
        assert free.next_free([doctor], terms=terms._replace(staff=True))[doctor.pk].starts == berlin(1, 9)

    @pytest.mark.parametrize("number", [1, 3, 12])
    def test_costs_a_few_queries_however_many_doctors(self, number, clock, terms, django_assert_max_num_queries):
        doctors = DoctorFactory.create_batch(number, user=None)
        for doctor in doctors:
            WorkingHoursFactory(doctor=doctor, weekday=5)
        with django_assert_max_num_queries(12):
            found = free.next_free(doctors, terms=terms)
        assert {slot.starts for slot in found.values()} == {berlin(6, 9)}

    def test_agrees_with_looking_day_by_day(self, clock, terms):
        doctors = DoctorFactory.create_batch(4, user=None)
        for number, doctor in enumerate(doctors):
            WorkingHoursFactory(doctor=doctor, weekday=number, starts=time(9), ends=time(10))
            WorkingHoursFactory(doctor=doctor, weekday=number + 2, starts=time(9), ends=time(10))
            AppointmentFactory(
                doctor=doctor, starts_at=berlin(1 + number, 9), ends_at=berlin(1 + number, 9 + number % 2, 30)
            )
        found = free.next_free(doctors, terms=terms)
        for doctor in doctors:
            slots = free.free_slots(doctor, terms.first_day, terms.last_day, terms=terms)
            assert found[doctor.pk] == slots[0]


def test_a_strip_says_what_each_day_is(clock, terms):
    doctor = DoctorFactory()
    for weekday in (0, 1, 2, 3):
        WorkingHoursFactory(doctor=doctor, weekday=weekday, starts=time(7), ends=time(8))
    AppointmentFactory(doctor=doctor, starts_at=berlin(2, 7), ends_at=berlin(2, 8))
    TimeOffFactory(doctor=doctor, starts_at=berlin(3, 0), ends_at=berlin(4, 0))
    days = free.strip(doctor, date(2026, 5, 31), date(2026, 6, 9), terms=terms)
    assert [(day.day.day, day.state, day.free) for day in days] == [
        (31, "outside", 0),
        (1, "over", 0),
        (2, "full", 0),
        (3, "away", 0),
        (4, "open", 2),
        (5, "closed", 0),
        (6, "closed", 0),
        (7, "closed", 0),
        (8, "open", 2),
        (9, "outside", 0),
    ]


class TestNearest:
    def test_of_the_same_doctor_the_nearest_in_order(self, doctor, terms):
        AppointmentFactory(doctor=doctor, starts_at=berlin(2, 16, 30))
        near = offers.nearest(doctor, berlin(2, 16, 30), terms=terms)
        expected = [
            berlin(2, 13, 30),
            berlin(2, 14),
            berlin(2, 14, 30),
            berlin(2, 15),
            berlin(2, 15, 30),
            berlin(2, 16),
        ]
        assert [one.slot.starts for one in near] == expected

    def test_else_of_the_department(self, doctor, terms):
        colleague = DoctorFactory(department=doctor.department)
        open_all_week(colleague, starts=time(11))
        open_all_week(DoctorFactory(department=DepartmentFactory()))
        TimeOffFactory(doctor=doctor, starts_at=berlin(1, 0), ends_at=berlin(30, 0))
        near = offers.nearest(doctor, berlin(2, 10), terms=terms)
        assert [(one.doctor, one.slot.starts) for one in near] == [(colleague, berlin(1, 11))]

    def test_nothing_when_there_is_nothing(self, clock, terms):
        assert offers.nearest(DoctorFactory(), berlin(2, 10), terms=terms) == []


def test_hundreds_of_doctors_are_quick(clock, terms):
    """Three seconds are generous: it takes about a tenth of that."""
    department = DepartmentFactory()
    doctors = DoctorFactory.create_batch(200, user=None, department=department)
    for number, doctor in enumerate(doctors):
        open_all_week(doctor, starts=time(9), ends=time(17), minutes=(15, 20, 30)[number % 3])
    begun = perf_counter()
    assert all(free.next_free(doctors, terms=terms).values())
    assert perf_counter() - begun < 3


def test_many_doctors_have_the_calendars_that_each_has_alone(doctor, terms, monkeypatch):
    between, other = DoctorFactory(), DoctorFactory()
    for one in (doctor, between, other):
        open_all_week(one, starts=time(9), ends=time(12), minutes=30)
        TimeOffFactory(doctor=one, starts_at=berlin(2, 9), ends_at=berlin(2, 10))
        ExtraHoursFactory(doctor=one, date=MONDAY, starts=time(14), ends=time(15))
        AppointmentFactory(doctor=one, starts_at=berlin(1, 10))
    alone = free.calendars([doctor, other], MONDAY, MONDAY + timedelta(days=1), zone=terms.zone)
    opened = free.open_time([doctor, other], MONDAY, MONDAY, zone=terms.zone)
    monkeypatch.setattr(free, "MANY", 1)
    assert free.calendars([doctor, other], MONDAY, MONDAY + timedelta(days=1), zone=terms.zone) == alone
    assert free.open_time([doctor, other], MONDAY, MONDAY, zone=terms.zone) == opened
    assert all(one.rules and one.away and one.taken for one in alone.values())
