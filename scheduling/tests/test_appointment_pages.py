"""A visit's own page, moving it, cancelling it, and its calendar file."""

import re
from datetime import UTC, datetime, timedelta

import icalendar
import pytest
from django.urls import reverse

from accounts.models import Message
from clinic.tests.factories import DoctorFactory, PatientFactory
from hms.lib.converters import InstantConverter
from scheduling.models import Appointment, Status
from scheduling.tests.conftest import berlin
from scheduling.tests.factories import AppointmentFactory


def at(instant):
    return InstantConverter().to_url(instant)


@pytest.fixture
def visit(doctor, patient):
    return AppointmentFactory(
        doctor=doctor, patient=patient, starts_at=berlin(2, 10), reason="Kneeword", staff_notes="Noteword"
    )


def url(name, visit):
    return reverse(f"scheduling:appointment-{name}", args=[visit.pk])


PAGES = ["detail", "reschedule", "cancel", "ics"]


class TestWhoSeesWhat:
    def test_the_patient_sees_the_visit_and_no_notes(self, client, visit):
        client.force_login(visit.patient.user)
        page = client.get(url("detail", visit)).content.decode()
        assert "Kneeword" in page
        assert "Noteword" not in page
        for link in ("reschedule", "cancel", "ics"):
            assert url(link, visit) in page

    @pytest.mark.parametrize("who", ["doctor", "receptionist", "administrator"])
    def test_staff_see_notes_and_what_happened(self, who, request, client, visit):
        person = request.getfixturevalue(who)
        client.force_login(getattr(person, "user", person))
        page = client.get(url("detail", visit)).content.decode()
        assert "Noteword" in page
        assert url("reschedule", visit) in page

    @pytest.mark.parametrize("name", PAGES)
    def test_strangers_get_the_same_404_as_for_what_is_not_there(self, name, client, visit):
        for stranger in (PatientFactory().user, DoctorFactory().user):
            client.force_login(stranger)
            theirs = client.get(url(name, visit))
            nobodys = client.get(url(name, visit).replace(f"/{visit.pk}/", "/999999/"))
            assert theirs.status_code == nobodys.status_code == 404
            assert client.post(url("cancel", visit)).status_code == 404
            assert client.post(url("reschedule", visit), {"starts": at(berlin(3, 11))}).status_code == 404
        visit.refresh_from_db()
        assert (visit.status, visit.starts_at) == (Status.BOOKED, berlin(2, 10))

    @pytest.mark.parametrize("name", PAGES)
    def test_signed_out_people_sign_in_and_come_back(self, name, client, visit):
        response = client.get(url(name, visit))
        assert response.status_code == 302
        assert response.url == f"{reverse('account_login')}?next={url(name, visit)}"

    def test_where_there_is_nothing_to_do_there_is_no_box_for_it(self, client, visit, receptionist):
        client.force_login(receptionist)
        assert "What you can do" in client.get(url("detail", visit)).text
        Appointment.objects.filter(pk=visit.pk).update(status=Status.NO_SHOW)
        assert "What you can do" not in client.get(url("detail", visit)).text
        client.force_login(visit.patient.user)
        assert "Book another visit" in client.get(url("detail", visit)).text

    def test_a_get_changes_nothing(self, client, visit):
        client.force_login(visit.patient.user)
        for name in PAGES:
            assert client.get(url(name, visit)).status_code == 200
        assert client.get(url("reschedule", visit), {"starts": at(berlin(3, 11))}).status_code == 200
        visit.refresh_from_db()
        assert (visit.status, visit.starts_at, visit.events.count()) == (Status.BOOKED, berlin(2, 10), 0)

    def test_other_methods_are_refused(self, client, visit):
        client.force_login(visit.patient.user)
        assert client.post(url("detail", visit)).status_code == 405
        assert client.delete(url("cancel", visit)).status_code == 405


