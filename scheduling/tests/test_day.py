"""The day: who is expected, who is here, and the moves that reception and doctors make."""

from datetime import time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from clinic.tests.factories import DoctorFactory, PatientFactory
from scheduling import services
from scheduling.models import AppointmentEvent, Lane, Status
from scheduling.tests.conftest import berlin
from scheduling.tests.factories import AppointmentFactory, TimeOffFactory, WorkingHoursFactory

DAY = reverse("scheduling:day")


def url(name, visit):
    return reverse(f"scheduling:appointment-{name}", args=[visit.pk])


def rows(client, **query):
    return [row for plan in client.get(DAY, query).context["plans"] for row in plan.rows]


def offered(client, visit):
    return [action.name for row in rows(client) if row.visit == visit for action, _url in row.actions]


@pytest.fixture
def visit(doctor, patient):
    return AppointmentFactory(doctor=doctor, patient=patient, starts_at=berlin(1, 10))


@pytest.fixture
def desk(client, receptionist):
    """The receptionist, signed in."""
    client.force_login(receptionist)
    return client


def test_reception_sees_the_day_by_doctor(desk, doctor, visit):
    other = AppointmentFactory(starts_at=berlin(1, 9))
    AppointmentFactory(doctor=doctor, starts_at=berlin(2, 10))
    WorkingHoursFactory(doctor=DoctorFactory(name="Dr On Tuesdays"), weekday=1)
    plans = desk.get(DAY).context["plans"]
    assert [(plan.doctor, [row.visit for row in plan.rows], len(plan.free)) for plan in plans] == [
        (doctor, [visit], 15),
        (other.doctor, [other], 0),
    ]


def test_who_has_no_visits_stands_below_who_has(desk, doctor, visit):
    free = DoctorFactory(name="Aa Always First")
    WorkingHoursFactory(doctor=free, weekday=0)
    response = desk.get(DAY)
    assert [plan.doctor for plan in response.context["busy"]] == [doctor]
    assert [plan.doctor for plan in response.context["idle"]] == [free]
    page = response.text[response.text.index('id="day-live"') :]
    assert page.index(visit.patient.name) < page.index(free.name)
    assert reverse("scheduling:booking-times", args=[free.pk, berlin(1, 8).date()]) in page


def test_another_day_by_its_date(desk, doctor, visit):
    later = AppointmentFactory(doctor=doctor, starts_at=berlin(3, 10))
    assert [row.visit for row in rows(desk, date="2026-06-03")] == [later]
    assert [row.visit for row in rows(desk)] == [visit]


@pytest.mark.parametrize("given", ["2026-02-30", "yesterday", "0001-01-01", "9999-12-31"])
def test_a_day_that_does_not_exist_is_said_and_today_is_shown(desk, visit, given):
    response = desk.get(DAY, {"date": given})
    assert response.status_code == 200
    assert list(response.context["form"].errors) == ["date"]
    assert response.context["day"].isoformat() == "2026-06-01"


def test_the_day_is_the_hospitals(desk, clock):
    late = AppointmentFactory(starts_at=berlin(3, 23, 30))
    early = AppointmentFactory(starts_at=berlin(4, 0, 30))
    assert [row.visit for row in rows(desk, date="2026-06-03")] == [late]
    assert [row.visit for row in rows(desk, date="2026-06-04")] == [early]


def test_reception_finds_a_patient_of_the_day(desk, visit):
    AppointmentFactory(starts_at=berlin(1, 9))
    assert [row.visit for row in rows(desk, q="alvarez MINA")] == [visit]
    assert [row.visit for row in rows(desk, doctor=visit.doctor_id)] == [visit]
    assert "Nobody of that name" in desk.get(DAY, {"q": "nobody"}).content.decode()


def test_an_empty_day_says_so(desk):
    assert "Nobody works on this day" in desk.get(DAY, {"date": "2026-06-01"}).content.decode()


def test_who_has_arrived_stands_on_top_who_came_first_first(desk, doctor, visit, receptionist, clock):
    second = AppointmentFactory(doctor=doctor, starts_at=berlin(1, 9))
    services.check_in(visit, by=receptionist)
    clock.shift(timedelta(minutes=4))
    services.check_in(second, by=receptionist)
    context = desk.get(DAY).context
    assert [row.visit for row in context["here"]] == [visit, second]
    assert context["here"][0].visit.arrived_at == timezone.now() - timedelta(minutes=4)
    assert {str(label): number for label, number, _icon in context["counts"]}["Waiting"] == 2


def test_who_is_late_or_without_a_doctor_is_marked(desk, receptionist, doctor, visit, clock):
    TimeOffFactory(doctor=doctor, starts_at=berlin(1, 15), ends_at=berlin(1, 17))
    lost = AppointmentFactory(doctor=doctor, starts_at=berlin(1, 15))
    extra = AppointmentFactory(
        doctor=doctor, starts_at=berlin(1, 19), lane=Lane.OVERBOOKED, overbook_reason="emergency"
    )
    clock.move_to(berlin(1, 10, 11))
    desk.logout()
    desk.force_login(receptionist)
    assert [(row.visit, row.late, row.stranded) for row in rows(desk)] == [
        (visit, True, False),
        (lost, False, True),
        (extra, False, False),
    ]


def test_reception_leads_on_to_the_doctors_free_times(desk, doctor, visit):
    path = reverse("scheduling:booking-times", args=[doctor.pk, berlin(1, 10).date()])
    assert path in desk.get(DAY).content.decode()
    assert path not in desk.get(DAY, {"date": "2026-05-31"}).content.decode()


