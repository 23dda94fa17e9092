"""The hospital in figures: every figure leads to as many rows as it says, whatever range is asked for."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from itertools import pairwise

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from accounts.tests.factories import UserFactory
from clinic.models import Hospital
from clinic.tests.factories import DepartmentFactory, DoctorFactory, PatientFactory
from hms.figures import periods
from hms.past import past_visit
from records import services
from records.months import Range
from scheduling.models import Status
from scheduling.tests.factories import AppointmentFactory, open_all_week

NOW = datetime(2026, 11, 24, 9, 10, tzinfo=UTC)  # a Tuesday, 10:10 in Berlin
COUNT = re.compile(r'class="count" role="status">\s*(\d+) ')


@pytest.fixture(autouse=True)
def berlin(db):
    Hospital.objects.update(time_zone="Europe/Berlin")
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def administrator():
    return UserFactory(role=Role.ADMIN)


@pytest.fixture
def client(administrator):
    client = Client()
    client.force_login(administrator)
    return client


@pytest.fixture
def doctors():
    doctors = [DoctorFactory(department=DepartmentFactory(name=name), fee=50) for name in ("Eyes", "Skin")]
    for doctor in doctors:
        open_all_week(doctor)
    return doctors


@pytest.fixture
def visits(doctors):
    """Thirty of the last weeks, each patient's twice, some of them around midnight; and some to come."""
    patients = PatientFactory.create_batch(9)
    ends = [Status.COMPLETED, Status.COMPLETED, Status.NO_SHOW, Status.CANCELLED, Status.CHECKED_IN]
    for number in range(30):
        starts = NOW - timedelta(days=number, minutes=37 * number)
        status = ends[number % 5]
        patient = patients[number % 9]
        past_visit(doctor=doctors[number % 2], patient=patient, starts_at=starts, status=status, minutes=15)
    for number in range(3):
        AppointmentFactory(doctor=doctors[0], patient=patients[number], starts_at=NOW + timedelta(hours=1 + number))


def links_of(cells):
    return [cell for cell in cells if cell.url]


def rows_behind(client, url):
    """How many rows the page behind a figure lists."""
    found = COUNT.search(client.get(url).content.decode())
    return int(found.group(1)) if found else 0


@pytest.mark.parametrize("settled", [True, False])
@pytest.mark.parametrize(
    "query",
    ["", "?from_day=2026-11-02&to_day=2026-11-24", "?from_day=2026-03-29&to_day=2026-11-24", "department"],
)
def test_each_figure_leads_to_as_many_rows(settled, query, client, visits, doctors):
    if settled:
        services.settle_tallies()
    page = client.get(
        reverse("figures") + (f"?department={doctors[0].department_id}" if query == "department" else query)
    )
    charts = {chart.id: chart for chart in page.context["charts"]}
    assert sum(cell.value for row in charts["visits"].rows for cell in row.cells) >= 12
    for name in ("visits", "new-patients", *(["departments"] if query != "department" else [])):
        for row in charts[name].rows:
            for cell in row.cells:
                assert rows_behind(client, cell.url) == cell.value if cell.url else cell.value == 0
    for row in charts["visits"].rows:
        assert rows_behind(client, row.url) == sum(cell.value for cell in row.cells)
    stats = {stat["icon"]: stat for stat in page.context["stats"]}
    for icon in ("calendar-check", "check-circle", "person-plus"):
        assert rows_behind(client, stats[icon]["url"]) == stats[icon]["value"] > 0
    for icon in ("hourglass-split", "clock-history"):
        assert rows_behind(client, stats[icon]["url"]) == int(stats[icon]["note"].split()[1]) > 0
    assert rows_behind(client, stats["x-circle"]["url"]) == int(stats["x-circle"]["note"].split()[0]) > 0


def test_use_of_hours_and_fees_are_those_of_the_completed_visits(client, visits, doctors):
    page = client.get(reverse("figures"), {"from_day": "2026-11-01", "to_day": "2026-11-24"})
    charts = {chart.id: chart for chart in page.context["charts"]}
    first, *_others = charts["utilisation"].rows
    number = rows_behind(client, first.cells[0].url)
    opened = 24 * 8 * 60
    assert first.cells[0].value == round(100 * 15 * number / opened, 1)
    amounts = {row.label: row.cells[0].value for row in charts["fees"].rows}
    assert amounts == {row.label: 50 * rows_behind(client, row.cells[0].url) for row in charts["fees"].rows}
    assert set(amounts) == {"Eyes", "Skin"}