class TestCancelling:
    def test_asks_first_and_names_what_will_happen(self, client, visit):
        client.force_login(visit.patient.user)
        page = client.get(url("cancel", visit)).content.decode()
        assert visit.doctor.name in page
        assert "Tue 2 Jun, 10:00" in page

    @pytest.mark.parametrize("who", ["patient", "doctor", "receptionist", "administrator"])
    def test_each_of_them_cancels(self, who, request, client, visit):
        person = request.getfixturevalue(who)
        client.force_login(getattr(person, "user", person))
        response = client.post(url("cancel", visit), {"reason": "Better now"})
        assert response.status_code == 302
        visit.refresh_from_db()
        assert visit.status == Status.CANCELLED
        assert visit.events.get().reason == "Better now"

    def test_cancelling_what_is_cancelled_says_the_same(self, client, visit):
        client.force_login(visit.patient.user)
        first, second = (client.post(url("cancel", visit)) for _press in range(2))
        assert (first.status_code, first.url) == (second.status_code, second.url)
        assert Message.objects.filter(kind="appointment.cancelled").count() == 1

    def test_too_late_is_a_page_with_the_way_on(self, client, visit, hospital):
        hospital.cancellation_cutoff_minutes = 60 * 48
        hospital.phone = "+493012345678"
        hospital.save()
        client.force_login(visit.patient.user)
        for response in (client.get(url("cancel", visit)), client.post(url("cancel", visit))):
            assert response.status_code == 409
            assert "until 2 days before" in response.content.decode()
            assert "tel:+493012345678" in response.content.decode()
        page = client.get(url("detail", visit)).content.decode()
        assert url("cancel", visit) not in page
        assert "until 2 days before" in page

    @pytest.mark.parametrize("status", [Status.COMPLETED, Status.NO_SHOW, Status.IN_CONSULTATION])
    def test_a_status_that_cannot_follow_is_a_conflict(self, status, client, visit, receptionist):
        Appointment.objects.filter(pk=visit.pk).update(status=status)
        client.force_login(receptionist)
        assert client.get(url("cancel", visit)).status_code == 409
        assert client.post(url("cancel", visit)).status_code == 409
        visit.refresh_from_db()
        assert visit.status == status


class TestMoving:
    def move(self, client, visit, starts, **more):
        return client.post(url("reschedule", visit), {"starts": starts, **more})

    def test_day_then_time_then_confirmation(self, client, visit):
        client.force_login(visit.patient.user)
        page = client.get(url("reschedule", visit)).content.decode()
        assert f"{url('reschedule', visit)}?day=2026-06-03" in page
        page = client.get(url("reschedule", visit), {"day": "2026-06-03"}).content.decode()
        link = f"{url('reschedule', visit)}?starts={at(berlin(3, 11))}"
        assert link in page
        page = client.get(link).content.decode()
        assert "Tue 2 Jun, 10:00" in page
        assert "Wed 3 Jun, 11:00" in page
        response = self.move(client, visit, at(berlin(3, 11)), reason="Work", seen=at(berlin(2, 10)))
        assert response.status_code == 302
        visit.refresh_from_db()
        assert (visit.starts_at, visit.moved_count) == (berlin(3, 11), 1)

    @pytest.mark.parametrize("who", ["patient", "doctor", "receptionist", "administrator"])
    def test_each_of_them_moves(self, who, request, client, visit):
        person = request.getfixturevalue(who)
        client.force_login(getattr(person, "user", person))
        assert self.move(client, visit, at(berlin(3, 11))).status_code == 302
        visit.refresh_from_db()
        assert visit.starts_at == berlin(3, 11)

    def test_own_time_is_not_offered(self, client, visit):
        client.force_login(visit.patient.user)
        page = client.get(url("reschedule", visit), {"day": "2026-06-02"}).content.decode()
        assert f"starts={at(berlin(2, 9, 30))}" in page
        assert f"starts={at(berlin(2, 10))}" not in page

    def test_a_taken_time_offers_others_one_press_away(self, client, visit, doctor):
        AppointmentFactory(doctor=doctor, starts_at=berlin(3, 11))
        client.force_login(visit.patient.user)
        response = self.move(client, visit, at(berlin(3, 11)), reason="Because of work")
        page = response.content.decode()
        assert response.status_code == 409
        assert "just been taken" in page
        assert "Because of work" in page
        offered = re.findall(r'name="starts" value="(\w+)"', page)
        assert at(berlin(3, 11, 30)) in offered
        assert at(berlin(2, 10)) not in offered
        assert self.move(client, visit, offered[0]).status_code == 302

    def test_a_page_that_is_out_of_date_moves_nothing(self, client, visit):
        client.force_login(visit.patient.user)
        self.move(client, visit, at(berlin(3, 11)), seen=at(berlin(2, 10)))
        response = self.move(client, visit, at(berlin(4, 11)), seen=at(berlin(2, 10)))
        assert response.status_code == 409
        assert "in the meantime" in response.content.decode()
        visit.refresh_from_db()
        assert visit.starts_at == berlin(3, 11)

    def test_pressing_twice_moves_once(self, client, visit):
        client.force_login(visit.patient.user)
        for _press in range(2):
            assert self.move(client, visit, at(berlin(3, 11)), seen=at(berlin(2, 10))).status_code == 302
        visit.refresh_from_db()
        assert visit.moved_count == 1

    @pytest.mark.parametrize("starts", ["", "nonsense", "20260230T100000Z", "x" * 5000])
    def test_nonsense_asks_again(self, starts, client, visit):
        client.force_login(visit.patient.user)
        response = self.move(client, visit, starts)
        assert response.status_code in {200, 422}
        visit.refresh_from_db()
        assert visit.starts_at == berlin(2, 10)

    @pytest.mark.parametrize(
        "starts", [berlin(1, 7), berlin(2, 20), berlin(20, 10), datetime(9999, 12, 31, 23, tzinfo=UTC)]
    )
    def test_what_is_not_offered_is_a_conflict(self, starts, client, visit):
        client.force_login(visit.patient.user)
        assert self.move(client, visit, at(starts)).status_code == 409
        assert client.get(url("reschedule", visit), {"starts": at(starts)}).status_code == 409

    @pytest.mark.parametrize("given", ["9999-12-31", "0001-01-01", "x", "2026-02-30"])
    def test_days_out_of_reach_show_the_strip(self, given, client, visit):
        client.force_login(visit.patient.user)
        assert client.get(url("reschedule", visit), {"day": given}).status_code == 200
        assert client.get(url("reschedule", visit), {"from": given}).status_code == 200

    @pytest.mark.parametrize("status", [Status.COMPLETED, Status.CANCELLED, Status.CHECKED_IN])
    def test_only_booked_visits_move(self, status, client, visit, receptionist):
        Appointment.objects.filter(pk=visit.pk).update(status=status)
        client.force_login(receptionist)
        assert client.get(url("reschedule", visit)).status_code == 409
        assert self.move(client, visit, at(berlin(3, 11))).status_code == 409

    def test_too_long_a_reason_is_said_beside_the_field(self, client, visit):
        client.force_login(visit.patient.user)
        response = self.move(client, visit, at(berlin(3, 11)), reason="y" * 301)
        assert response.status_code == 422
        assert "y" * 301 in response.content.decode()
        assert "at most 300 characters" in response.content.decode()


