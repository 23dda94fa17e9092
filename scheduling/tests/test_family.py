"""Guardians book, move and cancel for others: for whom is always said; of a visit they see what their scope allows."""

import re

import icalendar
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, Message
from clinic import services as clinic
from clinic.models import Scope
from clinic.tests.factories import DoctorFactory, GuardianshipFactory, PatientFactory
from hms.lib.converters import InstantConverter
from scheduling import notices, services
from scheduling.models import Appointment, Status
from scheduling.services import BookingConflict
from scheduling.tests.conftest import berlin
from scheduling.tests.factories import AppointmentFactory, open_all_week


@pytest.fixture
def child(clock):
    return PatientFactory(name="Maya Weber", user=None)


@pytest.fixture
def parent(child, patient):
    """Mina Alvarez, who may book for Maya and is a patient herself."""
    GuardianshipFactory(patient=child, guardian=patient.user, scope=Scope.BOOK)
    return patient.user


@pytest.fixture
def as_parent(parent, client):
    client.force_login(parent)
    return client


def confirm_url(doctor, instant, patient=None):
    url = reverse("scheduling:booking-confirm", args=[doctor.pk, instant])
    return f"{url}?patient={patient.pk}" if patient else url


def book(doctor, patient, by, hour=10, **fields):
    return services.book(doctor=doctor, patient=patient, starts_at=berlin(2, hour), by=by, **fields)


class TestForWhom:
    def test_who_acts_for_nobody_is_not_asked(self, client, doctor, patient):
        client.force_login(patient.user)
        assert "Who is the visit for?" not in client.get(reverse("scheduling:booking-departments")).content.decode()

    def test_each_step_says_for_whom_and_carries_it_along(self, as_parent, doctor, child):
        for url in (
            reverse("scheduling:booking-departments"),
            reverse("scheduling:booking-doctors", args=[doctor.department_id]),
            reverse("scheduling:booking-dates", args=[doctor.pk]),
            reverse("scheduling:booking-times", args=[doctor.pk, berlin(2, 10).date()]),
            confirm_url(doctor, berlin(2, 10)),
        ):
            page = as_parent.get(f"{url}?patient={child.pk}").content.decode()
            assert "For: Maya Weber" in page
            inside = page.partition("<main")[2].partition("</main>")[0]
            steps = [link for link in re.findall(r'href="(/book/[^"]*)"', inside) if link != url]
            assert steps == [] or all(f"patient={child.pk}" in link for link in steps), url
            own = as_parent.get(url).content.decode()
            assert "For: myself" in own
            assert f"{url}?patient={child.pk}" in own

    def test_the_confirmed_visit_is_the_childs_and_says_so(self, as_parent, doctor, child, parent):
        page = as_parent.get(confirm_url(doctor, berlin(2, 10), child)).content.decode()
        assert "Book this visit for Maya Weber" in page
        assert f'name="patient" value="{child.pk}"' in page
        response = as_parent.post(confirm_url(doctor, berlin(2, 10), child), {"reason": "Ear"}, follow=True)
        visit = Appointment.objects.get()
        assert (visit.patient, visit.booked_by, visit.reason) == (child, parent, "Ear")
        assert "The visit of Maya Weber is booked." in response.content.decode()
        assert parent.email in response.content.decode()

    def test_without_a_patient_in_the_address_it_is_ones_own(self, as_parent, doctor, patient):
        as_parent.post(confirm_url(doctor, berlin(2, 10)), {"reason": ""})
        assert Appointment.objects.get().patient == patient

    def test_a_stranger_in_the_address_is_not_there(self, as_parent, doctor):
        stranger = PatientFactory()
        assert as_parent.get(confirm_url(doctor, berlin(2, 10), stranger)).status_code == 404
        assert as_parent.post(confirm_url(doctor, berlin(2, 10)), {"patient": stranger.pk}).status_code == 404
        assert not Appointment.objects.exists()

    def test_after_the_end_the_child_is_not_there(self, as_parent, parent, doctor, child):
        clinic.end_guardianship(child.guardianships.get(), by=parent)
        assert as_parent.post(confirm_url(doctor, berlin(2, 10), child)).status_code == 404

    def test_a_taken_time_is_booked_elsewhere_for_the_same_child(self, as_parent, doctor, child):
        AppointmentFactory(doctor=doctor, starts_at=berlin(2, 10))
        page = as_parent.post(confirm_url(doctor, berlin(2, 10), child), {"reason": "Ear"})
        assert page.status_code == 409
        assert "One press books the time for Maya Weber." in page.content.decode()
        assert f'name="patient" value="{child.pk}"' in page.content.decode()

    def test_who_has_no_profile_chooses_between_those_they_act_for(self, client, doctor, child):
        guardian = GuardianshipFactory(patient=child).guardian
        client.force_login(guardian)
        page = client.get(confirm_url(doctor, berlin(2, 10))).content.decode()
        assert "Who is the visit for?" in page
        assert client.post(confirm_url(doctor, berlin(2, 10))).status_code == 422
        client.post(confirm_url(doctor, berlin(2, 10), child))
        assert Appointment.objects.get().patient == child


