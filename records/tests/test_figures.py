"""Figures against plain loops over random rows: months with a clock change, other doctors, visits around midnight."""

import random
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from clinic.models import Hospital
from clinic.tests.factories import DoctorFactory, PatientFactory
from records import figures, months
from records.models import Diagnosis, Encounter
from scheduling.models import Appointment, AppointmentEvent, Lane, Status
from scheduling.tests.factories import ExtraHoursFactory, TimeOffFactory, WorkingHoursFactory

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
MARCH, OCTOBER = date(2026, 3, 1), date(2026, 10, 1)
CODES = [("icd10", "I10", "Hypertension"), ("icd10", "I10", "High pressure"), ("icd10", "R51", "Headache"),
         ("none", "", "Kopfweh"), ("snomed", "38341003", "Hypertension")]  # fmt: skip


@pytest.fixture(autouse=True)
def in_berlin(db):
    Hospital.objects.update(time_zone="Europe/Berlin")


def random_rows(chance, doctors, patients, month):
    """Visits from before the month until after it, with events and records: [(visit, events, diagnoses)]."""
    begin = datetime.combine(month, time(), tzinfo=BERLIN).astimezone(UTC) - timedelta(days=3)
    made = []
    for number in range(220):
        starts = begin + timedelta(minutes=15 * chance.randrange(37 * 24 * 4))
        visit = Appointment(
            reference=f"R{number:07d}", doctor=(doctor := chance.choice(doctors)), patient=chance.choice(patients),
            department=doctor.department, starts_at=starts, ends_at=starts + timedelta(minutes=chance.choice((15, 40))),
            status=chance.choice([*Status, Status.COMPLETED, Status.COMPLETED]), lane=Lane.HISTORY,
            fee=chance.choice([None, Decimal("50.00"), Decimal("0.10"), Decimal("33.33")]),
        )  # fmt: skip
        made.append([visit, random_events(chance, starts), chance.sample(CODES, chance.randrange(4))])
    Appointment.objects.bulk_create(visit for visit, _events, _found in made)
    for visit, events, found in made:
        AppointmentEvent.objects.bulk_create(
            AppointmentEvent(appointment=visit, at=at, kind="status", status=status, starts_at=visit.starts_at)
            for status, at in events.items()
        )
        if visit.status == Status.COMPLETED:
            record = Encounter.objects.create(
                appointment=visit, patient=visit.patient, doctor=visit.doctor, started_at=visit.starts_at,
                signed_at=chance.choice([None, visit.ends_at, visit.ends_at]),
            )  # fmt: skip
            visit.signed = record.signed_at is not None
            for system, code, words in found:
                Diagnosis.objects.create(encounter=record, system=system, code=code, words=words)
    return made


def random_events(chance, starts):
    arrived = starts - timedelta(seconds=chance.randrange(1800))
    begun = starts + timedelta(seconds=chance.randrange(900))
    ended = begun + timedelta(seconds=chance.choice([0, 2, 60, chance.randrange(61, 3600)]))
    events = {Status.CHECKED_IN: arrived, Status.IN_CONSULTATION: begun, Status.COMPLETED: ended}
    return {status: at for status, at in events.items() if chance.random() < 0.85}


def by_hand(rows, doctor, month):
    """The same figures in loops: nothing but lists and comparisons of local dates."""
    mine = [row for row in rows if row[0].doctor == doctor]
    within = [row for row in mine if row[0].starts_at.astimezone(BERLIN).strftime("%Y-%m") == f"{month:%Y-%m}"]
    done = [row for row in within if row[0].status == Status.COMPLETED]
    firsts = {}
    for visit, *_rest in mine:
        if visit.status == Status.COMPLETED:
            known = firsts.get(visit.patient_id)
            firsts[visit.patient_id] = min(known, visit.starts_at) if known else visit.starts_at
    waits, talks, records = [], [], defaultdict(set)
    for visit, events, found in done:
        begun, ended = events.get(Status.IN_CONSULTATION), events.get(Status.COMPLETED)
        if begun and ended and (ended - begun).total_seconds() >= 60:
            talks.append(int((ended - begun).total_seconds()))
            if arrived := events.get(Status.CHECKED_IN):
                waits.append(int((begun - arrived).total_seconds()))
        for system, code, words in found if visit.signed else ():
            records[(system, code) if code else ("none", words)].add(visit.pk)
    first_of_patients = {(visit.patient_id, visit.starts_at) for visit, *_rest in done}
    return {
        "by_status": Counter(str(visit.status) for visit, *_rest in within),
        "seen": len({visit.patient_id for visit, *_rest in done}),
        "new": sum((patient, at) in first_of_patients for patient, at in firsts.items()),
        "used": sum(visit.minutes for visit, *_rest in done),
        "fees": sum(((visit.fee or Decimal(0)) for visit, *_rest in done), Decimal(0)),
        "without": sum(visit.fee is None for visit, *_rest in done),
        "waiting": spread(waits),
        "consultation": spread(talks),
        "diagnoses": sorted(len(of) for of in records.values()),
    }


def spread(values):
    """Nearest rank, by counting how many values do not exceed each."""

    def rank(share):
        enough = [one for one in sorted(values) if sum(other <= one for other in values) * 100 >= share * len(values)]
        return enough[0] if values else None

    return {"visits": len(values), "median": rank(50), "p90": rank(90)}