def test_a_doctor_sees_only_the_own_day(client, doctor, visit):
    stranger = AppointmentFactory(starts_at=berlin(1, 9), patient=PatientFactory(name="Zoltan Stranger"))
    client.force_login(doctor.user)
    page = client.get(DAY)
    assert [row.visit for row in rows(client)] == [visit]
    assert stranger.patient.name not in page.content.decode()
    assert rows(client, doctor=stranger.doctor_id, q="Zoltan") == rows(client)


def test_a_doctors_next_patient_stands_first(client, doctor, visit, receptionist):
    later = AppointmentFactory(doctor=doctor, starts_at=berlin(1, 11))
    client.force_login(doctor.user)
    assert client.get(DAY).context["up"].visit == visit
    services.check_in(later, by=receptionist)
    assert client.get(DAY).context["up"].visit == later
    services.start(visit, by=doctor.user)
    up = client.get(DAY).context["up"]
    assert (up.visit, [action.name for action, _url in up.actions]) == (visit, ["record"])


def test_reception_checks_in_and_a_second_press_changes_nothing(desk, visit):
    for _press in range(2):
        response = desk.post(url("check-in", visit), {"next": f"{DAY}?date=2026-06-01"})
        assert (response.status_code, response.url) == (302, f"{DAY}?date=2026-06-01")
    visit.refresh_from_db()
    assert visit.status == Status.CHECKED_IN
    assert AuditEvent.objects.filter(action="appointment.checked_in").count() == 1
    assert visit.events.filter(kind=AppointmentEvent.Kind.STATUS).count() == 1


@pytest.mark.parametrize("way", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_the_way_back_never_leads_elsewhere(desk, visit, way):
    assert desk.post(url("check-in", visit), {"next": way}).url == url("detail", visit)


def test_check_in_is_for_the_day_of_the_visit(desk, doctor):
    tomorrow = AppointmentFactory(doctor=doctor, starts_at=berlin(2, 9))
    response = desk.post(url("check-in", tomorrow))
    assert (response.status_code, "on the day of their visit" in response.content.decode()) == (409, True)
    assert desk.get(DAY, {"date": "2026-06-02"}).context["plans"][0].rows[0].actions == []


def test_no_show_only_after_the_beginning(desk, receptionist, visit, clock):
    assert offered(desk, visit) == ["check-in"]
    assert desk.post(url("no-show", visit)).status_code == 409
    clock.move_to(visit.starts_at)
    desk.logout()
    desk.force_login(receptionist)
    assert offered(desk, visit) == ["check-in", "no-show"]
    assert desk.post(url("no-show", visit)).status_code == 302
    visit.refresh_from_db()
    assert visit.status == Status.NO_SHOW


def test_a_doctor_starts_and_goes_on_to_the_record(client, doctor, visit):
    client.force_login(doctor.user)
    for _press in range(2):
        assert client.post(url("start", visit)).url == reverse("records:encounter-write", args=[visit.pk])
    visit.refresh_from_db()
    assert visit.status == Status.IN_CONSULTATION


def test_what_changed_meanwhile_is_a_page_with_the_way_on(desk, visit):
    visit.status = Status.CANCELLED
    visit.save()
    response = desk.post(url("check-in", visit), {"next": DAY}, headers={"HX-Request": "true"})
    page = response.content.decode()
    assert response.status_code == 409
    assert "Cancelled" in page
    assert f'href="{DAY}"' in page
    assert response.headers["HX-Reselect"] == "#content"


def test_staff_notes_are_written_for_staff(client, desk, visit, doctor, patient):
    response = desk.post(url("notes", visit), {"notes": "Needs a wheelchair"})
    assert response.url == url("detail", visit)
    visit.refresh_from_db()
    assert visit.staff_notes == "Needs a wheelchair"
    assert desk.get(url("notes", visit)).context["form"]["notes"].value() == "Needs a wheelchair"
    assert "wheelchair" in desk.get(DAY).content.decode()
    client.force_login(doctor.user)
    assert client.post(url("notes", visit), {"notes": ""}).status_code == 302
    client.force_login(patient.user)
    assert client.get(url("notes", visit)).status_code == 403


def test_notes_that_are_too_long_stay_in_the_form(desk, visit):
    response = desk.post(url("notes", visit), {"notes": "x" * 5000})
    assert list(response.context["form"].errors) == ["notes"]
    assert response.context["form"]["notes"].value() == "x" * 5000


def test_who_may_do_what_at_the_desk(client, visit, doctor, patient, receptionist, administrator):
    stranger = DoctorFactory().user
    expected = {
        "check-in": {patient.user: 403, doctor.user: 403, stranger: 403, receptionist: 302, administrator: 302},
        "start": {patient.user: 403, receptionist: 403, administrator: 403, stranger: 404, doctor.user: 302},
        "no-show": {patient.user: 403, stranger: 404},
        "notes": {patient.user: 403, stranger: 404},
    }
    for name, people in expected.items():
        for person, status in people.items():
            client.force_login(person)
            assert client.post(url(name, visit)).status_code == status, (name, person.role)
    for name in ("check-in", "start", "no-show"):
        assert client.get(url(name, visit)).status_code in {403, 405}
    client.force_login(patient.user)
    assert client.get(DAY).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("role", ["reception", "doctor"])
def test_the_day_costs_the_same_however_full(count, role, client, doctor, receptionist, django_assert_max_num_queries):
    for number in range(count):
        whom = doctor if role == "doctor" else DoctorFactory()
        WorkingHoursFactory(doctor=whom, weekday=number, starts=time(18), ends=time(20))
        AppointmentFactory(doctor=whom, starts_at=berlin(1, 9 + number))
    client.force_login(doctor.user if role == "doctor" else receptionist)
    client.get(DAY)
    with django_assert_max_num_queries(16):
        assert len(rows(client)) == count