class TestCalendarFile:
    def test_tells_when_and_where_and_nothing_else(self, client, visit, hospital):
        hospital.name, hospital.address = "St Anna", "12 Garden Street\n10117 Berlin"
        hospital.save()
        client.force_login(visit.patient.user)
        response = client.get(url("ics", visit))
        assert response["Content-Type"] == "text/calendar; charset=utf-8"
        assert f"visit-{visit.reference}.ics" in response["Content-Disposition"]
        (event,) = icalendar.Calendar.from_ical(response.content).walk("VEVENT")
        assert event.decoded("dtstart") == visit.starts_at
        assert event.decoded("dtend") == visit.ends_at
        assert str(event["location"]) == "St Anna, 12 Garden Street, 10117 Berlin"
        assert visit.doctor.name in str(event["summary"])
        assert "Kneeword" not in response.content.decode()
        assert "Noteword" not in response.content.decode()

    def test_keeps_its_number_and_counts_changes(self, client, visit):
        client.force_login(visit.patient.user)

        def event():
            return icalendar.Calendar.from_ical(client.get(url("ics", visit)).content).walk("VEVENT")[0]

        before = event()
        client.post(url("reschedule", visit), {"starts": at(berlin(3, 11))})
        moved = event()
        client.post(url("cancel", visit))
        cancelled = event()
        assert before["uid"] == moved["uid"] == cancelled["uid"]
        assert [one["sequence"] for one in (before, moved, cancelled)] == [0, 1, 2]
        assert [str(one["status"]) for one in (before, moved, cancelled)] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
        assert moved.decoded("dtstart") == berlin(3, 11)


@pytest.mark.parametrize("rows", [1, 3])
def test_a_visit_costs_the_same_however_much_happened(rows, client, visit, receptionist, django_assert_max_num_queries):
    from scheduling.services import annotate

    for number in range(rows):
        annotate(visit, notes=f"Note {number}", by=receptionist)
    client.force_login(receptionist)
    with django_assert_max_num_queries(11):
        client.get(url("detail", visit))


def test_a_visit_in_the_autumn_hour_shows_which_one_it_is(client, doctor, patient, clock):
    first = AppointmentFactory(doctor=doctor, patient=patient, starts_at=datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    second = AppointmentFactory(doctor=doctor, patient=patient, starts_at=first.starts_at + timedelta(hours=1))
    client.force_login(patient.user)
    assert "02:30 (UTC+02:00)" in client.get(url("detail", first)).content.decode()
    assert "02:30 (UTC+01:00)" in client.get(url("detail", second)).content.decode()