@pytest.mark.parametrize(("month", "seed"), [(MARCH, 1), (OCTOBER, 2), (OCTOBER, 3)])
def test_figures_are_what_plain_loops_over_the_rows_count(month, seed):
    chance = random.Random(seed)
    doctors, patients = DoctorFactory.create_batch(2), PatientFactory.create_batch(25)
    rows = random_rows(chance, doctors, patients, month)
    for doctor in doctors:
        scope, days, told = figures.Scope(doctor=doctor), months.days_of(month, BERLIN), by_hand(rows, doctor, month)
        counts = figures.visits_by_status(scope, days)
        assert counts == {str(status): told["by_status"][status] for status in Status}
        missed, done = told["by_status"]["no_show"], told["by_status"]["completed"]
        assert figures.no_shows(scope, days) == (missed, missed + done)
        assert figures.patients_seen(scope, days) == told["seen"]
        assert figures.new_patients(scope, days) == told["new"] == figures.first_visits(scope, days).count()
        assert figures.minutes_used(scope, days) == told["used"]
        fees = figures.fees(scope, days)
        assert (fees["amount"], fees["without"]) == (told["fees"], told["without"])
        assert figures.waiting(scope, days) == told["waiting"]
        assert figures.consultation(scope, days) == told["consultation"]
        lines = figures.diagnoses(scope, days)
        assert sorted(line["count"] for line in lines) == told["diagnoses"]
        assert [figures.records_naming(scope, days, line).count() for line in lines] == [
            line["count"] for line in lines
        ]
    together = figures.visits_by_status(figures.Scope(), days)
    assert sum(together.values()) == sum(
        sum(figures.visits_by_status(figures.Scope(department=doctor.department), days).values()) for doctor in doctors
    )


@pytest.mark.parametrize(("month", "seed"), [(MARCH, 4), (OCTOBER, 5)])
def test_visits_by_day_and_by_doctor_are_what_plain_loops_count(month, seed):
    chance, days = random.Random(seed), months.days_of(month, BERLIN)
    doctors, patients = DoctorFactory.create_batch(2), PatientFactory.create_batch(5)
    rows = random_rows(chance, doctors, patients, month)
    within = [visit for visit, *_rest in rows if f"{visit.starts_at.astimezone(BERLIN):%Y-%m}" == f"{month:%Y-%m}"]
    for one in (doctors[0], patients[0]):
        scope = figures.Scope(doctor=one) if one in doctors else figures.Scope(patient=one)
        told = Counter(
            (visit.starts_at.astimezone(BERLIN).date(), str(visit.status))
            for visit in within
            if one in {visit.doctor, visit.patient}
        )
        by_day = figures.visits_by_day(scope, days)
        assert {(day, state): n for day, counts in by_day.items() for state, n in counts.items() if n} == told
        assert figures.added(by_day.values()) == figures.visits_by_status(scope, days)
        assert figures.missed_among(figures.added(by_day.values())) == figures.no_shows(scope, days)
    assert figures.visits_by_doctor(days) == {
        (doctor.department_id, doctor.pk): figures.visits_by_status(figures.Scope(doctor=doctor), days)
        for doctor in doctors
    }
    assert figures.visits_by_department(days) == {
        doctor.department_id: figures.visits_by_status(figures.Scope(department=doctor.department), days)
        for doctor in doctors
    }


@pytest.mark.parametrize(
    ("month", "hours"), [(MARCH, 31 * 24 - 1), (OCTOBER, 31 * 24 + 1), (date(2026, 2, 1), 28 * 24)]
)
def test_a_month_in_which_the_clocks_change_has_an_hour_less_or_more(month, hours):
    doctor = DoctorFactory()
    for weekday in range(7):
        WorkingHoursFactory(doctor=doctor, weekday=weekday, starts=time(0), ends=time(0))
    scope, days = figures.Scope(doctor=doctor), months.days_of(month, BERLIN)
    assert figures.minutes_open(scope, days) == hours * 60
    assert days.ends_at - days.starts_at == timedelta(hours=hours)


def test_hours_open_are_rules_and_extra_dates_once_less_time_off_until_the_doctor_left():
    doctor = DoctorFactory()
    WorkingHoursFactory(doctor=doctor, weekday=0, starts=time(9), ends=time(12))  # 5, 12, 19 and 26 October
    ExtraHoursFactory(doctor=doctor, date=date(2026, 10, 5), starts=time(11), ends=time(13))  # an hour more
    TimeOffFactory(doctor=doctor, starts_at=datetime(2026, 10, 12, 10, tzinfo=BERLIN),
                   ends_at=datetime(2026, 10, 12, 11, tzinfo=BERLIN))  # fmt: skip
    doctor.retired_at = datetime(2026, 10, 26, 10, tzinfo=BERLIN)
    doctor.save()
    assert figures.minutes_open(figures.Scope(doctor=doctor), months.days_of(OCTOBER, BERLIN)) == (4 + 2 + 3 + 1) * 60


def test_months_end_by_the_hospitals_clock():
    with time_machine.travel(datetime(2026, 10, 31, 22, 59, tzinfo=UTC), tick=False):
        assert months.last_ended(timezone.now(), BERLIN) == date(2026, 9, 1)
    with time_machine.travel(datetime(2026, 10, 31, 23, 0, tzinfo=UTC), tick=False):  # midnight in Berlin
        assert months.last_ended(timezone.now(), BERLIN) == OCTOBER
    assert [months.shifted(date(2026, 1, 1), by) for by in (-1, 0, 11, 12)] == [
        date(2025, 12, 1), date(2026, 1, 1), date(2026, 12, 1), date(2027, 1, 1)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "median", "p90"), [([], None, None), ([7], 7, 7), ([1, 2], 1, 2), (list(range(1, 11)), 5, 9)]
)
def test_a_percentile_is_one_of_the_values(values, median, p90):
    found = Counter(values)
    assert (figures.percentile(found, 50), figures.percentile(found, 90)) == (median, p90)
