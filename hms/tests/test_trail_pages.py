"""Reading the audit trail: by whom, what, on which patient, from where; as a page and as a table."""

import csv
import io
from datetime import date

import pytest
from django.urls import reverse

from accounts import audit
from accounts.models import AuditEvent, Role
from accounts.tests.factories import UserFactory
from clinic.numbers import new_number
from clinic.tests.factories import CareRelationshipFactory, DoctorFactory, PatientFactory
from records.tests.conftest import client_of

pytestmark = pytest.mark.django_db
PAGE, DOWNLOAD = "/audit/", "/audit/download/"


@pytest.fixture
def administrator():
    return UserFactory(role=Role.ADMIN)


@pytest.fixture
def client(administrator):
    return client_of(administrator)


def actions(page):
    return [event.action for event in page.context["page_obj"]]


def acts():
    """Three acts that differ in everything one can search by."""
    ada, bob = PatientFactory(name="Ada Okafor", number=new_number()), PatientFactory(number=new_number())
    token = audit.address.set("10.1.2.3")
    audit.record(None, "test.first", ada, patient=ada, name="Zed")
    audit.address.reset(token)
    audit.record(None, "test.second", bob, patient=bob)
    audit.record(None, "account.sign_in_failed", name="nobody@example.org")
    return ada, bob


def only_ours(page):
    return {action for action in actions(page) if action.startswith("test.") or action.endswith("_failed")}


def test_it_is_narrowed_by_patient_address_and_outcome(client):
    ada, _bob = acts()
    found = {
        name: only_ours(client.get(PAGE, query))
        for name, query in {
            "by name": {"patient": "okafor"},
            "by number": {"patient": ada.number},
            "nobody": {"patient": "Nobody Atall"},
            "by address": {"address": "10.1.2.3"},
            "failed": {"outcome": "failed"},
            "done": {"outcome": "done"},
            "who": {"q": "zed"},
        }.items()
    }
    assert found == {
        "by name": {"test.first"},
        "by number": {"test.first"},
        "nobody": set(),
        "by address": {"test.first"},
        "failed": {"account.sign_in_failed"},
        "done": {"test.first", "test.second"},
        "who": {"test.first"},
    }


@pytest.mark.parametrize("query", [{"address": "nonsense"}, {"outcome": "x"}, {"patient": "x" * 5000}, {"since": "?"}])
def test_what_cannot_be_read_finds_nothing_and_the_form_says_why(query, client):
    acts()
    page = client.get(PAGE, query)
    assert (only_ours(page), list(page.context["form"].errors)) == (set(), list(query))


def test_each_entry_leads_to_what_it_is_about_where_one_may_see_it(client):
    patient = PatientFactory()
    audit.record(None, "test.patient", patient)
    audit.record(None, "test.gone", patient)
    links = {event.action: event.url for event in client.get(PAGE).context["page_obj"]}
    assert links["test.patient"] == reverse("clinic:patient-detail", args=[patient.pk])
    doctor = DoctorFactory()
    other = CareRelationshipFactory(doctor=doctor).patient
    audit.record(doctor.user, "test.theirs", patient)
    audit.record(doctor.user, "test.own", other)
    links = {event.action: event.url for event in client_of(doctor.user).get(PAGE).context["page_obj"]}
    own = reverse("clinic:patient-detail", args=[other.pk])
    assert (links["test.own"], links["test.theirs"]) == (own, "")


def table(answer):
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_the_download_holds_what_the_search_shows_and_is_on_record(client, administrator):
    ada, _bob = acts()
    audit.record(None, "test.formula", name="=1+1", patient=ada)
    answer = client.get(DOWNLOAD, {"patient": ada.number})
    assert answer.streaming
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="audit-trail-')
    head, *rows = table(answer)
    assert head[:5] == ["When", "Who", "Role", "What", "On"]
    assert [(row[1], row[7], row[6]) for row in rows] == [
        ("'=1+1", "test.formula", ""),
        ("Zed", "test.first", "10.1.2.3"),
    ]
    event = AuditEvent.objects.get(action="audit.downloaded")
    assert (event.actor_id, event.detail) == (administrator.pk, {"patient": ada.number})


def test_a_doctor_downloads_their_own_acts_alone():
    doctor, other = DoctorFactory(), DoctorFactory()
    audit.record(doctor.user, "test.own")
    audit.record(other.user, "test.theirs")
    found = {row[7] for row in table(client_of(doctor.user).get(DOWNLOAD))[1:]}
    assert "test.own" in found
    assert "test.theirs" not in found
    for role in (Role.RECEPTION, Role.PATIENT):
        assert client_of(UserFactory(role=role)).get(DOWNLOAD).status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_page_and_download_cost_the_same_however_many_entries(rows, client, django_assert_max_num_queries):
    for number in range(rows):
        patient = PatientFactory(birth_date=date(1980, 1, 1 + number))
        audit.record(patient.user, "test.act", patient, patient=patient)
    client.get(PAGE)
    with django_assert_max_num_queries(11):
        client.get(PAGE, {"action": ""})
    with django_assert_max_num_queries(10):
        table(client.get(DOWNLOAD, {"q": "Example"}))
