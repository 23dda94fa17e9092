"""The public directory of doctors, and their profiles."""

from datetime import date, time

import pytest
from django.urls import reverse

from clinic.tests.factories import DepartmentFactory, DoctorFactory
from scheduling.models import Status
from scheduling.tests.conftest import berlin
from scheduling.tests.factories import AppointmentFactory, TimeOffFactory, WorkingHoursFactory, open_all_week

DIRECTORY = "scheduling:doctor-list"


@pytest.fixture
def doctors(clock):
    """Three to tell apart; the first is free soonest."""
    heart, skin = DepartmentFactory(name="Cardiology"), DepartmentFactory(name="Dermatology")
    ada = DoctorFactory(name="Dr Ada Émile", department=heart, languages="English, Hindi", fee=90, experience_years=3)
    bo = DoctorFactory(name="Dr Bo Li", department=skin, specialization="Moles", fee=None, experience_years=None)
    cy = DoctorFactory(name="Dr Cy Young", department=skin, languages="hindi , German", fee=20, experience_years=30)
    for doctor, hour in ((ada, 9), (bo, 11), (cy, 10)):
        open_all_week(doctor, starts=time(hour))
    return ada, bo, cy


def found(client, doctors, **search):
    """The names of the doctors found, in the order of the page."""
    response = client.get(reverse(DIRECTORY), search)
    assert response.status_code == 200
    page = response.content.decode()
    places = {doctor.name: page.find(f"{doctor.name}</a>") for doctor in doctors}
    return [name for name, place in sorted(places.items(), key=lambda item: item[1]) if place >= 0]


ADA, BO, CY = "Dr Ada Émile", "Dr Bo Li", "Dr Cy Young"


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ({}, [ADA, BO, CY]),
        ({"q": "emile"}, [ADA]),
        ({"q": "moles"}, [BO]),
        ({"q": "dermatology"}, [BO, CY]),
        ({"q": "nobody at all"}, []),
        ({"language": "Hindi"}, [ADA, CY]),
        ({"language": "Klingon"}, []),
        ({"sort": "next"}, [ADA, CY, BO]),
        ({"sort": "fee"}, [CY, BO, ADA]),
        ({"sort": "experience"}, [CY, ADA, BO]),
        ({"sort": "nonsense"}, [ADA, BO, CY]),
        ({"free_on": "nonsense"}, []),
        ({"free_on": "2026-06-02"}, [ADA, BO, CY]),
        ({"free_on": "2026-06-20"}, []),
        ({"free_on": "2026-05-01"}, []),
        ({"page": "99"}, [ADA, BO, CY]),
        ({"page": "x"}, [ADA, BO, CY]),
    ],
)
def test_the_search_finds(search, expected, client, doctors):
    assert found(client, doctors, **search) == expected


def test_departments_narrow_the_search(client, doctors):
    assert found(client, doctors, department=doctors[1].department_id) == [BO, CY]
    assert found(client, doctors, department=999999) == []


def test_free_on_a_date_means_really_free(client, doctors):
    ada, _bo, cy = doctors
    TimeOffFactory(doctor=ada, starts_at=berlin(2, 0), ends_at=berlin(3, 0))
    for number in range(14):
        AppointmentFactory(doctor=cy, starts_at=berlin(2, 10 + number // 2, 30 * (number % 2)))
    assert found(client, doctors, free_on="2026-06-02") == [BO]
    cy.appointments.filter(starts_at=berlin(2, 12)).update(status=Status.CANCELLED)
    assert found(client, doctors, free_on="2026-06-02") == [BO, CY]


def test_a_day_leads_to_that_days_times(client, doctors):
    page = client.get(reverse(DIRECTORY), {"free_on": "2026-06-02"}).content.decode()
    assert reverse("scheduling:booking-times", args=[doctors[0].pk, date(2026, 6, 2)]) in page


def test_who_is_not_at_work_is_not_listed(client, doctors):
    ada, bo, _cy = doctors
    ada.retired_at = berlin(1, 7)
    ada.save()
    bo.user.is_active = False
    bo.user.save()
    assert found(client, doctors) == [CY]
    for gone in (ada, bo):
        assert client.get(reverse("scheduling:doctor-detail", args=[gone.pk])).status_code == 404


def test_twenty_on_a_page(client, clock):
    department = DepartmentFactory()
    doctors = [DoctorFactory(name=f"Dr Number {number:02}", department=department, user=None) for number in range(23)]
    for doctor in doctors:
        WorkingHoursFactory(doctor=doctor)
    assert len(found(client, doctors)) == 20
    assert found(client, doctors, page=2, sort="next") == [doctor.name for doctor in doctors[20:]]


def test_sorting_by_next_free_time_costs_a_fixed_number_of_queries(client, clock, django_assert_num_queries):
    def queries(expected):
        with django_assert_num_queries(expected):
            client.get(reverse(DIRECTORY), {"sort": "next", "free_on": ""})

    open_all_week(DoctorFactory(user=None))
    queries(8)
    for _number in range(8):
        doctor = DoctorFactory(user=None)
        WorkingHoursFactory(doctor=doctor, weekday=0)
        AppointmentFactory(doctor=doctor)
    queries(8)


class TestProfile:
    def test_says_who_the_doctor_is(self, client, doctors):
        ada = doctors[0]
        ada.about, ada.qualification = "Trained in Pune.\nLoves hearts.", "MD, PhD"
        ada.save()
        page = client.get(reverse("scheduling:doctor-detail", args=[ada.pk])).content.decode()
        for words in ("Trained in Pune.", "MD, PhD", "English, Hindi", "90.00\N{NO-BREAK SPACE}EUR", "Cardiology"):
            assert words in page
        assert reverse("scheduling:booking-dates", args=[ada.pk]) in page
        assert "data-dialog-part" in page

    def test_says_gender_and_phone_where_the_doctor_gave_them(self, client, doctors):
        ada, bo, _cy = doctors
        ada.gender, ada.phone = "female", "+442079460111"
        ada.save()
        bo.gender, bo.phone = "unknown", ""
        bo.save()
        page = client.get(reverse("scheduling:doctor-detail", args=[ada.pk])).text
        assert "<dt>Gender</dt><dd>Female</dd>" in page
        assert '<a href="tel:+442079460111">+44 20 7946 0111</a>' in page
        silent = client.get(reverse("scheduling:doctor-detail", args=[bo.pk])).text
        assert "<dt>Gender</dt>" not in silent
        assert "<dt>Phone</dt>" not in silent

    def test_text_of_others_never_becomes_markup(self, client, doctors):
        ada = doctors[0]
        ada.about = "<script>alert(1)</script>"
        ada.save()
        page = client.get(reverse("scheduling:doctor-detail", args=[ada.pk])).content.decode()
        assert "<script>alert(1)" not in page
        assert "&lt;script&gt;alert(1)" in page

    def test_reception_sees_who_has_left(self, client, doctors, receptionist):
        ada = doctors[0]
        ada.retired_at = berlin(1, 7)
        ada.save()
        client.force_login(receptionist)
        page = client.get(reverse("scheduling:doctor-detail", args=[ada.pk])).content.decode()
        assert "takes no bookings here any more" in page
        assert reverse("scheduling:booking-dates", args=[ada.pk]) not in page
