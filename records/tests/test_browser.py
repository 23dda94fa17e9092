"""Writing a record in a browser: rows added in place, by keyboard, and without a script."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from records.models import Encounter, Export
from records.services import sign_encounter
from records.tests.factories import AllergyFactory, MedicalHistoryFactory

TALL = 6000  # so that the bar at the bottom of a phone covers nothing


def errors_on(page):
    """What the accessibility rules find on a page: [(rule, the elements)]."""
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [(problem["id"], [node["target"] for node in problem["nodes"]]) for problem in found]


@pytest.mark.parametrize("script", [True, False])
def test_doctor_writes_and_signs_with_and_without_a_script(script, open_as, visit):
    page = open_as(visit.doctor.user, java_script_enabled=script)
    page.goto(reverse("records:encounter-write", args=[visit.pk]))
    page.get_by_label("Complaint").fill("Cough")
    for number, name in enumerate(["Bronchitis", "Tiredness", "Fever"]):
        if number:
            page.get_by_role("button", name="Add another diagnosis").click()
        page.locator(f"[name=diagnoses-{number}-words]").fill(name)
    page.get_by_role("button", name="Sign and complete the visit").click()
    page.wait_for_url("**/encounters/*/")
    encounter = Encounter.objects.get(appointment=visit)
    assert [row.words for row in encounter.diagnoses.all()] == ["Bronchitis", "Tiredness", "Fever"]


@pytest.mark.once
def test_a_row_added_in_place_takes_the_focus_and_keeps_the_page(open_as, visit):
    page = open_as(visit.doctor.user)
    page.goto(reverse("records:encounter-write", args=[visit.pk]))
    page.get_by_label("Complaint").fill("Typed before")
    page.get_by_role("button", name="Add another medicine").press("Enter")
    assert page.evaluate("document.activeElement.name") == "prescriptions-1-medicine"
    assert page.get_by_label("Complaint").input_value() == "Typed before"


def test_enter_in_a_field_saves_a_draft_and_signs_nothing(open_as, visit):
    page = open_as(visit.doctor.user)
    page.goto(reverse("records:encounter-write", args=[visit.pk]))
    page.locator("[name=diagnoses-0-words]").fill("Bronchitis")
    page.locator("[name=diagnoses-0-words]").press("Enter")
    page.get_by_text("The record is not signed yet").wait_for()
    assert Encounter.objects.get(appointment=visit).signed_at is None


@pytest.mark.once
def test_a_page_with_unsaved_words_is_not_left_without_asking(open_as, visit):
    page = open_as(visit.doctor.user)
    page.goto(reverse("records:encounter-write", args=[visit.pk]))
    page.get_by_label("Complaint").press_sequentially("Cough")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_role("link", name="Home").first.click()
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    assert page.get_by_label("Complaint").input_value() == "Cough"


def test_a_file_becomes_ready_before_the_readers_eyes(open_as, worker, visit):
    page = open_as(visit.patient.user)
    page.goto(reverse("records:export-list"))
    page.get_by_role("button", name="Make a table (CSV)").click()
    page.get_by_role("link", name="Download", exact=True).wait_for(timeout=20000)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download", exact=True).click()
    assert waiting.value.suggested_filename.endswith(".csv")
    assert Export.objects.get().state == "ready"


@pytest.mark.once
def test_pages_of_records_keep_the_rules_of_accessibility_and_fit_a_phone(open_as, visit):
    AllergyFactory(patient=visit.patient)
    MedicalHistoryFactory(patient=visit.patient)
    writing = reverse("records:encounter-write", args=[visit.pk])
    chart = reverse("records:chart-detail", args=[visit.patient.pk])
    doctor = open_as(visit.doctor.user, viewport={"width": 320, "height": TALL})
    for url in (chart, writing):
        doctor.goto(url)
        assert (url, errors_on(doctor)) == (url, [])
        assert doctor.evaluate("document.documentElement.scrollWidth <= innerWidth")
    line = {"medicine": "Tea", "dose": "a cup"}
    encounter = sign_encounter(
        visit, by=visit.doctor.user, complaint="Cough", prescriptions=[line], vitals=[{"code": "8867-4", "number": 72}]
    )
    patient = open_as(visit.patient.user, viewport={"width": 320, "height": TALL}, color_scheme="dark")
    for url in (
        chart,
        reverse("records:encounter-detail", args=[encounter.pk]),
        reverse("records:visit-list"),
        reverse("records:history-edit", args=[visit.patient.pk]),
        reverse("records:opening-list", args=[visit.patient.pk]),
        reverse("records:export-list"),
    ):
        patient.goto(url)
        assert (url, errors_on(patient)) == (url, [])
        assert patient.evaluate("document.documentElement.scrollWidth <= innerWidth")
