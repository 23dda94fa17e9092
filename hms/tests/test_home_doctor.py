"""The figures on a doctor's first page: each leads to exactly the rows that it counts."""

from datetime import date, datetime, time

import pytest
import time_machine
from django.urls import reverse

from accounts.models import Role
from accounts.tests.factories import UserFactory
from clinic.models import Hospital
from clinic.tests.factories import DoctorFactory
from hms.tests.dashboards import BERLIN, DAY, NOW, TODAY, client_of, counted, leads_to_its_rows, made_past, visit
from records.services import make_report
from records.tests.factories import EncounterFactory
from scheduling.models import Lane, Status
from scheduling.tests.factories import TimeOffFactory, open_all_week


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


def test_the_week_ahead_shows_what_is_booked_and_what_is_free(doctor):
    for day, clock in ((1, time(9)), (1, time(9, 30)), (3, time(16, 30)), (7, time(20))):
        visit(doctor, TODAY + day * DAY, clock)
    visit(doctor, TODAY + 2 * DAY, status=Status.CANCELLED)
    visit(doctor, TODAY + 8 * DAY)
    visit(DoctorFactory(), TODAY + DAY)
    sunday = datetime(2026, 11, 29, tzinfo=BERLIN)
    TimeOffFactory(doctor=doctor, starts_at=sunday, ends_at=sunday + DAY)
    client = client_of(doctor.user)
    chart = client.get(reverse("home")).context["ahead"]
    assert [[cell.value for cell in row.cells] for row in chart.rows] == [
        [2, 14], [0, 16], [1, 15], [0, 16], [0, 0], [0, 16], [1, 16],
    ]  # fmt: skip
    assert leads_to_its_rows(client, chart) == (14, 9)
    assert f"date={TODAY + DAY}" in chart.rows[0].url


def test_a_doctor_whose_department_is_closed_has_no_free_times(doctor):
    doctor.department.retired_at = NOW
    doctor.department.save()
    rows = client_of(doctor.user).get(reverse("home")).context["ahead"].rows
    assert {(row.cells[1].value, row.cells[1].url) for row in rows} == {(None, "")}


@pytest.mark.parametrize(
    ("asked", "completed", "missed", "bars"), [("4w", 5, 4, 4), ("3m", 8, 6, 13), ("12m", 11, 9, 12)]
)
def test_completed_and_missed_visits_of_a_doctor_lead_to_their_rows(doctor, asked, completed, missed, bars):
    made_past(doctor)
    made_past(DoctorFactory())
    client = client_of(doctor.user)
    page = client.get(reverse("home"), {"range": asked})
    found = page.context
    assert (found["counts"][Status.COMPLETED], found["missed"]) == (completed, missed)
    assert found["expected"] == completed + missed
    assert {status: counted(client.get(url)) for status, url in found["urls"].items()} == {
        "completed": completed, "no_show": missed,
    }  # fmt: skip
    assert [sum(row.cells[column].value for row in found["past"].rows) for column in (0, 1)] == [completed, missed]
    figures, _filled = leads_to_its_rows(client, found["past"])
    assert figures == 2 * bars
    assert f'range={asked}#looking-back" aria-current="page"' in page.text


def test_a_doctors_figures_are_those_of_the_monthly_report(doctor):
    made_past(doctor)
    page = client_of(doctor.user).get(reverse("home"), {"range": "12m"})
    october = next(row for row in page.context["past"].rows if row.label == "Oct 2026")
    report, _new = make_report(doctor, date(2026, 10, 1), by=None)
    told = report.figures["visits"]
    assert [cell.value for cell in october.cells] == [told["completed"], told["no_show"]] == [3, 2]


def test_records_to_finish_are_drafts_and_visits_without_one(doctor):
    draft = visit(doctor, TODAY, time(9), status=Status.IN_CONSULTATION)
    EncounterFactory(appointment=draft, signed_at=None)
    bare = visit(doctor, TODAY - DAY, status=Status.COMPLETED)
    forgotten = visit(doctor, TODAY - 2 * DAY, status=Status.IN_CONSULTATION)
    running = visit(doctor, TODAY, time(10), status=Status.IN_CONSULTATION)
    EncounterFactory(appointment=visit(doctor, TODAY - 3 * DAY, status=Status.COMPLETED))
    taken_over = visit(doctor, TODAY - 4 * DAY, status=Status.COMPLETED, lane=Lane.HISTORY)
    missed = visit(doctor, TODAY - 5 * DAY, status=Status.NO_SHOW)
    theirs = visit(DoctorFactory(), TODAY - DAY, status=Status.COMPLETED)
    client = client_of(doctor.user)
    assert client.get(reverse("home")).context["unfinished_count"] == 3
    page = client.get(reverse("records:unfinished-list"))
    assert list(page.context["page_obj"]) == [forgotten, bare, draft]
    for shown in (forgotten, bare, draft):
        assert reverse("records:encounter-write", args=[shown.pk]) in page.text
    for other in (running, taken_over, missed, theirs):
        assert other.patient.name not in page.text
    assert (page.text.count("Not signed<"), page.text.count("Nothing written<")) == (1, 2)


def test_what_was_done_today_leads_to_its_rows(doctor):
    visit(doctor, TODAY, time(8), status=Status.COMPLETED)
    visit(doctor, TODAY, time(9), status=Status.NO_SHOW)
    visit(doctor, TODAY - DAY, status=Status.COMPLETED)
    client = client_of(doctor.user)
    found = client.get(reverse("home")).context
    assert (found["done_count"], counted(client.get(found["done_url"]))) == (1, 1)


def test_an_account_that_is_no_doctors_sees_no_figures_of_others(doctor):
    made_past(doctor)
    page = client_of(UserFactory(role=Role.DOCTOR)).get(reverse("home"))
    assert page.status_code == 200
    assert not any(name in page.context for name in ("past", "ahead", "unfinished_count"))


@pytest.mark.parametrize("rows", [1, 3])
def test_a_doctors_figures_cost_the_same_however_many_visits(rows, doctor, django_assert_num_queries):
    for number in range(rows):
        visit(doctor, TODAY - DAY, time(8 + number), status=Status.COMPLETED)
        EncounterFactory(
            appointment=visit(doctor, TODAY - 2 * DAY, time(8 + number), status=Status.COMPLETED), signed_at=None
        )
        visit(doctor, TODAY + (1 + number) * DAY)
        TimeOffFactory(doctor=doctor, starts_at=NOW + (9 + number) * DAY)
    client = client_of(doctor.user)
    with django_assert_num_queries(18):
        client.get(reverse("home"), {"range": "12m"})
    with django_assert_num_queries(10):
        client.get(reverse("records:unfinished-list"))
