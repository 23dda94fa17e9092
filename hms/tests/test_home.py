"""The first page of each role."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, Message, MessageState, Role
from accounts.tests.factories import UserFactory
from clinic.models import Department, Doctor, Hospital
from clinic.tests.factories import DepartmentFactory, DoctorFactory, PatientFactory
from records.services import settle_tallies
from records.tests.factories import EncounterFactory
from scheduling.models import Status
from scheduling.tests.factories import AppointmentFactory, WorkingHoursFactory

NOW = datetime(2026, 11, 24, 9, 10, tzinfo=UTC)  # a Tuesday, 10:10 in Berlin


@pytest.fixture(autouse=True)
def berlin(db):
    """Tuesday in Berlin; no minute passes."""
    Hospital.objects.update(time_zone="Europe/Berlin", address="1 Lane")
    with time_machine.travel(NOW, tick=False):
        yield


def home(user=None):
    client = Client()
    if user:
        client.force_login(user)
    return client.get(reverse("home"))


def visit(doctor, patient, minutes, **more):
    """A visit that begins so many minutes from now."""
    starts = NOW + timedelta(minutes=minutes)
    return AppointmentFactory(doctor=doctor, patient=patient, starts_at=starts, **more)


def text(page):
    return page.content.decode()


# Visitors


def test_visitors_find_departments_doctors_and_the_way_to_book():
    department = DoctorFactory().department
    DepartmentFactory(name="Closed", retired_at=timezone.now())
    page = home()
    assert page.status_code == 200
    for address in (
        reverse("scheduling:booking-departments"),
        reverse("scheduling:doctor-list"),
        reverse("account_signup"),
        reverse("clinic:department-detail", args=[department.pk]),
    ):
        assert f'"{address}"' in text(page)
    assert [found.name for found in page.context["departments"]] == [department.name]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_landing_page_costs_the_same_however_large_the_hospital(rows, django_assert_num_queries):
    DoctorFactory.create_batch(rows)
    with django_assert_num_queries(2):
        home()


# Patients


@pytest.fixture
def patient():
    return PatientFactory(name="Mina Alvarez")


def test_the_next_visit_stands_first_with_what_to_do_about_it(patient):
    doctor = DoctorFactory(name="Dr Ada Okafor")
    later = visit(doctor, patient, 3000)
    soon = visit(doctor, patient, 60)
    visit(doctor, patient, 30, status=Status.CANCELLED)
    visit(doctor, PatientFactory(), 200, reason="a stranger's reason")
    page = home(patient.user)
    assert page.context["next"] == soon
    assert page.context["later"] == [later]
    for name in ("detail", "reschedule", "cancel", "ics"):
        assert reverse(f"scheduling:appointment-{name}", args=[soon.pk]) in text(page)
    assert "a stranger" not in text(page)


def test_too_late_to_change_says_whom_to_call(patient):
    Hospital.objects.update(cancellation_cutoff_minutes=120, phone="+493012345678")
    soon = visit(DoctorFactory(), patient, 60)
    page = home(patient.user)
    assert reverse("scheduling:appointment-cancel", args=[soon.pk]) not in text(page)
    assert "Please call +49 30 12345678." in text(page)


def test_who_has_arrived_is_told_to_wait(patient):
    here = visit(DoctorFactory(), patient, -5, status=Status.CHECKED_IN)
    page = home(patient.user)
    assert page.context["next"] == here
    assert "you will be called" in text(page)
    assert reverse("scheduling:appointment-cancel", args=[here.pk]) not in text(page)
    assert page.context["past"] == []


def test_past_visits_and_the_count_of_records(patient):
    old = visit(DoctorFactory(), patient, -5000, status=Status.COMPLETED)
    EncounterFactory(appointment=old)
    draft = visit(DoctorFactory(), patient, -4000, status=Status.IN_CONSULTATION)
    EncounterFactory(appointment=draft, signed_at=None)
    EncounterFactory()
    page = home(patient.user)
    assert page.context["past"] == [draft, old]
    assert page.context["record_count"] == 1


def test_a_new_patient_is_led_to_booking(patient):
    page = home(patient.user)
    assert page.context["next"] is None
    assert "Nothing planned" in text(page)
    assert reverse("scheduling:booking-departments") in text(page)


@pytest.mark.parametrize("rows", [1, 3])
def test_a_patients_page_costs_the_same_however_many_visits(rows, patient, django_assert_num_queries):
    for number in range(rows):
        visit(DoctorFactory(), patient, 60 + 60 * number)
        EncounterFactory(appointment=visit(DoctorFactory(), patient, -6000 + 60 * number, status=Status.COMPLETED))
    client = Client()
    client.force_login(patient.user)
    with django_assert_num_queries(20):
        client.get(reverse("home"))


# Doctors


@pytest.fixture
def doctor():
    return WorkingHoursFactory(doctor__name="Dr Ada Okafor").doctor


def test_a_doctor_sees_who_is_in_and_who_waits(doctor):
    done = visit(doctor, PatientFactory(), -60, status=Status.COMPLETED)
    inside = visit(doctor, PatientFactory(), -30, status=Status.IN_CONSULTATION)
    booked = visit(doctor, PatientFactory(), 0)
    waiting = visit(doctor, PatientFactory(), 30, status=Status.CHECKED_IN)
    visit(doctor, PatientFactory(name="Not Coming"), 60, status=Status.CANCELLED)
    visit(DoctorFactory(), PatientFactory(name="Not Mine"), 60)
    page = home(doctor.user)
    assert page.context["visits"] == [done, inside, booked, waiting]
    assert (page.context["current"], page.context["next"]) == (inside, waiting)
    assert reverse("records:encounter-write", args=[inside.pk]) in text(page)
    assert reverse("scheduling:appointment-start", args=[waiting.pk]) in text(page)
    assert reverse("records:chart-detail", args=[waiting.patient.pk]) in text(page)
    assert "Not Coming" not in text(page)
    assert "Not Mine" not in text(page)


def test_without_a_desk_the_next_is_who_is_booked(doctor):
    visit(doctor, PatientFactory(), -60)
    now = visit(doctor, PatientFactory(), -10)
    assert home(doctor.user).context["next"] == now


def test_today_is_the_hospitals_day(doctor):
    last_night = visit(doctor, PatientFactory(), -(10 * 60 + 10))  # 23:00 UTC is midnight in Berlin
    visit(doctor, PatientFactory(), -(10 * 60 + 41))
    visit(doctor, PatientFactory(), 14 * 60 + 10)
    page = home(doctor.user)
    assert page.context["visits"] == [last_night]
    assert str(page.context["today"]) == "2026-11-24"


def test_a_new_doctor_is_led_to_working_hours():
    doctor = DoctorFactory()
    assert reverse("scheduling:hours-list", args=[doctor.pk]) in text(home(doctor.user))
    assert "You have no working hours yet" in text(home(doctor.user))


def test_an_account_without_a_doctor_is_told_so():
    assert "not linked to a doctor" in text(home(UserFactory(role=Role.DOCTOR)))


@pytest.mark.parametrize("rows", [1, 3])
def test_a_doctors_page_costs_the_same_however_full_the_day(rows, doctor, django_assert_num_queries):
    for number in range(rows):
        visit(doctor, PatientFactory(), 60 * number)
        visit(doctor, PatientFactory(), 24 * 60 * (number + 1))
    client = Client()
    client.force_login(doctor.user)
    with django_assert_num_queries(18):
        client.get(reverse("home"))


# Reception


@pytest.fixture
def receptionist():
    return UserFactory(role=Role.RECEPTION)


def test_reception_sees_who_is_due_and_checks_them_in(receptionist, doctor):
    late = visit(doctor, PatientFactory(), -20)
    due = visit(doctor, PatientFactory(), 20)
    here = visit(doctor, PatientFactory(), 60, status=Status.CHECKED_IN)
    visit(doctor, PatientFactory(name="Tomorrow's Patient"), 24 * 60)
    page = home(receptionist)
    assert [(row["pk"], row["is_late"]) for row in page.context["arrivals"]] == [(late.pk, True), (due.pk, False)]
    assert [row["pk"] for row in page.context["waiting"]] == [here.pk]
    assert reverse("scheduling:appointment-check-in", args=[due.pk]) in text(page)
    assert "Tomorrow's" not in text(page)
    assert "Tomorrow&#x27;s" not in text(page)


@pytest.mark.parametrize("rows", [1, 3])
def test_receptions_page_costs_the_same_however_full_the_day(rows, receptionist, django_assert_num_queries):
    for number in range(rows):
        visit(DoctorFactory(), PatientFactory(), 30 * number)
        visit(DoctorFactory(), PatientFactory(), 30 * number, status=Status.CHECKED_IN)
    client = Client()
    client.force_login(receptionist)
    with django_assert_num_queries(20):
        client.get(reverse("home"))


# Administrators


@pytest.fixture
def administrator():
    return UserFactory(role=Role.ADMIN)


def test_an_administrator_sees_the_hospital_in_numbers(administrator, doctor):
    visit(doctor, PatientFactory(), 30)
    visit(doctor, PatientFactory(), 60, status=Status.CANCELLED)
    visit(doctor, PatientFactory(), 3 * 24 * 60)
    DoctorFactory(retired_at=timezone.now())
    Message.objects.create(key="m", kind="test", subject="s", state=MessageState.GIVEN_UP)
    page = home(administrator)
    assert page.context["counts"] == {
        "departments": 2,
        "doctors": 1,
        "patients": 3,
        "to_review": 0,
        "overdue": 0,
        "grants": 0,
        "undelivered": 1,
        "applications": 0,
    }
    assert "1 message could not be delivered." in text(page)
    assert page.context["changes"] == {"departments": 2, "doctors": 1, "patients": 3}
    said = re.findall(r'stat-value">(\d+)</span>\s*<a class="stat-label[^>]*>([^<]+)</a>', text(page))
    assert said[:3] == [("1", "doctor"), ("2", "departments"), ("3", "patients")]
    [row] = page.context["load"].rows
    assert [cell.value for cell in row.cells] == [2, 1, 0, 0, 0, 0, 1]


def test_an_administrator_sees_the_change_to_the_week_before(administrator, doctor):
    long_ago = NOW - timedelta(days=30)
    Doctor.objects.update(created_at=None)
    Department.objects.update(created_at=None)
    DoctorFactory(retired_at=NOW - timedelta(days=2), created_at=long_ago)
    DoctorFactory(retired_at=NOW - timedelta(days=20), created_at=long_ago)
    early, late = PatientFactory(created_at=long_ago), PatientFactory()
    for days, patient in ((0, early), (6, late), (7, early), (13, early), (14, late)):
        visit(doctor, patient, -days * 24 * 60 - 60, status=Status.COMPLETED)
    page = home(administrator)
    assert page.context["changes"] == {"departments": 2, "doctors": -1, "patients": 1}
    found = page.context["visits"]
    assert (found["today"], found["week"], found["change"]) == (1, 2, 0)
    assert (found["new"], found["new_change"]) == (0, -1)
    assert "−1 within 7 days" in text(page)
    client = Client()
    client.force_login(administrator)
    for address, number in ((found["today_url"], 1), (found["week_url"], 2)):
        assert client.get(address).context["page_obj"].paginator.count == number


def test_an_administrator_sees_what_changed_last_and_nothing_clinical(administrator, doctor):
    seen = visit(doctor, PatientFactory(), -600, status=Status.COMPLETED, reason="an unusual ache")
    EncounterFactory(appointment=seen, complaint="secret complaint", notes="secret notes")
    for number in range(10):
        AuditEvent.objects.create(
            action="doctor.changed",
            actor_name="Somebody",
            at=NOW - timedelta(minutes=number),
            target_label=f"Dr {number}",
        )
    for action in ("account.signed_in", "chart.opened", "list.downloaded"):
        AuditEvent.objects.create(action=action, actor_name="Somebody", at=NOW, target_label="only read")
    page = home(administrator)
    assert [event.target_label for event in page.context["latest"]] == [f"Dr {number}" for number in range(8)]
    assert "Doctor changed" in text(page)
    for word in ("secret", "unusual"):
        assert word not in text(page)


def test_a_new_hospital_is_told_what_to_set_up(administrator):
    steps = home(administrator).context["steps"]
    assert [(step.name, step.is_done) for step in steps] == [
        ("hospital", True),
        ("departments", False),
        ("doctor", False),
    ]
    WorkingHoursFactory()
    assert home(administrator).context["steps"] == []


@pytest.mark.parametrize("rows", [1, 3])
def test_an_administrators_page_costs_the_same_however_large_the_hospital(
    rows, administrator, django_assert_num_queries
):
    for number in range(rows):
        visit(WorkingHoursFactory().doctor, PatientFactory(), 30 * number)
    client = Client()
    client.force_login(administrator)
    settle_tallies()
    with django_assert_num_queries(20):
        client.get(reverse("home"))
