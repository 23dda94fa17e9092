"""A patient's first page: what is due, the medicines of now, visits by month or year."""

import re
from datetime import time

import pytest
import time_machine
from django.db import DatabaseError
from django.urls import reverse

from accounts import audit
from accounts.models import AuditEvent, ConsentKind
from clinic.models import Hospital
from clinic.tests.factories import DoctorFactory, GuardianshipFactory, PatientFactory
from hms.tests.dashboards import DAY, NOW, TODAY, client_of, leads_to_its_rows, made_past, visit
from records.tests.factories import EncounterFactory, PrescriptionLineFactory
from scheduling.models import Appointment, Status
from scheduling.tests.factories import open_all_week


@pytest.fixture(autouse=True)
def berlin(db):
    Hospital.objects.update(time_zone="Europe/Berlin", address="1 Lane")
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def doctor():
    doctor = DoctorFactory(name="Dr Ada Okafor")
    open_all_week(doctor)
    return doctor


@pytest.fixture
def patient():
    return PatientFactory(name="Mina Alvarez")


@pytest.mark.parametrize(("asked", "bars"), [("12m", 12), ("5y", 5)])
@pytest.mark.parametrize("family", [False, True])
def test_visits_by_month_or_year_lead_to_their_rows(patient, doctor, asked, bars, family):
    made_past(doctor, patient)
    visit(doctor, TODAY - 800 * DAY, patient=patient, status=Status.COMPLETED)
    if family:
        child = GuardianshipFactory(guardian=patient.user).patient
        visit(DoctorFactory(), TODAY - DAY, patient=child, status=Status.COMPLETED)
    client = client_of(patient.user)
    chart = client.get(reverse("home"), {"range": asked}).context["chart"]
    total = [sum(row.cells[column].value for row in chart.rows) for column in (0, 1)]
    assert total == ([11, 9] if asked == "12m" else [12, 9])
    assert leads_to_its_rows(client, chart)[0] == 2 * bars


def test_the_medicines_of_now_are_those_of_the_chart_and_looking_at_them_is_on_record(patient, doctor):
    record = EncounterFactory(appointment=visit(doctor, TODAY - 9 * DAY, patient=patient, status=Status.COMPLETED))
    draft = EncounterFactory(appointment=visit(doctor, TODAY, time(9), patient=patient), signed_at=None)
    taken = PrescriptionLineFactory(encounter=record, medicine="Ramipril")
    PrescriptionLineFactory(encounter=record, medicine="Amoxicillin", ends_on=TODAY - DAY)
    PrescriptionLineFactory(encounter=record, medicine="Ibuprofen", stopped_on=TODAY, stopped_by_name="Dr")
    PrescriptionLineFactory(encounter=draft, medicine="Secretol")
    PrescriptionLineFactory(medicine="Strangerol")
    client = client_of(patient.user)
    page = client.get(reverse("home"))
    assert page.context["medication"] == [taken]
    assert "Ramipril" in page.text
    for other in ("Amoxicillin", "Ibuprofen", "Secretol", "Strangerol"):
        assert other not in page.text
    event = AuditEvent.objects.get(action="medicines.opened")
    assert (event.actor_id, event.patient_id, event.detail) == (patient.user.pk, patient.pk, {"because": "own"})
    chart = client.get(reverse("records:chart-detail", args=[patient.pk]))
    assert chart.context["chart"].medication == [taken]
    openings = client.get(reverse("records:opening-list", args=[patient.pk]), {"own": 1})
    assert "Looked at the current medicines" in openings.text


def test_without_anything_on_record_nothing_is_opened(patient):
    page = client_of(patient.user).get(reverse("home"))
    assert "medication" not in page.context
    assert not AuditEvent.objects.filter(action="medicines.opened").exists()


def test_what_cannot_be_put_on_record_is_not_shown(patient, monkeypatch):
    record = signed(DoctorFactory(), patient, 9)
    PrescriptionLineFactory(encounter=record, medicine="Ramipril")
    coming = visit(DoctorFactory(), TODAY + DAY, patient=patient)
    client = client_of(patient.user)
    original = audit.record

    def broken(by, action, *args, **kwargs):
        if action == "medicines.opened":
            raise DatabaseError
        return original(by, action, *args, **kwargs)

    monkeypatch.setattr(audit, "record", broken)
    page = client.get(reverse("home"))
    assert page.status_code == 200
    assert page.context["next"] == coming
    assert "Ramipril" not in page.text
    assert "Your record stays closed for the moment" in page.text


def test_a_guardian_sees_no_medicines_but_their_own(patient):
    child = GuardianshipFactory(guardian=patient.user).patient
    record = signed(DoctorFactory(), child, 9)
    PrescriptionLineFactory(encounter=record, medicine="Childrol")
    page = client_of(patient.user).get(reverse("home"))
    assert "Childrol" not in page.text
    assert reverse("records:chart-detail", args=[child.pk]) in page.text
    assert not AuditEvent.objects.filter(action="medicines.opened").exists()


def signed(doctor, patient, days_ago, next_visit=None):
    at = visit(doctor, TODAY - days_ago * DAY, patient=patient, status=Status.COMPLETED)
    return EncounterFactory(appointment=at, next_visit_on=next_visit)


