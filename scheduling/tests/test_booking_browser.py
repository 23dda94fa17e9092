"""Booking in a real browser: with scripts nothing reloads, without them everything works all the same."""

from datetime import UTC, datetime, time, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.tests.factories import UserFactory
from clinic.models import Hospital
from clinic.tests.factories import DoctorFactory, PatientFactory
from scheduling.models import Appointment, Status
from scheduling.tests.factories import AppointmentFactory, open_all_week

PHONE = {"viewport": {"width": 390, "height": 844}}
SMALLEST = {"viewport": {"width": 320, "height": 2400}}  # tall: the bar at the bottom covers nothing
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "resultTypes": ["violations"],
}


@pytest.fixture
def doctor(transactional_db):
    Hospital.objects.update(time_zone="UTC", booking_window_days=7)
    doctor = DoctorFactory(name="Dr Ada Okafor", specialization="Heart", languages="English, Igbo", about="Patient.")
    open_all_week(doctor, starts=time(8), ends=time(20))
    return doctor


@pytest.fixture
def patient(doctor):
    return PatientFactory(name="Mina Alvarez")


def tomorrow(hour):
    return datetime.combine(timezone.now().date() + timedelta(days=1), time(hour), tzinfo=UTC)


def dates_url(doctor):
    return reverse("scheduling:booking-dates", args=[doctor.pk])


def times_url(doctor, at):
    return reverse("scheduling:booking-times", args=[doctor.pk, at.date()])


def confirm_url(doctor, at):
    return reverse("scheduling:booking-confirm", args=[doctor.pk, at])


@pytest.mark.once
def test_times_load_in_place_and_the_address_follows(doctor, patient, open_as):
    page = open_as(patient.user)
    page.goto(dates_url(doctor))
    page.evaluate("window.untouched = true")
    day = f"#day-{tomorrow(9):%Y-%m-%d}"
    page.click(day)
    page.wait_for_selector("text=Morning")
    assert page.url.endswith(times_url(doctor, tomorrow(9)))
    assert page.evaluate("window.untouched") is True
    assert page.evaluate(f"document.activeElement === document.querySelector('{day}')")
    assert page.locator(day).get_attribute("aria-current") == "date"
    page.go_back()
    page.wait_for_selector("text=Choose a day above.")
    assert page.url.endswith(dates_url(doctor))


@pytest.mark.parametrize("scripts", [True, False])
def test_a_patient_books_moves_and_cancels(scripts, doctor, patient, open_as):
    page = open_as(patient.user, java_script_enabled=scripts, **PHONE)
    page.goto(reverse("scheduling:booking-departments"))
    page.click(f"text={doctor.department.name}")
    page.click(f"a:text('{doctor.name}')")
    page.click(f"#day-{tomorrow(9):%Y-%m-%d}")
    page.click("a.slot:text('14:30')")
    page.fill("[name=reason]", "My knee")
    page.click("text=Book this visit")
    page.wait_for_selector("text=Your visit is booked.")
    visit = Appointment.objects.get()
    assert (visit.starts_at, visit.reason) == (tomorrow(14) + timedelta(minutes=30), "My knee")

    page.click("a:text('Move')")
    page.click(f"#day-{tomorrow(9):%Y-%m-%d}")
    page.click("a.slot:text('15:00')")
    page.click("text=Move the visit >> nth=-1")
    page.wait_for_selector("text=The visit is moved to")
    visit.refresh_from_db()
    assert visit.starts_at == tomorrow(15)

    page.click("a:text('Cancel visit')")
    page.click("button:text('Cancel the visit')")
    page.wait_for_selector("text=The visit is cancelled.")
    visit.refresh_from_db()
    assert visit.status == Status.CANCELLED


def test_a_lost_race_is_one_press_from_a_booking(doctor, patient, open_as):
    page = open_as(patient.user, **PHONE)
    page.goto(confirm_url(doctor, tomorrow(10)))
    page.fill("[name=reason]", "My knee")
    AppointmentFactory(doctor=doctor, starts_at=tomorrow(10))
    page.click("text=Book this visit")
    page.wait_for_selector("text=That time has just been taken.")
    assert page.input_value("[name=reason]") == "My knee"
    page.click("button.slot >> nth=0")
    page.wait_for_selector("text=Your visit is booked.")
    assert Appointment.objects.get(patient=patient).reason == "My knee"


@pytest.mark.once
def test_the_profile_opens_as_a_dialog(doctor, open_as):
    page = open_as(None)
    page.goto(dates_url(doctor))
    page.click("text=Profile")
    page.wait_for_selector("dialog[open] >> text=English, Igbo")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="detached")
    assert page.evaluate("document.activeElement.textContent") == "Profile"


def test_reception_books_for_a_patient_with_the_keyboard_alone(doctor, patient, open_as):
    page = open_as(UserFactory(role=Role.RECEPTION))
    page.goto(confirm_url(doctor, tomorrow(10)))
    page.focus("#who")
    page.keyboard.type("alvarez")
    page.keyboard.press("Enter")
    page.wait_for_selector("a.row-link")
    page.focus("a.row-link")
    page.keyboard.press("Enter")
    page.wait_for_selector("[name=reason]")
    page.focus("text=Book this visit")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=The visit is booked.")
    assert Appointment.objects.get().patient == patient


@pytest.mark.once
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible_and_fits_the_smallest_phone(scheme, doctor, patient, open_as):
    visit = AppointmentFactory(doctor=doctor, patient=patient, starts_at=tomorrow(12))
    desk = UserFactory(role=Role.RECEPTION)
    paths = {
        None: [
            reverse("scheduling:booking-departments"),
            reverse("scheduling:booking-doctors", args=[doctor.department_id]),
            dates_url(doctor),
            times_url(doctor, tomorrow(9)),
            confirm_url(doctor, tomorrow(9)),
            confirm_url(doctor, tomorrow(12)),
            reverse("scheduling:doctor-list"),
            reverse("scheduling:doctor-detail", args=[doctor.pk]),
        ],
        patient.user: [
            confirm_url(doctor, tomorrow(9)),
            reverse("scheduling:appointment-detail", args=[visit.pk]) + "?booked=1",
            reverse("scheduling:appointment-reschedule", args=[visit.pk]),
            reverse("scheduling:appointment-cancel", args=[visit.pk]),
        ],
        desk: [
            reverse("scheduling:booking-departments") + "?who=alvarez",
            confirm_url(doctor, tomorrow(12)) + f"?patient={patient.pk}",
            reverse("scheduling:appointment-detail", args=[visit.pk]),
        ],
    }
    axe, found = Axe(), []
    for who, addresses in paths.items():
        page = open_as(who, color_scheme=scheme, **SMALLEST)
        for address in addresses:
            page.goto(address)
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, address
            found += [
                (address, rule["id"], rule["nodes"][0]["html"])
                for rule in axe.run(page, options=RULES).response["violations"]
            ]
    assert found == []
