"""Lists as tables at once: each holds what its page shows, in its order, harmless in a spreadsheet, on record."""

import csv
import io
from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.http import urlencode

from accounts.models import AuditEvent, ConsentKind, ConsentText, JobRun, MessageState, Role, User
from accounts.services import invite
from accounts.tests.factories import MessageFactory, UserFactory
from clinic.services import create_specialization, note_by_hand
from clinic.tests.factories import ApplicationFactory, DepartmentFactory, DoctorFactory, PatientFactory
from hms.figures.rows import KINDS
from hms.past import past_visit
from records.models import BreakGlass, ClinicalGrant, MonthlyReport
from records.services import ask_grant, make_report
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


def make_invitation(number, name):
    invite(email=f"in{number}.{ord(name[0])}@example.org", name=name, role=Role.RECEPTION, by=None)


def make_application(number, name):
    ApplicationFactory(name=name, department=DepartmentFactory(), about="Private words")


def make_pair(number, name):
    note_by_hand(PatientFactory(name=name), PatientFactory(), by=UserFactory(role=Role.ADMIN), note="Private words")


def make_grant(number, name):
    who = {"user": UserFactory(role=Role.RECEPTION, name=name), "by": UserFactory(role=Role.ADMIN)}
    what = {"scope": ClinicalGrant.Scope.PATIENT, "patient": PatientFactory(), "reason": "Private words"}
    ask_grant(**who, **what, starts_at=timezone.now(), until=timezone.now() + timedelta(days=number))


def make_opening(number, name):
    opened = timezone.now() - timedelta(days=number)
    BreakGlass.objects.create(
        doctor=DoctorFactory(),
        patient=PatientFactory(name=name),
        kind=BreakGlass.Kind.EMERGENCY,
        reason="Private words",
        opened_at=opened,
        until=opened + timedelta(minutes=30),
    )


def make_monthly(number, name):
    make_report(DoctorFactory(name=name), date(1930 + ord(name[0]), 1, 1), by=None)


def make_run(number, name):
    begun = timezone.now() - timedelta(minutes=ord(name[0]))
    JobRun.objects.create(task="gone", started_at=begun, finished_at=begun, outcome="failed", result=name)


