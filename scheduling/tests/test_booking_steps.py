"""What each step of booking shows, and what it costs."""

from datetime import date, time

import pytest
from django.urls import reverse

from clinic.tests.factories import DepartmentFactory, DoctorFactory
from scheduling.tests.conftest import berlin
from scheduling.tests.factories import AppointmentFactory, open_all_week
from scheduling.tests.test_booking_pages import confirm_url


@pytest.mark.parametrize("rows", [1, 3])
class TestEachStepIsOneRequestThatCostsTheSame:
    """Signed out: hospital 1, then what the step needs; next free times at most eight, a strip four."""

    @pytest.fixture(autouse=True)
    def many(self, rows, doctor):
        for number in range(rows):
            colleague = DoctorFactory(department=doctor.department)
            open_all_week(colleague)
            AppointmentFactory.create_batch(rows, doctor=colleague)
            open_all_week(DoctorFactory(department=DepartmentFactory(name=f"Other {number}")))
            AppointmentFactory(doctor=doctor, starts_at=berlin(2, 10 + number))

    def test_departments(self, client, django_assert_num_queries):
        with django_assert_num_queries(7):
            assert client.get(reverse("scheduling:booking-departments")).status_code == 200

    def test_doctors(self, client, doctor, django_assert_num_queries):
        with django_assert_num_queries(7):
            assert client.get(reverse("scheduling:booking-doctors", args=[doctor.department_id])).status_code == 200

    def test_dates(self, client, doctor, django_assert_num_queries):
        with django_assert_num_queries(6):
            assert client.get(reverse("scheduling:booking-dates", args=[doctor.pk])).status_code == 200

    def test_times(self, client, doctor, django_assert_num_queries):
        with django_assert_num_queries(6):
            assert client.get(f"/book/doctors/{doctor.pk}/2026-06-02/").status_code == 200

    def test_confirm(self, client, doctor, django_assert_num_queries):
        with django_assert_num_queries(6):
            assert client.get(confirm_url(doctor, berlin(2, 9))).status_code == 200

    def test_directory(self, client, django_assert_num_queries):
        with django_assert_num_queries(9):
            assert client.get(reverse("scheduling:doctor-list")).status_code == 200


def test_the_next_free_time_stands_on_every_step(client, doctor):
    for url in (
        reverse("scheduling:booking-departments"),
        reverse("scheduling:booking-doctors", args=[doctor.department_id]),
        reverse("scheduling:booking-dates", args=[doctor.pk]),
        reverse("scheduling:booking-times", args=[doctor.pk, date(2026, 6, 2)]),
        reverse("scheduling:doctor-list"),
        reverse("scheduling:doctor-detail", args=[doctor.pk]),
    ):
        page = client.get(url).content.decode()
        assert "Mon 1 Jun, 09:00" in page, url
        assert "50.00\N{NO-BREAK SPACE}EUR" in page, url


def test_doctors_are_listed_soonest_first(client, doctor):
    busy, sooner = DoctorFactory(department=doctor.department), DoctorFactory(department=doctor.department)
    open_all_week(sooner, starts=time(8, 30))
    open_all_week(busy, starts=time(10))
    page = client.get(reverse("scheduling:booking-doctors", args=[doctor.department_id])).content.decode()
    places = [page.index(reverse("scheduling:booking-dates", args=[one.pk])) for one in (sooner, doctor, busy)]
    assert places == sorted(places)


def test_a_hospital_without_doctors_says_so(client, hospital):
    DepartmentFactory()
    assert "No visits can be booked yet" in client.get(reverse("scheduling:booking-departments")).content.decode()
