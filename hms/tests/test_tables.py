"""Lists as tables at once: each holds what its page shows, in its order, harmless in a spreadsheet, on record."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEvent, MessageState, Role
from accounts.tests.factories import MessageFactory, UserFactory
from clinic.services import create_specialization
from clinic.tests.factories import DoctorFactory, PatientFactory
from hms.past import past_visit
from scheduling.models import Appointment, Proposal
from scheduling.services import proposals
from scheduling.services.waitlist import join
from scheduling.tests.factories import AppointmentFactory, TimeOffFactory

pytestmark = pytest.mark.django_db
NAMES = ("Bea", "=cmd()", "Zoë")


def make_past(number, name):
    starts = timezone.now().replace(microsecond=0) - timedelta(days=number)
    past_visit(doctor=DoctorFactory(), patient=PatientFactory(name=name), starts_at=starts, status="completed")


def make_specialization(number, name):
    create_specialization(name=name, by=None)


def make_waiting(number, name):
    doctor = DoctorFactory()
    until = timezone.localdate() + timedelta(days=7 + number)
    join(patient=PatientFactory(name=name), department=doctor.department, doctor=doctor, until=until, by=None)


def make_unreached(number, name):
    visit = AppointmentFactory(
        patient=PatientFactory(name=name), starts_at=timezone.now() + timedelta(hours=1 + number)
    )
    about = {"about_type": "scheduling.appointment", "about_id": visit.pk}
    MessageFactory(kind="appointment.booked", state=MessageState.GIVEN_UP, **about)


def make_displaced(number, name):
    visit = AppointmentFactory(
        patient=PatientFactory(name=name), starts_at=timezone.now() + timedelta(hours=1 + number)
    )
    TimeOffFactory(doctor=visit.doctor, starts_at=visit.starts_at, ends_at=visit.ends_at)


# The page, who reads it, what makes a row, the title of the cell that is compared, an order, the audit trail's name.
TABLES = [
    ("/figures/new-patients/", Role.ADMIN, make_past, "Patient", "-patient", "figure-new-patients"),
    ("/figures/waiting/", Role.ADMIN, make_past, "Patient", "-patient", "figure-waiting"),
    ("/figures/lead/", Role.ADMIN, make_past, "Patient", "-patient", "figure-lead"),
    ("/specializations/", Role.ADMIN, make_specialization, "Specialization", "-name", "specializations"),
    ("/waiting-list/", Role.RECEPTION, make_waiting, "Patient", "-patient", "waiting-list"),
    ("/calls/", Role.RECEPTION, make_unreached, "Patient", "-patient", "to-call"),
    ("/another-time/", Role.RECEPTION, make_displaced, "Patient", "-patient", "another-time"),
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
        make(number + 1, f"Ada {number}")
        make(number + 2, f"Bo {number}")
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


def test_whom_to_call_is_found_by_patient_doctor_department_and_day(client):
    client.force_login(UserFactory(role=Role.RECEPTION))
    for number, who in enumerate(NAMES, start=1):
        make_unreached(24 * number, who)
    visit = Appointment.objects.get(patient__name="Bea")
    day = timezone.localtime(visit.starts_at).date()

    def found(**asked):
        shown = [one.visit.patient.name for one in client.get("/calls/", asked).context["rows"]]
        taken = [row["Patient"].removeprefix("'") for row in sheet(client.get("/calls/download/", asked))]
        assert shown == taken
        return shown

    assert found() == list(NAMES)
    assert found(q="zoe") == ["Zoë"]
    assert found(q=visit.patient.number) == found(doctor=visit.doctor_id) == found(day=day.isoformat()) == ["Bea"]
    assert found(department=visit.doctor.department_id, q="zoe") == found(day="2026-02-30") == []
    page = client.get("/calls/", {"q": "bea"}).text
    assert f"?q=bea&amp;day={day.isoformat()}" in page
    assert "Could not reach the patients of these 3 visits" in page


def test_who_needs_another_time_is_found_by_how_far_it_is(client):
    desk = UserFactory(role=Role.RECEPTION)
    client.force_login(desk)
    for number, who in enumerate(NAMES, start=1):
        make_displaced(number, who)
    open_one, asked, call = Appointment.objects.order_by("starts_at")
    for visit in (asked, call):
        proposals.ask(visit, by=desk)
    Proposal.objects.filter(appointment=call).update(call_wanted_at=timezone.now())

    def found(**said):
        shown = [one.visit for one in client.get("/another-time/", said).context["rows"]]
        assert [row["Number"] for row in sheet(client.get("/another-time/download/", said))] == [
            visit.patient.number for visit in shown
        ]
        return shown

    assert [found(state=state) for state in ("open", "asked", "call")] == [[open_one], [asked], [call]]
    assert found(doctor=asked.doctor_id) == found(q=asked.patient.number) == [asked]
    assert found(state="nonsense") == []
    client.force_login(asked.doctor.user)
    assert found() == [asked]
    assert "doctor" not in client.get("/another-time/").context["form"].fields
