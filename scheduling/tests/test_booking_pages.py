"""The steps of booking as people walk them: signed out, as a patient, as staff; and everything that goes wrong."""

import re
from datetime import date, time, timedelta
from urllib.parse import quote, urlencode

import pytest
from django.urls import reverse

from accounts.models import Role
from accounts.tests.factories import PASSWORD, UserFactory
from clinic.tests.factories import DoctorFactory, PatientFactory
from hms.lib.converters import InstantConverter
from scheduling.models import Appointment, Lane
from scheduling.tests.conftest import berlin
from scheduling.tests.factories import AppointmentFactory, TimeOffFactory, WorkingHoursFactory, open_all_week


def at(instant):
    return InstantConverter().to_url(instant)


def confirm_url(doctor, instant, patient=None):
    url = reverse("scheduling:booking-confirm", args=[doctor.pk, instant])
    return f"{url}?patient={patient.pk}" if patient else url


def slots_on(response):
    return re.findall(r'class="slot" href="[^"]*/at/(\w+)/', response.content.decode())


class TestVisitor:
    def test_walks_from_department_to_confirmation(self, client, doctor):
        response = client.get(reverse("scheduling:booking-departments"))
        doctors_url = reverse("scheduling:booking-doctors", args=[doctor.department_id])
        assert doctors_url in response.content.decode()
        response = client.get(doctors_url)
        dates_url = reverse("scheduling:booking-dates", args=[doctor.pk])
        assert dates_url in response.content.decode()
        times_url = reverse("scheduling:booking-times", args=[doctor.pk, date(2026, 6, 2)])
        assert times_url in client.get(dates_url).content.decode()
        response = client.get(times_url)
        assert len(slots_on(response)) == 16
        response = client.get(confirm_url(doctor, berlin(2, 10)))
        assert response.status_code == 200
        sign_in = reverse("account_login") + "?next=" + quote(confirm_url(doctor, berlin(2, 10)), safe="")
        assert sign_in in response.content.decode()
        assert 'name="reason"' not in response.content.decode()

    def test_signs_in_there_and_lands_on_the_confirmation(self, client, doctor, patient):
        url = confirm_url(doctor, berlin(2, 10))
        data = {"login": patient.user.email, "password": PASSWORD, "next": url}
        response = client.post(reverse("account_login") + "?next=" + quote(url, safe=""), data)
        assert (response.status_code, response.url) == (302, url)
        assert 'name="reason"' in client.get(url).content.decode()

    def test_the_header_brings_back_to_what_was_chosen_too(self, client, doctor):
        page = client.get(confirm_url(doctor, berlin(2, 10))).text
        header = page[page.index("<header") : page.index("</header>")]
        going = urlencode({"next": confirm_url(doctor, berlin(2, 10))})
        assert f'href="{reverse("account_login")}?{going}"' in header
        assert f'href="{reverse("account_signup")}?{going}"' in header
        sign_in = client.get(f"{reverse('account_login')}?{going}").text
        assert f'href="{reverse("account_signup")}?{going}"' in sign_in[: sign_in.index("</header>")]
        assert f'href="{reverse("account_login")}"' in client.get(reverse("home")).text

    def test_pressing_book_after_the_session_ran_out_loses_nothing(self, client, doctor, patient):
        url = confirm_url(doctor, berlin(2, 10))
        response = client.post(url, {"reason": "Since Monday my knee"})
        assert response.status_code == 302
        assert response.url == f"{reverse('account_login')}?next={url}"
        client.force_login(patient.user)
        assert "Since Monday my knee" in client.get(url).content.decode()
        assert "Since Monday my knee" not in client.get(url).content.decode()

    def test_a_patient_in_the_address_is_nobodys_business(self, client, doctor, patient):
        response = client.get(confirm_url(doctor, berlin(2, 10), patient))
        assert response.status_code == 200
        assert patient.name not in response.content.decode()

    def test_a_taken_time_offers_the_nearest_as_links(self, client, doctor):
        AppointmentFactory(doctor=doctor, starts_at=berlin(2, 10))
        response = client.get(confirm_url(doctor, berlin(2, 10)))
        assert response.status_code == 409
        near = [(9, 0), (9, 30), (10, 30), (11, 0), (11, 30), (12, 0)]
        assert slots_on(response) == [at(berlin(2, *clock)) for clock in near]


