"""Dashboards, monthly reports, lists, exports and records.figures say the same of one range of random data."""

import csv
import io
import random
from datetime import date
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse

from accounts.models import Role
from accounts.tests.factories import UserFactory
from clinic.models import Hospital
from clinic.tests.factories import DoctorFactory, PatientFactory
from records import figures, months, services, tallies
from records.models import Export
from records.services import make_report, request_list, run_export
from records.tests.conftest import client_of
from records.tests.test_figures import random_rows
from scheduling.models import Status

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
OCTOBER = date(2026, 10, 1)  # the clocks change


@pytest.fixture(autouse=True)
def november(settings, tmp_path, db):
    settings.EXPORT_ROOT = tmp_path
    Hospital.objects.update(time_zone="Europe/Berlin")
    with time_machine.travel("2026-11-24T10:00:00Z", tick=False):
        yield tmp_path


@pytest.mark.parametrize(("seed", "settled"), [(1, True), (2, False), (3, True)])
def test_dashboards_reports_lists_and_exports_say_the_same(seed, settled, november):
    admin = UserFactory(role=Role.ADMIN)
    doctors, patients = DoctorFactory.create_batch(3), PatientFactory.create_batch(25)
    random_rows(random.Random(seed), doctors, patients, OCTOBER)
    if settled:
        services.settle_tallies()
    days, client = months.days_of(OCTOBER, BERLIN), client_of(admin)
    for doctor in doctors:
        department = doctor.department
        scope = figures.Scope(department=department)
        counted = figures.visits_by_status(scope, days)
        reading = tallies.read(scope, days)
        total = tallies.total(reading.departments.values())
        assert {status: total.numbers[status] for status in counted} == counted
        report = make_report(department, OCTOBER, by=None)[0].figures
        assert report["visits"] == counted
        assert report["new_patients"] == sum(reading.firsts.values()) == figures.new_patients(scope, days)
        assert report["minutes_used"] == total.minutes_used
        assert report["fees"]["amount"] == str(total.fees["amount"])
        query = {"from_day": days.first_day, "to_day": days.last_day, "department": department.pk}
        page = client.get(reverse("figures"), query)
        shown = {chart.id: chart for chart in page.context["charts"]}
        assert sum(cell.value for row in shown["visits"].rows for cell in row.cells) == sum(counted.values())
        assert sum(row.cells[0].value for row in shown["fees"].rows) == pytest.approx(float(total.fees["amount"]))
        for status in (Status.COMPLETED, Status.NO_SHOW, Status.CANCELLED):
            asked = urlencode(query | {"when": "all", "status": status})
            found = client.get(f"{reverse('scheduling:appointment-list')}?{asked}").context["page_obj"]
            assert found.paginator.count == counted[status]
            assert len(exported(asked, admin, november)) == counted[status]


def exported(query, owner, folder):
    """The rows of the list of visits as a file."""
    export = request_list(Export.Kind.APPOINTMENTS, by=owner, query=query, format="csv")
    assert run_export(export.pk)
    export.refresh_from_db()
    content = (folder / export.file_name).read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(content, newline="")))
