"""The pages of the waiting list: joining, one's place, answering an offer, reception's list."""

import pytest
from django.urls import reverse

from clinic.tests.factories import DoctorFactory, PatientFactory
from scheduling.models import Appointment, WaitlistEntry
from scheduling.tests.conftest import berlin
from scheduling.tests.factories import AppointmentFactory
from scheduling.tests.waiting import NOON, join, offered_first


@pytest.fixture
def offer(doctor, clock, receptionist):
    visit = AppointmentFactory(doctor=doctor, starts_at=berlin(3, 10), ends_at=berlin(3, 10, 30))
    return offered_first(visit, clock, by=receptionist)


class TestPages:
    def test_a_patient_joins_sees_the_place_and_leaves(self, doctor, patient, client, clock):
        join(PatientFactory(), doctor)
        clock.move_to(NOON)
        client.force_login(patient.user)
        page = reverse("scheduling:waitlist-join") + f"?doctor={doctor.pk}"
        assert "waiting-list/join/" in client.get(reverse("scheduling:booking-dates", args=[doctor.pk])).text
        assert "Wait for a time with Dr Ada Okafor" in client.get(page).text
        fields = {"weekdays": [0, 2], "parts": [1], "until": "2026-06-20"}
        answer = client.post(page, fields, follow=True)
        assert "1 is before you." in answer.text
        assert "Monday, Wednesday" in answer.text
        entry = WaitlistEntry.objects.get(patient=patient)
        assert (entry.weekdays, entry.parts, entry.joined_by) == (5, 1, patient.user)
        leave = reverse("scheduling:waitlist-leave", args=[entry.pk])
        assert "Leave the waiting list?" in client.get(leave).text
        assert client.post(leave).status_code == 302
        assert not WaitlistEntry.objects.waiting().filter(patient=patient).exists()

    def test_reception_joins_for_somebody(self, doctor, patient, client, receptionist):
        client.force_login(receptionist)
        page = reverse("scheduling:waitlist-join") + f"?department={doctor.department_id}"
        fields = {"weekdays": [0], "parts": [1, 2, 4], "until": "2026-06-20"}
        assert client.post(page, fields).status_code == 422
        assert patient.name in client.get(page + f"&who={patient.name}").text
        assert client.post(page + f"&patient={patient.pk}", fields).status_code == 302
        assert patient.name in client.get(reverse("scheduling:waitlist")).text

    def test_the_desk_finds_who_would_take_a_time(self, doctor, client, receptionist, clock):
        elsewhere = DoctorFactory()
        for name, whom in (("Zoë Late", doctor), ("Ann Other", elsewhere)):
            join(PatientFactory(name=name), whom)
        client.force_login(receptionist)
        page = reverse("scheduling:waitlist")

        def found(**asked):
            return [row["entry"].patient.name for row in client.get(page, asked).context["rows"]]

        assert found() == ["Zoë Late", "Ann Other"]
        assert found(sort="patient") == ["Ann Other", "Zoë Late"]
        assert found(q="zoe") == found(doctor=doctor.pk) == found(department=doctor.department_id) == ["Zoë Late"]
        assert "Nobody who waits is like that." in client.get(page, {"q": "nobody"}).text

    def test_what_is_wrong_is_said_and_kept(self, doctor, patient, client):
        client.force_login(patient.user)
        page = reverse("scheduling:waitlist-join") + f"?doctor={doctor.pk}"
        right = {"weekdays": [1], "parts": [1], "until": "2026-06-20"}
        for fields in ({}, right | {"weekdays": [9]}, right | {"until": "2020-01-01"}, right | {"parts": []}):
            assert client.post(page, fields).status_code == 422
        assert client.get(reverse("scheduling:waitlist-join")).status_code == 302
        assert client.get(reverse("scheduling:waitlist-join") + "?doctor=x").status_code == 404

    def test_an_offer_is_answered_signed_in(self, offer, client):
        client.force_login(offer.entry.patient.user)
        page = reverse("scheduling:waitlist-offer", args=[offer.pk])
        assert page in client.get(reverse("scheduling:waitlist")).text
        assert page in client.get(reverse("scheduling:appointment-detail", args=[offer.appointment_id])).text
        assert client.get(reverse("home")).status_code == 200
        assert client.post(page, {"answer": "accept"}).status_code == 302
        assert Appointment.objects.get(patient=offer.entry.patient).booked_by == offer.entry.patient.user

    def test_strangers_see_nothing(self, offer, client):
        client.force_login(PatientFactory().user)
        for name, pk in (("waitlist-offer", offer.pk), ("waitlist-leave", offer.entry_id)):
            assert client.get(reverse(f"scheduling:{name}", args=[pk])).status_code == 404
        client.force_login(offer.freed.doctor.user)
        assert client.get(reverse("scheduling:waitlist")).status_code == 403

    @pytest.mark.parametrize("rows", [1, 3])
    @pytest.mark.parametrize("who", ["reception", "patient"])
    def test_the_list_costs_the_same(self, rows, who, doctor, patient, client, receptionist, django_assert_num_queries):
        doctors = [doctor, DoctorFactory(), DoctorFactory()][:rows]
        for one in doctors:
            join(patient if who == "patient" else PatientFactory(), one)
        client.force_login(patient.user if who == "patient" else receptionist)
        client.get(reverse("scheduling:waitlist"))
        with django_assert_num_queries(11 if who == "patient" else 12):
            client.get(reverse("scheduling:waitlist"))