class TestPatient:
    @pytest.fixture(autouse=True)
    def signed_in(self, client, patient):
        client.force_login(patient.user)

    def test_books_and_sees_the_confirmation(self, client, doctor, patient):
        response = client.post(confirm_url(doctor, berlin(2, 10)), {"reason": "My knee 🦵 رجلي"})
        visit = Appointment.objects.get()
        assert response.status_code == 302
        assert response.url == reverse("scheduling:appointment-detail", args=[visit.pk]) + "?booked=1"
        assert (visit.doctor, visit.patient, visit.starts_at) == (doctor, patient, berlin(2, 10))
        assert visit.reason == "My knee 🦵 رجلي"
        page = client.get(response.url).content.decode()
        assert "Your visit is booked." in page
        assert reverse("scheduling:appointment-ics", args=[visit.pk]) in page

    def test_presses_twice_and_books_once(self, client, doctor):
        url = confirm_url(doctor, berlin(2, 10))
        first, second = client.post(url, {}), client.post(url, {})
        assert (first.status_code, first.url) == (second.status_code, second.url)
        assert Appointment.objects.count() == 1

    def test_comes_back_by_the_browsers_button_to_the_visit(self, client, doctor):
        url = confirm_url(doctor, berlin(2, 10))
        client.post(url, {})
        response = client.get(url)
        assert response.status_code == 302
        assert response.url == reverse("scheduling:appointment-detail", args=[Appointment.objects.get().pk])

    def test_keeps_what_was_typed_when_the_time_is_gone(self, client, doctor, patient):
        AppointmentFactory(doctor=doctor, starts_at=berlin(2, 10))
        response = client.post(confirm_url(doctor, berlin(2, 10)), {"reason": "Since Monday my knee"})
        page = response.content.decode()
        assert response.status_code == 409
        assert "just been taken" in page
        assert "Since Monday my knee" in page
        one_press = re.findall(r'formaction="([^"]*)"', page)
        assert confirm_url(doctor, berlin(2, 9, 30)) in one_press
        response = client.post(one_press[0], {"reason": "Since Monday my knee"})
        assert response.status_code == 302
        assert Appointment.objects.get(patient=patient).reason == "Since Monday my knee"

    def test_is_offered_the_department_when_the_doctor_has_nothing(self, client, doctor):
        other = DoctorFactory(department=doctor.department)
        open_all_week(other)
        DoctorFactory()
        TimeOffFactory(doctor=doctor, starts_at=berlin(1, 0), ends_at=berlin(30, 0))
        response = client.post(confirm_url(doctor, berlin(2, 10)), {})
        page = response.content.decode()
        assert response.status_code == 409
        assert re.findall(r'formaction="([^"]*)"', page) == [confirm_url(other, berlin(1, 9))]
        assert other.name in page

    def test_is_not_offered_times_of_own_other_visits(self, client, doctor, patient):
        AppointmentFactory(patient=patient, starts_at=berlin(2, 9, 30))
        AppointmentFactory(doctor=doctor, starts_at=berlin(2, 10))
        page = client.post(confirm_url(doctor, berlin(2, 10)), {}).content.decode()
        assert confirm_url(doctor, berlin(2, 9, 30)) not in page
        assert confirm_url(doctor, berlin(2, 9)) in page

    @pytest.mark.parametrize(
        ("starts_at", "sentence"),
        [
            (berlin(1, 7), "already passed"),
            (berlin(2, 20), "offers no visit"),
            (berlin(2, 10, 10), "offers no visit"),
            (berlin(20, 10), "up to 7 days ahead"),
            (berlin(1, 10).replace(year=9999, month=12, day=31, hour=23), "up to 7 days ahead"),
            ("00010101T000000Z", "already passed"),
        ],
    )
    def test_is_told_why_a_time_cannot_be_had(self, starts_at, sentence, client, doctor):
        for response in (
            client.get(confirm_url(doctor, starts_at)),
            client.post(confirm_url(doctor, starts_at), {"reason": "Typed"}),
        ):
            assert response.status_code == 409
            assert sentence in response.content.decode()
            assert "/at/" in response.content.decode()
        assert Appointment.objects.count() == 0

    @pytest.mark.parametrize("text", ["20260230T100000Z", "20261301T100000Z", "20260601T250000Z", "nonsense", "0" * 40])
    def test_times_that_do_not_exist_are_not_found(self, text, client, doctor):
        url = f"/book/doctors/{doctor.pk}/at/{text}/"
        assert client.get(url).status_code == client.post(url, {}).status_code == 404

    @pytest.mark.parametrize("text", ["2026-02-30", "2026-13-01", "today", "99999999999999999999"])
    def test_days_that_do_not_exist_are_not_found(self, text, client, doctor):
        assert client.get(f"/book/doctors/{doctor.pk}/{text}/").status_code == 404

    @pytest.mark.parametrize(
        ("day", "sentence"),
        [
            ("2026-05-31", "has passed"),
            ("0001-01-01", "has passed"),
            ("2026-06-09", "booked until Mon 8 Jun"),
            ("9999-12-31", "booked until Mon 8 Jun"),
            ("2026-06-03", "is fully booked"),
            ("2026-06-04", "is away"),
            ("2026-06-07", "no consultation hours"),
        ],
    )
    def test_days_without_times_say_why(self, day, sentence, client, patient, clock):
        doctor = DoctorFactory()
        for weekday in range(6):
            WorkingHoursFactory(doctor=doctor, weekday=weekday, starts=time(9), ends=time(10))
        AppointmentFactory(doctor=doctor, starts_at=berlin(3, 9), ends_at=berlin(3, 10))
        TimeOffFactory(doctor=doctor, starts_at=berlin(4, 0), ends_at=berlin(5, 0))
        response = client.get(f"/book/doctors/{doctor.pk}/{day}/")
        assert response.status_code == 200
        assert sentence in response.content.decode()
        assert slots_on(response) == []

    def test_a_day_that_is_over_says_so(self, client, doctor, clock):
        clock.move_to(berlin(1, 18))
        page = client.get(f"/book/doctors/{doctor.pk}/2026-06-01/").content.decode()
        assert "no more times today" in page
        assert "no more today" in page

    def test_five_thousand_characters_are_said_beside_the_field_and_kept(self, client, doctor):
        response = client.post(confirm_url(doctor, berlin(2, 10)), {"reason": "x" * 5000})
        assert response.status_code == 422
        assert "x" * 5000 in response.content.decode()
        assert "at most 500 characters" in response.content.decode()
        assert Appointment.objects.count() == 0

    def test_books_for_nobody_else(self, client, doctor, patient):
        stranger = PatientFactory()
        url = confirm_url(doctor, berlin(2, 10))
        assert client.get(f"{url}?patient={stranger.pk}").status_code == 404
        assert client.post(url, {"patient": stranger.pk}).status_code == 404
        assert client.post(url, {"patient": "1 OR 1=1"}).status_code == 404
        assert client.post(url, {"patient": str(10**30)}).status_code == 404
        assert Appointment.objects.count() == 0
        assert client.post(url, {"patient": patient.pk}).status_code == 302

    def test_fields_of_staff_are_ignored(self, client, doctor):
        AppointmentFactory(doctor=doctor, starts_at=berlin(2, 10))
        data = {"overbook_reason": "Me first", "notes": "Very important"}
        assert client.post(confirm_url(doctor, berlin(2, 10)), data).status_code == 409
        client.post(confirm_url(doctor, berlin(2, 11)), data)
        visit = Appointment.objects.get(starts_at=berlin(2, 11))
        assert (visit.staff_notes, visit.overbook_reason, visit.lane) == ("", "", Lane.NORMAL)

    def test_a_doctor_who_left_is_a_friendly_page_without_the_name(self, client, doctor):
        other = DoctorFactory(department=doctor.department)
        open_all_week(other)
        doctor.retired_at = berlin(1, 7)
        doctor.save()
        for response in (
            client.get(confirm_url(doctor, berlin(2, 10))),
            client.post(confirm_url(doctor, berlin(2, 10)), {"reason": "Knee"}),
        ):
            page = response.content.decode()
            assert response.status_code == 409
            assert "does not take bookings here any more" in page
            assert doctor.name not in page
            assert other.name in page
        assert client.get(reverse("scheduling:booking-dates", args=[doctor.pk])).status_code == 404
        assert client.get(reverse("scheduling:booking-times", args=[doctor.pk, date(2026, 6, 2)])).status_code == 404

    def test_a_doctor_who_accepts_nobody_says_so_on_every_step(self, client, doctor):
        doctor.accepting_patients = False
        doctor.save()
        page = client.get(reverse("scheduling:booking-doctors", args=[doctor.department_id])).content.decode()
        assert "Takes no new visits" in page
        assert reverse("scheduling:booking-dates", args=[doctor.pk]) not in page
        response = client.get(reverse("scheduling:booking-times", args=[doctor.pk, date(2026, 6, 2)]))
        assert slots_on(response) == []
        response = client.post(confirm_url(doctor, berlin(2, 10)), {})
        assert response.status_code == 409
        assert "does not accept patients" in response.content.decode()

    def test_without_the_permission_it_is_forbidden(self, client, doctor, patient):
        patient.user.groups.clear()
        assert client.post(confirm_url(doctor, berlin(2, 10)), {}).status_code == 403

    def test_an_account_without_a_profile_is_sent_to_complete_it(self, client, doctor):
        client.force_login(UserFactory(role=Role.PATIENT))
        response = client.get(confirm_url(doctor, berlin(2, 10)))
        assert reverse("clinic:profile-edit") in response.content.decode()
        assert client.post(confirm_url(doctor, berlin(2, 10)), {}).status_code == 422
        assert Appointment.objects.count() == 0

    def test_the_doubled_hour_is_labelled_with_its_offset(self, client, clock, patient):
        doctor = WorkingHoursFactory(weekday=6, starts=time(2), ends=time(3)).doctor
        clock.move_to(berlin(24, 12, month=10))
        page = client.get(f"/book/doctors/{doctor.pk}/2026-10-25/").content.decode()
        labels = re.findall(r'class="slot" href="[^"]*">([^<]*)<', page)
        assert labels == [
            "02:00 (UTC+02:00)",
            "02:30 (UTC+02:00)",
            "02:00 (UTC+01:00)",
            "02:30 (UTC+01:00)",
        ]


