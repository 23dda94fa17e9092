"""One box for everything: what each role finds, and nothing beyond."""

import logging
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEvent, Role
from accounts.tests.factories import UserFactory
from clinic.models import Guardianship
from clinic.tests.factories import (
    CareRelationshipFactory,
    DepartmentFactory,
    DoctorFactory,
    GuardianshipFactory,
    PatientFactory,
)
from scheduling.tests.factories import AppointmentFactory

pytestmark = pytest.mark.django_db
NASTY = [
    "a" * 300,
    "💉🏥",
    "محمد علي",
    "'\" OR 1=1 --",
    "%",
    "_",
    "\\",
    "<b>x</b>",
    "\u202e",
    " ",
    "١٢٣٤٥٦",
    "((((",
    "+" * 99,
]


def as_user(user):
    client = Client()
    if user:
        client.force_login(user)
    return client


def groups(user, text):
    """{kind: (count, [names])} of what is found."""
    page = as_user(user).get("/search/", {"q": text})
    assert page.status_code == 200
    return {group.kind: (group.count, [str(row) for row in group.rows]) for group in page.context["groups"]}


@pytest.fixture
def house():
    """A doctor who treats one of two patients called Quillfeather, each with a visit."""
    department = DepartmentFactory(name="Quillfeather Ward")
    doctor = DoctorFactory(name="Dr. Quillfeather", department=department)
    mine, other = PatientFactory(name="Mina Quillfeather"), PatientFactory(name="Otto Quillfeather")
    CareRelationshipFactory(doctor=doctor, patient=mine)
    visits = AppointmentFactory(patient=mine, doctor=doctor), AppointmentFactory(patient=other)
    return doctor, (mine, other), visits


PUBLIC = {"doctor": (1, ["Dr. Quillfeather"]), "department": (1, ["Quillfeather Ward"])}


def test_visitors_find_doctors_and_departments_alone(house):
    _doctor, patients, visits = house
    assert groups(None, "quilfether") == PUBLIC
    for text in (patients[0].number, visits[0].reference, "1980-05-17", patients[0].user.email):
        assert groups(None, text) == {}


def test_patients_also_find_themselves_their_family_and_their_visits(house):
    _doctor, (mine, other), visits = house
    own = {"family": (1, ["Mina Quillfeather"]), "own-visit": (1, [visits[0].reference])}
    assert groups(mine.user, "quillfeather") == PUBLIC | own
    assert groups(mine.user, visits[0].reference.lower()) == {"visit": (1, [visits[0].reference])}
    assert groups(mine.user, visits[1].reference) == {}
    assert groups(mine.user, other.number) == {}
    GuardianshipFactory(guardian=mine.user, patient=other)
    assert groups(mine.user, "quilfeather")["family"] == (2, ["Mina Quillfeather", "Otto Quillfeather"])
    Guardianship.objects.update(ended_at=timezone.now())
    assert groups(mine.user, "otto quillfeather") == {}


def test_doctors_find_whom_they_treat(house):
    doctor, (_mine, other), visits = house
    assert groups(doctor.user, "quilfether") == PUBLIC | {"patient": (1, ["Mina Quillfeather"])}
    assert groups(doctor.user, other.number) == {}
    assert groups(doctor.user, "otto") == {}
    assert groups(doctor.user, visits[1].reference) == {}
    assert groups(doctor.user, visits[0].reference) == {"visit": (1, [visits[0].reference])}


@pytest.mark.parametrize("role", [Role.RECEPTION, Role.ADMIN])
def test_staff_find_everybody(house, role):
    _doctor, (mine, _other), visits = house
    user = UserFactory(role=role)
    assert groups(user, "quilfether") == PUBLIC | {"patient": (2, ["Mina Quillfeather", "Otto Quillfeather"])}
    assert groups(user, visits[1].reference[:4] + " " + visits[1].reference[4:]) == {
        "visit": (1, [visits[1].reference])
    }
    assert groups(user, mine.number) == {"patient": (1, ["Mina Quillfeather"])}


def test_who_has_left_is_found_by_administrators_alone(house):
    doctor = house[0]
    doctor.retired_at = doctor.department.retired_at = timezone.now()
    doctor.save()
    doctor.department.save()
    assert groups(None, "quillfeather") == {}
    assert groups(UserFactory(role=Role.ADMIN), "ward quillfeather")["department"][0] == 1
    assert groups(UserFactory(role=Role.ADMIN), "quillfeather")["doctor"][0] == 1


