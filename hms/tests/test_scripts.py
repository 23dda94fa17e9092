"""What the scripts promise: appearance, one press is one request, dialogs, failures that offer again, named zones."""

import re

import pytest

from accounts.models import Role
from accounts.tests.factories import UserFactory
from clinic.tests.factories import DoctorFactory
from scheduling.models import Weekday
from scheduling.tests.factories import WorkingHoursFactory

pytestmark = [pytest.mark.slow, pytest.mark.once, pytest.mark.xdist_group("browser")]
LOGIN = "/account/login/"


@pytest.fixture
def doctor(transactional_db):
    doctor = DoctorFactory()
    for weekday in Weekday:
        WorkingHoursFactory(doctor=doctor, weekday=weekday)
    return doctor


def assert_theme(page, name):
    """The browser tells scripts about a change of the device with the next frame."""
    page.wait_for_function("name => document.documentElement.dataset.bsTheme === name", arg=name, timeout=5000)


def test_appearance_follows_the_device_until_one_chooses_and_then_stays_without_a_reload(open_as):
    page = open_as(None, color_scheme="dark")
    page.goto(LOGIN)
    assert_theme(page, "dark")
    page.emulate_media(color_scheme="light")
    assert_theme(page, "light")
    page.click(".theme-menu summary")
    page.click("[data-theme-choice=dark]")
    assert_theme(page, "dark")
    page.goto("/departments/")
    assert_theme(page, "dark")
    assert page.get_attribute("[data-theme-choice=dark]", "aria-pressed") == "true"


def test_paper_is_always_light(open_as):
    page = open_as(None, color_scheme="dark")
    page.goto(LOGIN)
    page.emulate_media(media="print")
    assert_theme(page, "light")
    page.emulate_media(media="screen")
    assert_theme(page, "dark")


def test_menus_open_by_keyboard_close_on_escape_and_give_the_focus_back(open_as):
    page = open_as(UserFactory())
    page.goto("/departments/")
    page.focus(".account-menu summary")
    page.keyboard.press("Enter")
    assert page.locator(".account-menu[open]").count() == 1
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert page.locator(".account-menu[open]").count() == 0
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_a_second_press_sends_nothing(open_as):
    page = open_as(None)
    page.goto(LOGIN)
    sent = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    page.fill("[name=login]", "a@example.org")
    page.fill("[name=password]", "something")
    page.evaluate(
        "() => { const b = document.querySelector('main form button[type=submit]'); b.click(); b.click(); b.click(); }"
    )
    page.wait_for_selector(".error-summary")
    assert len(sent) == 1
    assert "login=a%40example.org" in sent[0].post_data


def test_errors_are_brought_to_the_reader(open_as):
    page = open_as(None)
    page.goto(LOGIN)
    page.fill("[name=login]", "a@example.org")
    page.fill("[name=password]", "wrong enough")
    page.click("main form button[type=submit]")
    page.wait_for_selector(".error-summary")
    assert "error-summary" in page.evaluate("document.activeElement.className")


def test_a_profile_opens_as_a_dialog_and_closing_it_leads_back_to_the_link(open_as, doctor):
    page = open_as(None)
    page.goto(f"/book/doctors/{doctor.pk}/")
    page.click("main a[data-dialog]")
    dialog = page.wait_for_selector("dialog[open]")
    assert doctor.name in dialog.inner_text()
    assert page.url.endswith(f"/book/doctors/{doctor.pk}/")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="detached")
    assert page.evaluate("document.activeElement.hasAttribute('data-dialog')")


def test_without_javascript_the_same_link_leads_to_the_profile(open_as, doctor):
    page = open_as(None, java_script_enabled=False)
    page.goto(f"/book/doctors/{doctor.pk}/")
    page.click("main a[data-dialog]")
    assert page.url.endswith(f"/doctors/{doctor.pk}/")


def test_a_failed_request_says_so_and_the_second_try_works(browser, live_web, doctor):
    context = browser.new_context(base_url=live_web)  # not open_as: the browser itself complains about the lost line
    page = context.new_page()
    page.goto(f"/book/doctors/{doctor.pk}/")
    day = page.locator("a.day-choice").nth(1)
    context.set_offline(True)
    day.click()
    page.wait_for_selector(".request-failed")
    assert "did not work" in page.inner_text("#messages")
    context.set_offline(False)
    page.click("[data-again]")
    page.wait_for_selector(".slots")
    assert page.locator(".request-failed").count() == 0
    assert re.search(rf"/book/doctors/{doctor.pk}/\d{{4}}-\d\d-\d\d/", page.url)
    context.close()


@pytest.mark.parametrize(("zone", "named"), [("America/New_York", True), ("UTC", False)])
def test_the_zone_is_named_where_the_readers_clock_differs(open_as, doctor, zone, named):
    page = open_as(None, timezone_id=zone)
    page.goto(f"/doctors/{doctor.pk}/")
    assert ("UTC" in page.inner_text("main time >> nth=0")) is named


def test_the_slash_leads_to_the_search_but_not_out_of_a_field_and_can_be_switched_off(open_as):
    page = open_as(None)
    page.goto("/departments/")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "header-search"
    page.keyboard.type("a/b")
    assert page.input_value("#header-search") == "a/b"
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=a%2Fb")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "id_q"
    page.uncheck("[data-search-key-choice] input")
    page.goto("/departments/")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.tagName") == "BODY"
    assert page.get_attribute("#header-search", "aria-keyshortcuts") is None


def test_in_the_administration_site_the_slash_leads_to_the_lists_search_else_to_that_of_everything(open_as):
    page = open_as(UserFactory(role=Role.ADMIN))
    page.goto("/admin/clinic/doctor/")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "searchbar"
    assert page.get_attribute("#searchbar", "aria-keyshortcuts") == "/"
    page.keyboard.type("a/b")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/clinic/doctor/?q=a%2Fb")
    page.goto("/admin/")
    page.keyboard.press("/")
    page.wait_for_url("**/search/")


def test_on_a_phone_the_slash_and_the_sign_lead_to_the_search_page(open_as):
    page = open_as(None, viewport={"width": 390, "height": 800})
    page.goto("/departments/")
    page.keyboard.press("/")
    page.wait_for_url("**/search/")
    assert page.is_visible("main input[type=search]")
