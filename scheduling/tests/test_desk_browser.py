"""The day and the list in a browser: parts refresh in place, and everything works without scripts."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.tests.factories import UserFactory
from clinic.tests.factories import DoctorFactory, PatientFactory
from scheduling.models import Appointment, Status
from scheduling.tests.factories import AppointmentFactory

pytestmark = pytest.mark.slow
DAY = reverse("scheduling:day")


@pytest.fixture
def visits(live_web):
    """Two visits that begin now, on the hospital's current day."""
    now = timezone.now().replace(second=0, microsecond=0)
    names = ("Mina Alvarez", "Otto Braun")
    return [
        AppointmentFactory(doctor=DoctorFactory(), patient=PatientFactory(name=name), starts_at=now) for name in names
    ]


def test_check_in_refreshes_the_day_in_place(open_as, visits):
    page = open_as(UserFactory(role=Role.RECEPTION))
    page.goto(DAY)
    page.evaluate("window.stayed = true")
    page.get_by_role("button", name=re.compile("Check in.*Mina")).click()
    page.get_by_role("heading", name="Here now: 1 patient").wait_for()
    assert "Mina Alvarez is checked in" in page.locator("#messages").inner_text()
    assert page.evaluate("window.stayed") is True
    assert Appointment.objects.get(pk=visits[0].pk).status == Status.CHECKED_IN
    assert page.get_by_role("button", name=re.compile("Check in.*Otto")).count() == 1


def test_a_conflict_takes_the_whole_page_and_leads_back(open_as, visits):
    page = open_as(UserFactory(role=Role.RECEPTION))
    page.goto(DAY)
    Appointment.objects.filter(pk=visits[0].pk).update(status=Status.CANCELLED)
    page.get_by_role("button", name=re.compile("Check in.*Mina")).click()
    page.get_by_role("heading", name="That has changed in the meantime").wait_for()
    page.get_by_role("link", name="Back to where you were").click()
    page.wait_for_url(f"**{DAY}")
    assert page.get_by_role("button", name=re.compile("Check in.*Mina")).count() == 0


def test_the_day_works_without_scripts(open_as, visits):
    page = open_as(UserFactory(role=Role.RECEPTION), java_script_enabled=False)
    page.goto(DAY)
    page.get_by_role("button", name=re.compile("Check in.*Otto")).click()
    page.wait_for_url(f"**{DAY}")
    assert page.get_by_role("heading", name="Here now: 1 patient").count() == 1
    page.get_by_role("textbox", name="Patient").fill("mina")
    page.get_by_role("button", name="Show", exact=True).click()
    assert page.get_by_role("link", name="Mina Alvarez").count() == 1
    assert page.locator(".day-rows").get_by_role("link", name="Otto Braun").count() == 0


def test_the_list_is_narrowed_in_place_with_its_address_kept(open_as, visits):
    page = open_as(UserFactory(role=Role.RECEPTION))
    page.goto(reverse("scheduling:appointment-list"))
    page.evaluate("window.stayed = true")
    page.get_by_label("Patient or reference").fill("otto")
    page.get_by_role("button", name="Show", exact=True).click()
    page.get_by_text("1 visit", exact=True).wait_for()
    assert "q=otto" in page.url
    assert page.evaluate("window.stayed") is True
    page.reload()
    assert page.get_by_label("Patient or reference").input_value() == "otto"


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_scrolls_sideways(open_as, visits, width):
    doctor = visits[0].doctor
    Appointment.objects.filter(pk=visits[0].pk).update(reason="long" * 100, staff_notes="word" * 200)
    pages = {
        doctor.user: [DAY, reverse("scheduling:week"), reverse("scheduling:hours-list", args=[doctor.pk])],
        UserFactory(role=Role.RECEPTION): [DAY, reverse("scheduling:appointment-list")],
    }
    for user, paths in pages.items():
        page = open_as(user, viewport={"width": width, "height": 800})
        for path in paths:
            page.goto(path)
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, (path, width)