@pytest.mark.parametrize("role", [Role.RECEPTION, Role.ADMIN])
def test_each_group_leads_to_its_list_which_counts_the_same(role):
    for number in range(8):
        DoctorFactory(name=f"Dr. Meyer {number}")
        PatientFactory(name=f"Anna {'Meyer' if number % 2 else 'Mayer'} {number}")
    client = as_user(UserFactory(role=role))
    page = client.get("/search/", {"q": "meyer"})
    counted = {group.kind: group.count for group in page.context["groups"]}
    assert counted == {"patient": 8, "doctor": 8}
    for group in page.context["groups"]:
        assert len(group.rows) == 6
        assert f'href="{group.url.replace("&", "&amp;")}"' in page.text
        assert client.get(group.url).context["page_obj"].paginator.count == group.count


def test_a_subject_with_a_slip_finds_department_and_doctors_in_as_many_queries_as_another():
    counts = []
    for number in (1, 2):
        DoctorFactory(department=DepartmentFactory(name=f"Cardiology {number}"))
        with CaptureQueriesContext(connection) as asked:
            found = groups(None, "cardiolgy")
        counts.append(len(asked))
        assert {kind: count for kind, (count, _rows) in found.items()} == {"doctor": number, "department": number}
    assert counts[0] == counts[1]


@pytest.mark.parametrize("role", [None, *Role.values])
def test_any_text_finds_something_or_nothing_and_breaks_nothing(house, role):
    user = UserFactory(role=role) if role else None
    for text in NASTY:
        page = as_user(user).get("/search/", {"q": text})
        assert page.status_code == 200, text
        assert "<b>x</b>" not in page.text
    assert as_user(user).get("/search/?q=a%00b").status_code == 400
    assert as_user(user).get("/search/?q=%ff%fe").status_code in {200, 400}
    assert as_user(user).post("/search/", {"q": "x"}).status_code in {403, 405}


def test_an_empty_box_says_what_one_can_type_and_nothing_found_says_what_to_do():
    receptionist = as_user(UserFactory(role=Role.RECEPTION))
    assert "12/31/1980" in receptionist.get("/search/").text
    assert "12/31/1980" not in as_user(None).get("/search/?q=").text
    nothing = receptionist.get("/search/", {"q": "xyzzy"}).text
    assert "Nothing found" in nothing
    assert "/patients/new/" in nothing
    assert "/patients/new/" not in as_user(None).get("/search/", {"q": "xyzzy"}).text
    assert "at most 100" in receptionist.get("/search/", {"q": "x" * 101}).text


@pytest.mark.parametrize("role", [None, *Role.values])
def test_every_page_has_the_box(role):
    page = as_user(UserFactory(role=role) if role else None).get("/departments/").text
    form = re.search(r'<form class="header-search".*?</form>', page, re.S)[0]
    assert 'action="/search/"' in form
    assert 'method="get"' in form
    assert 'aria-keyshortcuts="/"' in form
    assert 'class="header-search-link" href="/search/"' in page


def test_the_page_costs_the_same_for_one_row_and_for_three(house):
    client, costs = as_user(UserFactory(role=Role.RECEPTION)), []
    client.get("/search/", {"q": "costly"})
    for rows in (1, 2):
        for number in range(rows):
            CareRelationshipFactory(patient__name=f"Costly {rows} {number}", doctor__name=f"Dr. Costly {rows} {number}")
        with CaptureQueriesContext(
            connection,
        ) as asked:
            found = client.get("/search/", {"q": "costly"}).context["groups"]
        costs.append(len(asked))
    assert [group.count for group in found] == [3, 3]
    assert costs[0] == costs[1] <= 22


def test_what_was_looked_for_stands_in_no_log_and_in_no_audit_row(house, caplog):
    caplog.set_level(logging.DEBUG)
    before = AuditEvent.objects.count()
    as_user(UserFactory(role=Role.RECEPTION)).get("/search/", {"q": "secretword quillfeather"})
    as_user(None).post("/search/?q=secretword")
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("django.db")]
    assert not [line for line in ours if "secretword" in line]
    assert AuditEvent.objects.count() == before