class TestOverlaps:
    def test_two_children_see_two_doctors_at_the_same_time(self, parent, doctor, child):
        other, second = PatientFactory(user=None), DoctorFactory()
        open_all_week(second)
        GuardianshipFactory(patient=other, guardian=parent)
        book(doctor, child, parent)
        book(second, other, parent)
        assert Appointment.objects.filter(starts_at=berlin(2, 10)).count() == 2

    def test_one_child_is_in_one_place_and_the_sentence_names_it(self, parent, doctor, child):
        second = DoctorFactory()
        open_all_week(second)
        book(doctor, child, parent)
        with pytest.raises(BookingConflict, match="Maya Weber already has a visit with Dr Ada Okafor"):
            book(second, child, parent)


class TestVisits:
    def test_the_list_shows_whose_visit_it_is_and_narrows_to_one(self, as_parent, parent, doctor, child, patient):
        book(doctor, child, parent)
        own = book(doctor, patient, parent, hour=11)
        url = reverse("scheduling:appointment-list")
        page = as_parent.get(url).content.decode()
        assert "Maya Weber" in page
        assert own.reference in page
        narrowed = as_parent.get(url, {"patient": child.pk}).content.decode()
        assert own.reference not in narrowed
        assert f'<option value="{child.pk}" selected>' in narrowed
        assert as_parent.get(url, {"patient": PatientFactory().pk}).status_code == 200

    def test_a_guardian_moves_and_cancels_and_the_history_names_both(self, as_parent, parent, doctor, child):
        visit = book(doctor, child, parent)
        new = InstantConverter().to_url(berlin(2, 11))
        as_parent.post(reverse("scheduling:appointment-reschedule", args=[visit.pk]), {"starts": new})
        as_parent.post(reverse("scheduling:appointment-cancel", args=[visit.pk]))
        visit.refresh_from_db()
        assert (visit.starts_at, visit.status) == (berlin(2, 11), Status.CANCELLED)
        assert {event.by_name for event in visit.events.all()} == {"Mina Alvarez for Maya Weber"}
        rows = AuditEvent.objects.filter(patient_id=child.pk, action__startswith="appointment.")
        assert {row.action for row in rows} == {"appointment.booked", "appointment.moved", "appointment.cancelled"}
        assert {row.detail["as"] for row in rows} == {"guardian"}

    def test_who_only_books_reads_the_reasons_they_typed_and_no_others(
        self, as_parent, parent, doctor, child, receptionist
    ):
        mine = book(doctor, child, parent, reason="Mineword")
        other = book(doctor, child, receptionist, hour=12, reason="Otherword")
        for visit, words, seen in ((mine, "Mineword", True), (other, "Otherword", False)):
            page = as_parent.get(reverse("scheduling:appointment-detail", args=[visit.pk])).content.decode()
            assert (words in page) is seen
        child.guardianships.update(scope=Scope.READ)
        page = as_parent.get(reverse("scheduling:appointment-detail", args=[other.pk])).content.decode()
        assert "Otherword" in page

    def test_the_calendar_file_says_for_whom(self, as_parent, parent, doctor, child):
        visit = book(doctor, child, parent)
        text = as_parent.get(reverse("scheduling:appointment-ics", args=[visit.pk])).content
        (event,) = icalendar.Calendar.from_ical(text).walk("VEVENT")
        assert str(event["summary"]).startswith("Maya Weber: Dr Ada Okafor")

    def test_booked_visits_stay_when_the_guardian_goes(self, as_parent, parent, doctor, child):
        visit = book(doctor, child, parent)
        clinic.end_guardianship(child.guardianships.get(), by=parent)
        assert as_parent.get(reverse("scheduling:appointment-detail", args=[visit.pk])).status_code == 404
        visit.refresh_from_db()
        assert visit.status == Status.BOOKED

    @pytest.mark.parametrize("rows", [1, 3])
    def test_the_list_costs_the_same_however_many_children(self, rows, parent, doctor, django_assert_max_num_queries):
        for number in range(rows):
            other = PatientFactory(user=None)
            GuardianshipFactory(patient=other, guardian=parent)
            book(doctor, other, parent, hour=10 + number)
        client = Client()
        client.force_login(parent)
        with django_assert_max_num_queries(14):
            client.get(reverse("scheduling:appointment-list"))
        with django_assert_max_num_queries(14):
            client.get(reverse("clinic:family"))


class TestMails:
    def test_each_guardian_of_somebody_without_an_account_is_told_and_for_whom(self, parent, doctor, child):
        father = GuardianshipFactory(patient=child).guardian
        book(doctor, child, parent)
        told = Message.objects.filter(kind="appointment.booked")
        assert {message.recipient for message in told} == {parent, father}
        for message in told:
            assert message.subject.startswith("Visit of Maya Weber to Dr Ada Okafor")
            assert f"Dear {message.recipient.name}," in message.text
            assert notices.is_still_true(message)

    def test_who_has_an_account_is_told_and_the_guardian_is_not(self, parent, doctor):
        adult = PatientFactory()
        GuardianshipFactory(patient=adult, guardian=parent)
        book(doctor, adult, parent)
        assert Message.objects.get(kind="appointment.booked").recipient == adult.user

    def test_without_a_guardian_the_address_at_the_desk_is_used(self, doctor, receptionist):
        lone = PatientFactory(user=None, email="lone@example.org")
        book(doctor, lone, receptionist)
        assert Message.objects.get(kind="appointment.booked").address == "lone@example.org"

    def test_a_mail_that_waits_is_not_sent_to_who_acts_no_more(self, parent, doctor, child):
        book(doctor, child, parent)
        clinic.end_guardianship(child.guardianships.get(), by=parent)
        assert not notices.is_still_true(Message.objects.get(kind="appointment.booked"))