# The page, who reads it, what makes a row, the title of the cell that is compared, an order, the audit trail's name.
TABLES = [
    ("/figures/new-patients/", Role.ADMIN, make_past, "Patient", "-patient", "figure-new-patients"),
    ("/figures/waiting/", Role.ADMIN, make_past, "Patient", "-patient", "figure-waiting"),
    ("/figures/lead/", Role.ADMIN, make_past, "Patient", "-patient", "figure-lead"),
    ("/specializations/", Role.ADMIN, make_specialization, "Specialization", "-name", "specializations"),
    ("/waiting-list/", Role.RECEPTION, make_waiting, "Patient", "-patient", "waiting-list"),
    ("/calls/", Role.RECEPTION, make_unreached, "Patient", "-patient", "to-call"),
    ("/another-time/", Role.RECEPTION, make_displaced, "Patient", "-patient", "another-time"),
    ("/invitations/", Role.ADMIN, make_invitation, "Name", "-name", "invitations"),
    ("/applications/", Role.ADMIN, make_application, "Name", "-name", "applications"),
    ("/duplicates/", Role.ADMIN, make_pair, "Patient", "-patients", "duplicates"),
    ("/grants/", Role.ADMIN, make_grant, "For", "-for", "grants"),
    ("/break-glass/", Role.ADMIN, make_opening, "Patient", "-patient", "openings"),
    ("/reports/", Role.ADMIN, make_monthly, "Doctor or department", "-month", "reports"),
    ("/jobs/runs/", Role.ADMIN, make_run, "Result", "begun", "runs"),
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
    rows = sheet(client.get(f"{path}download/", {"sort": sort}))
    assert [row[title] for row in rows] == ["Zoë", "Bea", "'=cmd()"]
    assert "Private words" not in str(rows)
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


TOO_LONG = {"q": "x" * 101}
WRONG = {
    **{path: TOO_LONG for path, *_rest in TABLES},
    **{f"/figures/{which}/": {"from_day": "2026-03-02", "to_day": "2026-03-01"} for which in KINDS},
    "/jobs/runs/": {"job": "none"},
    "/users/": {"role": "king"},
    "/messages/": {"state": "lost", "kind": "ä&b"},
    "/access/": {"role": "king"},
    "/settings/history/": {"since": "2026-03-02", "until": "2026-03-01"},
    "/audit/": {"since": "yesterday"},
}


@pytest.mark.parametrize(("path", "asked"), WRONG.items(), ids=WRONG)
def test_a_filter_that_makes_no_sense_leads_to_the_list_that_says_why(path, asked, client):
    client.force_login(UserFactory(role=dict(row[:2] for row in TABLES).get(path, Role.ADMIN)))
    answer = client.get(f"{path}download/", asked)
    assert (answer.status_code, answer.url) == (302, f"{path}?{urlencode(asked)}")
    page = client.get(answer.url)
    assert page.context["form"].errors.keys() == asked.keys() - {"from_day", "since" if "until" in asked else ""}
    assert "invalid-feedback" in page.text
    assert not AuditEvent.objects.filter(action__in=["list.downloaded", "audit.downloaded"]).exists()


def test_a_figure_of_a_department_that_is_none_leads_to_its_list(client):
    client.force_login(UserFactory(role=Role.ADMIN))
    answer = client.get("/figures/waiting/download/", {"department": "77"})
    assert answer.url == "/figures/waiting/?department=77"
    assert "department" in client.get(answer.url).context["form"].errors


# Lists whose rows are there from the beginning: the page, a title, and what stands under it among other things.
ALWAYS_THERE = [
    ("/access/", "Address", "/access/download/", "access"),
    ("/jobs/", "Command", "seal_audit", "jobs"),
    ("/consent-texts/", "Text", "Privacy notice", "consent-texts"),
]


@pytest.mark.parametrize(("path", "title", "known", "name"), ALWAYS_THERE)
def test_what_the_program_brings_along_is_a_table_too(path, title, known, name, client):
    for role in set(Role) - {Role.ADMIN}:
        client.force_login(UserFactory(role=role))
        assert client.get(path).status_code == client.get(f"{path}download/").status_code == 403
    client.force_login(UserFactory(role=Role.ADMIN))
    assert f'href="{path}download/"' in client.get(path).text
    assert known in {row[title] for row in sheet(client.get(f"{path}download/"))}
    assert AuditEvent.objects.get(action="list.downloaded").detail == {"list": name, "filters": []}


def test_who_may_open_what_is_taken_along_as_it_is_narrowed(client):
    client.force_login(UserFactory(role=Role.ADMIN))
    asked = {"q": "/break-glass/", "role": "doctor"}
    shown = [url for _part, urls in client.get("/access/", asked).context["groups"] for url in urls]
    rows = sheet(client.get("/access/download/", asked))
    assert [row["Address"] for row in rows] == [url.route for url in shown] != []
    assert {row["Roles"] for row in rows} == {"Doctor", "Doctor, Administrator"}


def test_how_many_agree_stands_beside_the_text_of_today(client):
    client.force_login(UserFactory(role=Role.ADMIN))
    first = ConsentText.objects.get(kind=ConsentKind.DATA_USE)
    ConsentText.objects.create(kind=first.kind, number=2, text="New words", note="-1", counts_from=2)
    new, old = (row for row in sheet(client.get("/consent-texts/download/")) if row["Text"] == first.get_kind_display())
    assert (new["Version"], new["What has changed"], new["Text of today"], new["Agree"]) == ("2", "'-1", "Yes", "0")
    assert (old["Version"], old["Text of today"], old["Agree"]) == ("1", "No", "")
    assert "words" not in str(new)


def test_a_doctor_takes_along_what_is_the_doctors(client):
    for number, who in enumerate(NAMES, start=1):
        make_opening(number, who)
        make_monthly(number, who)
    opened = BreakGlass.objects.get(patient__name="Bea")
    client.force_login(opened.doctor.user)
    assert '"/break-glass/download/"' in client.get("/break-glass/").text
    assert [row["Patient"] for row in sheet(client.get("/break-glass/download/"))] == ["Bea"]
    client.force_login(MonthlyReport.objects.get(doctor__name="Bea").doctor.user)
    assert '"/reports/download/"' in client.get("/reports/").text
    assert [row["Doctor or department"] for row in sheet(client.get("/reports/download/"))] == ["Bea"]


def test_whom_a_grant_is_for_takes_along_the_own(client):
    for number, who in enumerate(NAMES, start=1):
        make_grant(number, who)
    client.force_login(User.objects.get(name="Bea"))
    assert [row["For"] for row in sheet(client.get("/grants/download/"))] == ["Bea"]


def test_a_report_stands_in_the_table_in_numbers(client):
    make_past(1, "Ada")
    visit = Appointment.objects.get()
    month = timezone.localtime(visit.starts_at).date().replace(day=1)
    with time_machine.travel(timezone.now() + timedelta(days=32)):
        make_report(visit.doctor, month, by=None)
        client.force_login(UserFactory(role=Role.ADMIN))
        (row,) = sheet(client.get("/reports/download/"))
    assert (row["Month"], row["Version"], row["Visits"], row["Completed"]) == (f"{month:%Y-%m}", "1", "1", "1")
    assert (row["No-shows"], row["Median wait, in minutes"], row["Hours used, in minutes"]) == ("0", "7", "30")


def test_the_runs_of_jobs_are_found_by_job_and_outcome(client):
    client.force_login(UserFactory(role=Role.ADMIN))
    make_run(1, "Bea")
    begun = timezone.now() - timedelta(hours=2)
    killed = JobRun.objects.create(task="accounts.tasks.seal_audit", started_at=begun)

    def found(**asked):
        shown = [run.result for run in client.get("/jobs/runs/", asked).context["page_obj"]]
        assert [row["Result"] for row in sheet(client.get("/jobs/runs/download/", asked))] == shown
        return shown

    assert found() == ["Bea", killed.result]
    assert found(outcome="failed") == ["Bea"]
    assert found(job=killed.task) == found(outcome="running") == [""]
    assert "Never ended" in client.get("/jobs/runs/").text
    assert "?outcome=failed" in client.get("/jobs/").text


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
    assert found(department=visit.doctor.department_id, q="zoe") == []
    assert client.get("/calls/", {"day": "2026-02-30"}).context["rows"] == []
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
    assert client.get("/another-time/", {"state": "nonsense"}).context["rows"] == []
    client.force_login(asked.doctor.user)
    assert found() == [asked]
    assert "doctor" not in client.get("/another-time/").context["form"].fields