def test_the_next_visit_that_a_doctor_wants_is_due_until_it_is_booked(patient, doctor):
    wanted = signed(doctor, patient, 20, TODAY + 10 * DAY)
    signed(doctor, PatientFactory(), 21, TODAY + 10 * DAY)
    client = client_of(patient.user)
    page = client.get(reverse("home"))
    assert page.context["proposed"] == [wanted]
    assert "Dr Ada Okafor would like to see you again" in page.text
    assert reverse("scheduling:booking-dates", args=[doctor.pk]) in page.text
    cancelled = visit(doctor, TODAY + 9 * DAY, patient=patient, status=Status.CANCELLED)
    visit(DoctorFactory(), TODAY + 9 * DAY, time(15), patient=patient)
    assert client.get(reverse("home")).context["proposed"] == [wanted]
    Appointment.objects.filter(pk=cancelled.pk).update(status=Status.BOOKED)
    assert client.get(reverse("home")).context["proposed"] == []


def test_what_the_doctor_said_last_counts_and_what_is_long_past_is_dropped(patient, doctor):
    signed(doctor, patient, 60, TODAY + 5 * DAY)
    signed(doctor, patient, 20)
    signed(DoctorFactory(), patient, 500, TODAY - 400 * DAY)
    gone = DoctorFactory(name="Dr Gone", retired_at=NOW)
    wanted = signed(gone, patient, 30, TODAY - 3 * DAY)
    page = client_of(patient.user).get(reverse("home"))
    assert page.context["proposed"] == [wanted]
    assert reverse("scheduling:booking-dates", args=[gone.pk]) not in page.text


def test_who_comes_today_or_tomorrow_is_asked_to_say_so_and_says_so(patient, doctor):
    tomorrow = visit(doctor, TODAY + DAY, time(23), patient=patient)
    visit(doctor, TODAY + 2 * DAY, time(0, 30), patient=patient)
    visit(DoctorFactory(), TODAY, time(11), patient=patient, confirmed_at=NOW)
    client = client_of(patient.user)
    page = client.get(reverse("home"))
    assert page.context["to_confirm"] == [tomorrow]
    url = reverse("scheduling:appointment-confirm", args=[tomorrow.pk])
    assert re.search(rf'<form method="post" action="{url}">', page.text)
    answer = client.post(url, {"seen": "0", "next": reverse("home")})
    assert (answer.status_code, answer.url) == (302, reverse("home"))
    assert client.get(reverse("home")).context["to_confirm"] == []
    assert client.post(url, {"seen": "0"}).status_code == 302
    event = AuditEvent.objects.get(action="appointment.confirmed")
    assert (event.actor_id, event.patient_id) == (patient.user.pk, patient.pk)


def test_a_visit_that_has_changed_is_not_confirmed(patient, doctor):
    moved = visit(doctor, TODAY + DAY, patient=patient, moved_count=1)
    begun = visit(DoctorFactory(), TODAY, time(10), patient=patient)
    theirs = visit(DoctorFactory(), TODAY + DAY)
    client = client_of(patient.user)
    assert client.post(reverse("scheduling:appointment-confirm", args=[moved.pk]), {"seen": "0"}).status_code == 409
    assert client.post(reverse("scheduling:appointment-confirm", args=[begun.pk])).status_code == 409
    assert client.post(reverse("scheduling:appointment-confirm", args=[theirs.pk])).status_code == 404
    assert client_of(doctor.user).post(reverse("scheduling:appointment-confirm", args=[moved.pk])).status_code == 403
    assert not Appointment.objects.exclude(confirmed_at=None).exists()
    assert client.post(reverse("scheduling:appointment-confirm", args=[moved.pk]), {"seen": "1"}).status_code == 302


def test_questions_that_were_not_answered_are_due_until_they_are_also_by_a_no(patient):
    client = client_of(patient.user)
    unanswered = client.get(reverse("home")).context["unanswered"]
    assert ConsentKind.DATA_USE in {one.kind for one in unanswered}
    page = client.get(reverse("accounts:consent-list"))
    assert sum(one.given is None for one in page.context["standings"]) == len(unanswered)
    client.post(reverse("accounts:consent-withdraw", args=[ConsentKind.DATA_USE]))
    left = client.get(reverse("home")).context["unanswered"]
    assert {one.kind for one in unanswered} - {one.kind for one in left} == {ConsentKind.DATA_USE}
    assert AuditEvent.objects.filter(action="consent.refused").count() == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_a_patients_figures_cost_the_same_however_much_there_is(rows, patient, django_assert_num_queries):
    for number in range(rows):
        doctor = DoctorFactory()
        record = signed(doctor, patient, 30 + number, TODAY + (20 + number) * DAY)
        PrescriptionLineFactory.create_batch(rows, encounter=record)
        visit(DoctorFactory(), TODAY + DAY, time(8 + number), patient=patient)
        GuardianshipFactory(guardian=patient.user)
    client = client_of(patient.user)
    with django_assert_num_queries(22):
        client.get(reverse("home"), {"range": "5y"})
