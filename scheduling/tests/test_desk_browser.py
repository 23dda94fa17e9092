"""The day and the list in a browser: parts refresh in place, and everything works without scripts."""

import re
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.tests.factories import UserFactory
from clinic.models import Patient
from clinic.tests.factories import DoctorFactory, PatientFactory
from scheduling.models import Appointment, Status
from scheduling.tests.factories import AppointmentFactory, ExtraHoursFactory, TimeOffFactory, open_all_week

pytestmark = pytest.mark.slow
DAY, WEEK = reverse("scheduling:day"), reverse("scheduling:week")
LIST = reverse("scheduling:appointment-list")
TALL = 6000  # so that the bar at the bottom of a phone covers nothing
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "resultTypes": ["violations"],
}


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


@pytest.mark.once
def test_the_list_is_narrowed_in_place_with_its_address_kept(open_as, visits):
    page = open_as(UserFactory(role=Role.RECEPTION))
    page.goto(LIST)
    page.evaluate("window.stayed = true")
    page.get_by_label("Patient or reference").fill("otto")
    page.get_by_role("button", name="Show", exact=True).click()
    page.get_by_text("1 visit", exact=True).wait_for()
    assert "q=otto" in page.url
    assert page.evaluate("window.stayed") is True
    page.reload()
    assert page.get_by_label("Patient or reference").input_value() == "otto"


@pytest.fixture
def pages(visits):
    """Everything there is to see, with what is hard to show in it: {who: addresses}."""
    doctor, visit = visits[0].doctor, visits[0]
    Appointment.objects.filter(pk=visit.pk).update(reason="long" * 100, staff_notes="word" * 200)
    Patient.objects.filter(pk=visit.patient_id).update(name="Maximiliane-Theodora von und zu Löwenstein-Wertheim" * 2)
    hours = open_all_week(doctor)[0]
    off = TimeOffFactory(doctor=doctor, starts_at=visit.starts_at, ends_at=visit.starts_at + timedelta(days=2))
    extra = ExtraHoursFactory(doctor=doctor, date=timezone.localdate() + timedelta(days=3))
    both = [DAY, LIST, f"{LIST}?q=nobody&when=all", f"{LIST}?from_day=2026-01-01&to_day=2025-01-01"]
    own = [("hours-list", doctor), ("hours-create", doctor), ("timeoff-create", doctor), ("extra-create", doctor)]
    own += [("hours-delete", hours), ("timeoff-edit", off), ("timeoff-delete", off), ("extra-delete", extra)]
    return {
        doctor.user: [*both, WEEK, *(reverse(f"scheduling:{name}", args=[row.pk]) for name, row in own)],
        visit.patient.user: [LIST, f"{LIST}?when=past"],
        UserFactory(role=Role.RECEPTION): [*both, reverse("scheduling:appointment-notes", args=[visit.pk])],
        UserFactory(role=Role.ADMIN): [WEEK, f"{WEEK}?doctor={doctor.pk}"],
    }


@pytest.mark.once
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("scheme", "width"), [("light", 320), ("dark", 1280)])
def test_every_page_is_accessible_and_none_scrolls_sideways(open_as, pages, scheme, width):
    axe, found = Axe(), []
    for user, paths in pages.items():
        page = open_as(user, viewport={"width": width, "height": TALL}, color_scheme=scheme)
        for path in paths:
            page.goto(path)
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, path
            broken = axe.run(page, options=RULES).response["violations"]
            found += [(path, rule["id"], rule["nodes"][0]["html"]) for rule in broken]
    assert found == []