def test_waiting_and_booking_ahead_are_said_in_words(client, visits):
    page = client.get(reverse("figures"), {"from_day": "2026-11-23", "to_day": "2026-11-23"})
    charts = {chart.id: chart for chart in page.context["charts"]}
    assert [cell.text for cell in charts["waiting"].rows[0].cells] == ["7 min", "7 min"]
    assert [cell.text for cell in charts["lead"].rows[0].cells] == ["3 days", "3 days"]


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2026-11-10", "2026-11-09", "This day comes before the first one."),
        ("2016-11-10", "2026-11-09", "That is too long: figures are shown for two years at most."),
        ("1-11-10", "2026-11-09", "Enter a valid date."),
        ("0001-01-01", "9999-12-31", "Please check the year."),
        ("", "9999-12-31", "Please check the year."),
        ("2026-02-30", "", "Enter a valid date."),
        ("2199-12-31", "", ""),
        ("", "1900-01-01", ""),
    ],
)
@pytest.mark.parametrize("name", ["figures", "figure-rows"])
def test_a_range_that_cannot_be_is_said_beside_the_field_and_stays(name, first, last, words, client, doctors):
    department = doctors[1].department_id
    address = reverse(name, args=["waiting"] if name == "figure-rows" else [])
    page = client.get(address, {"from_day": first, "to_day": last, "department": department})
    assert page.status_code == 200
    text = unescape(page.content.decode())
    assert words in text
    assert bool(words) == ("charts" not in page.context and "days" not in page.context)
    for value in (first, last):
        assert not value or f'value="{value}"' in text
    assert f'<option value="{department}" selected' in text


def test_a_department_that_is_not_there_is_said_beside_the_field(client):
    page = client.get(reverse("figures"), {"department": "999999"})
    assert page.status_code == 200
    assert "charts" not in page.context


def test_the_usual_days_are_the_last_four_weeks_and_one_day_alone_is_enough(client):
    page = client.get(reverse("figures"))
    days = page.context["days"]
    assert (str(days.first_day), str(days.last_day)) == ("2026-10-28", "2026-11-24")
    assert [label for label, _url, current in page.context["presets"] if current] == ["Last 4 weeks"]
    days = client.get(reverse("figures"), {"from_day": "2026-11-01"}).context["days"]
    assert (str(days.first_day), str(days.last_day)) == ("2026-11-01", "2026-11-24")
    days = client.get(reverse("figures"), {"to_day": "2026-03-31"}).context["days"]
    assert (str(days.first_day), str(days.last_day)) == ("2026-03-04", "2026-03-31")


def test_every_preset_leads_to_figures(client, visits):
    for label, url, _current in client.get(reverse("figures")).context["presets"]:
        page = client.get(url)
        assert [name for name, _url, current in page.context["presets"] if current] == [label]


@pytest.mark.parametrize(("length", "rows"), [(1, 1), (31, 31), (32, 6), (189, 28), (190, 7), (731, 25)])
def test_a_chart_never_has_more_rows_than_one_can_read(length, rows):
    last = NOW.date()
    days = Range(last - timedelta(days=length - 1), last, UTC)
    found = periods.split(days, last)
    assert abs(len(found) - rows) <= 1
    assert found[0].days.first_day == days.first_day
    assert found[-1].days.last_day == last
    for one, other in pairwise(found):
        assert one.days.last_day + timedelta(days=1) == other.days.first_day


@pytest.mark.parametrize("role", [Role.PATIENT, Role.DOCTOR, Role.RECEPTION])
def test_the_figures_are_for_administrators(role):
    client = Client()
    client.force_login(UserFactory(role=role))
    for address in (reverse("figures"), reverse("figure-rows", args=["waiting"])):
        assert client.get(address).status_code == 403


def test_there_are_no_rows_of_figures_that_are_not_there(client):
    assert client.get(reverse("figure-rows", args=["diagnoses"])).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("query", "queries", "over_notes"),
    [("", 17, 21), ("?from_day=2026-01-02", 20, 25), ("?from_day=2025-12-01&to_day=2026-11-30", 17, 22),
     ("?department=", 18, 22)],
)  # fmt: skip
def test_the_page_costs_the_same_however_large_the_hospital(
    rows, query, queries, over_notes, client, doctors, django_assert_num_queries
):
    for number in range(rows):
        doctor = DoctorFactory(department=doctors[0].department)
        open_all_week(doctor)
        past_visit(doctor=doctor, patient=PatientFactory(), starts_at=NOW - timedelta(days=number), status="completed")
    services.settle_tallies()
    address = reverse("figures") + query + (str(doctors[0].department_id) if query.endswith("=") else "")
    client.get(address)
    AppointmentFactory()  # what was kept is old
    services.settle_tallies()
    with django_assert_num_queries(queries):
        client.get(address)
    for number in range(rows):
        past_visit(
            doctor=doctor, patient=PatientFactory(), starts_at=NOW - timedelta(days=10 + number), status="completed"
        )
    with django_assert_num_queries(over_notes):
        client.get(address)


def test_the_figures_name_no_patient_and_nothing_clinical(client, doctors):
    patient = PatientFactory(name="Unmistakable Person")
    past_visit(
        doctor=doctors[0], patient=patient, starts_at=NOW - timedelta(days=1), status="completed", reason="secret"
    )
    text = client.get(reverse("figures")).content.decode()
    assert "Unmistakable" not in text
    rows = client.get(reverse("figure-rows", args=["new-patients"])).content.decode()
    assert "Unmistakable" in rows
    assert "secret" not in text + rows