class TestStaff:
    def test_reception_finds_the_patient_and_carries_them_along(self, client, doctor, patient, receptionist):
        client.force_login(receptionist)
        page = client.get(reverse("scheduling:booking-departments"), {"who": "alvarez"}).content.decode()
        assert f"/book/?patient={patient.pk}" in page
        for name, arguments in (
            ("booking-departments", []),
            ("booking-doctors", [doctor.department_id]),
            ("booking-dates", [doctor.pk]),
            ("booking-times", [doctor.pk, date(2026, 6, 2)]),
            ("booking-confirm", [doctor.pk, berlin(2, 10)]),
        ):
            url = reverse(f"scheduling:{name}", args=arguments)
            page = client.get(f"{url}?patient={patient.pk}").content.decode()
            assert patient.name in page
            for link in re.findall(r'href="(/book/[^"]*)"', page):
                plain = link in {url, "/book/"}  # "somebody else", and the place in the navigation
                assert plain or f"patient={patient.pk}" in link, (name, link)

    def test_reception_books_with_notes(self, client, doctor, patient, receptionist):
        client.force_login(receptionist)
        data = {"patient": patient.pk, "reason": "Knee", "notes": "Needs a lift"}
        response = client.post(confirm_url(doctor, berlin(2, 10)), data)
        visit = Appointment.objects.get()
        assert response.status_code == 302
        assert (visit.patient, visit.booked_by, visit.staff_notes) == (patient, receptionist, "Needs a lift")

    def test_without_a_patient_nothing_is_booked(self, client, doctor, receptionist):
        client.force_login(receptionist)
        response = client.post(confirm_url(doctor, berlin(2, 10)), {"reason": "Knee"})
        assert response.status_code == 422
        assert "Choose the patient first." in response.content.decode()
        assert Appointment.objects.count() == 0

    def test_a_patient_that_does_not_exist_is_not_found(self, client, doctor, receptionist):
        client.force_login(receptionist)
        for given in ("999999", "abc", "-1", str(2**63)):
            assert client.get(confirm_url(doctor, berlin(2, 10)) + f"?patient={given}").status_code == 404
            assert client.post(confirm_url(doctor, berlin(2, 10)), {"patient": given}).status_code == 404

    def test_a_reason_too_long_is_named_also_when_the_time_has_gone(self, client, doctor, patient, receptionist):
        AppointmentFactory(doctor=doctor, starts_at=berlin(2, 10))
        client.force_login(receptionist)
        data = {"patient": patient.pk, "reason": "r" * 501, "overbook_reason": "o" * 301}
        page = client.post(confirm_url(doctor, berlin(2, 10)), data)
        assert page.status_code == 409
        assert "Reason for the visit: Ensure this value has at most 500 characters" in page.text
        assert "Reason for overbooking: Ensure this value has at most 300 characters" in page.text
        assert data["overbook_reason"] in page.text

    def test_reception_overbooks_with_a_reason(self, client, doctor, patient, receptionist):
        AppointmentFactory(doctor=doctor, starts_at=berlin(2, 10))
        client.force_login(receptionist)
        url = confirm_url(doctor, berlin(2, 10), patient)
        page = client.get(url)
        assert page.status_code == 409
        assert 'name="overbook_reason"' in page.content.decode()
        response = client.post(url, {"patient": patient.pk, "overbook_reason": "Fell in the hall"})
        assert response.status_code == 302
        visit = Appointment.objects.get(patient=patient)
        assert (visit.lane, visit.overbook_reason) == (Lane.OVERBOOKED, "Fell in the hall")

    def test_enter_in_the_reason_for_overbooking_overbooks(self, client, doctor, patient, receptionist):
        """Browsers press a form's first button then, which would book one of the other times."""
        AppointmentFactory(doctor=doctor, starts_at=berlin(2, 10))
        client.force_login(receptionist)
        page = client.get(confirm_url(doctor, berlin(2, 10), patient)).text
        buttons = re.findall(
            r'<button type="submit"[^>]*>', page[page.index('<form method="post" class="page-form"') :]
        )
        assert "formaction" not in buttons[0]
        assert "formaction" in buttons[1]

    def test_a_typed_time_leads_to_its_confirmation(self, client, doctor, patient, receptionist):
        client.force_login(receptionist)
        url = reverse("scheduling:booking-times", args=[doctor.pk, date(2026, 6, 2)])
        response = client.get(url, {"at": "20:15", "patient": patient.pk})
        assert response.status_code == 302
        assert response.url == confirm_url(doctor, berlin(2, 20, 15), patient)
        for nonsense in ("25:00", "x", "10:00+02:00", ""):
            assert client.get(url, {"at": nonsense}).status_code == 200

    def test_doctor_books_own_patients_with_themselves_only(self, client, doctor, patient):
        AppointmentFactory(doctor=doctor, patient=patient, starts_at=berlin(1, 9))
        stranger, colleague = PatientFactory(), DoctorFactory()
        open_all_week(colleague)
        client.force_login(doctor.user)
        response = client.get(reverse("scheduling:booking-departments"), {"patient": patient.pk})
        assert response.url == reverse("scheduling:booking-dates", args=[doctor.pk]) + f"?patient={patient.pk}"
        assert client.get(confirm_url(doctor, berlin(2, 10), stranger)).status_code == 404
        assert client.post(confirm_url(doctor, berlin(2, 10)), {"patient": stranger.pk}).status_code == 404
        assert client.post(confirm_url(colleague, berlin(2, 10)), {"patient": patient.pk}).status_code == 403
        assert client.post(confirm_url(doctor, berlin(2, 10)), {"patient": patient.pk}).status_code == 302
        far = berlin(2, 10) + timedelta(days=180)
        assert client.get(confirm_url(doctor, far.replace(hour=10), patient)).status_code == 200

    def test_doctor_finds_own_patients_only(self, client, doctor, patient):
        AppointmentFactory(doctor=doctor, patient=patient, starts_at=berlin(1, 9))
        PatientFactory(name="Somebody Alvarez-Else")
        client.force_login(doctor.user)
        page = client.get(reverse("scheduling:booking-dates", args=[doctor.pk]), {"who": "alvarez"}).content.decode()
        assert patient.name in page
        assert "Somebody" not in page

    def test_staff_turn_the_pages_of_the_strip(self, client, doctor, receptionist):
        client.force_login(receptionist)
        url = reverse("scheduling:booking-dates", args=[doctor.pk])
        page = client.get(url).content.decode()
        assert f"{url}?from=2026-06-15" in page
        page = client.get(url, {"from": "2026-06-15"}).content.decode()
        assert f"{url}?from=2026-06-01" in page
        assert reverse("scheduling:booking-times", args=[doctor.pk, date(2026, 6, 20)]) in page
        for nonsense in ("9999-12-31", "0001-01-01", "x", "2027-06-01"):
            assert client.get(url, {"from": nonsense}).status_code == 200
