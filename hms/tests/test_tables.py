"""Lists as tables at once: each holds what its page shows, in its order, harmless in a spreadsheet, on record."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEvent, Role
from accounts.tests.factories import UserFactory
from clinic.tests.factories import DoctorFactory, PatientFactory
from hms.past import past_visit

pytestmark = pytest.mark.django_db
NAMES = ("Bea", "=cmd()", "Zoë")


def make_past(number, name):
    starts = timezone.now().replace(microsecond=0) - timedelta(days=number)
    past_visit(doctor=DoctorFactory(), patient=PatientFactory(name=name), starts_at=starts, status="completed")


# The page, who reads it, what makes a row, the title of the cell that is compared, an order, the audit trail's name.
TABLES = [
    ("/figures/new-patients/", Role.ADMIN, make_past, "Patient", "-patient", "figure-new-patients"),
    ("/figures/waiting/", Role.ADMIN, make_past, "Patient", "-patient", "figure-waiting"),
    ("/figures/lead/", Role.ADMIN, make_past, "Patient", "-patient", "figure-lead"),
]
each = pytest.mark.parametrize(
    ("path", "role", "make", "title", "sort", "name"), TABLES, ids=[name for *_rest, name in TABLES]
)


def sheet(response):
    """A table as [{title: cell}]."""
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@each
def test_a_table_holds_what_the_page_shows_and_is_on_record(path, role, make, title, sort, name, client):
    client.force_login(UserFactory(role=role))
    for number, who in enumerate(NAMES, start=1):
        make(number, who)
    assert f"{path}download/?sort={sort}" in client.get(path, {"sort": sort, "size": "50", "page": "9"}).text
    assert [row[title] for row in sheet(client.get(f"{path}download/", {"sort": sort}))] == ["Zoë", "Bea", "'=cmd()"]
    assert AuditEvent.objects.get(action="list.downloaded").detail["list"] == name


@each
def test_a_table_costs_the_same_however_long(path, role, make, title, sort, name, client):
    client.force_login(UserFactory(role=role))
    counts = []
    for number in (0, 2):
        make(number + 1, "Ada")
        make(number + 2, "Bo")
        sheet(client.get(f"{path}download/"))
        with CaptureQueriesContext(connection) as asked:
            assert len(sheet(client.get(f"{path}download/"))) == number + 2
        counts.append(len(asked))
    assert counts[0] == counts[1]


@each
def test_who_may_not_see_the_page_gets_no_table(path, role, make, title, sort, name, client):
    for other in Role:
        client.force_login(UserFactory(role=other))
        page, taken = (client.get(address).status_code for address in (path, f"{path}download/"))
        assert page == taken
        assert page == 200 if other == role else page in {200, 403}


def test_how_long_somebody_waited_stands_in_the_table(client):
    client.force_login(UserFactory(role=Role.ADMIN))
    make_past(1, "Ada")
    assert [row["Waited, in minutes"] for row in sheet(client.get("/figures/waiting/download/"))] == ["7"]
    assert [row["Ahead, in days"] for row in sheet(client.get("/figures/lead/download/"))] == ["3"]
    assert "7 min" in client.get("/figures/waiting/").text
    assert "3 days" in client.get("/figures/lead/").text
