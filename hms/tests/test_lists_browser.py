"""Lists in a browser: ticking all rows, what stands above them, and the way back to where one was."""

import pytest

from accounts.models import Role
from accounts.tests.factories import UserFactory
from clinic.tests.factories import DoctorFactory
from scheduling.tests.factories import AppointmentFactory

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]


def test_rows_are_ticked_all_at_once_and_taken_to_the_page_that_asks(open_as, transactional_db):
    doctor = DoctorFactory()
    AppointmentFactory.create_batch(3, doctor=doctor)
    page = open_as(UserFactory(role=Role.RECEPTION))
    page.goto("/appointments/")
    bar = page.locator("[data-tick-bar]")
    assert not bar.is_visible()
    page.check("[data-tick-all]")
    assert page.locator("input[name=visit]:checked").count() == 3
    assert bar.inner_text().startswith("With the ticked visits: 3 / 3")
    page.locator("input[name=visit]").first.uncheck()
    assert page.eval_on_selector("[data-tick-all]", "box => box.indeterminate")
    page.click("text=Cancel them")
    assert page.locator(".ticks input[name=visit]:checked").count() == 2
    page.click("text=Cancel the ticked visits")
    page.wait_for_selector("text=2 visits are cancelled.")


@pytest.mark.once
def test_the_way_back_leads_to_the_list_as_it_was_left(open_as, transactional_db):
    for name in ("Ada", "Bo"):
        UserFactory(name=name)
    page = open_as(UserFactory(role=Role.ADMIN))
    page.goto("/users/?role=patient&sort=-name")
    page.click("text=Ada")
    page.click(".breadcrumbs >> text=Accounts")
    page.wait_for_url("**/users/?role=patient&sort=-name")


@pytest.mark.once
def test_on_a_phone_the_order_stands_above_the_cards(open_as, transactional_db):
    page = open_as(UserFactory(role=Role.ADMIN), viewport={"width": 390, "height": 844})
    page.goto("/users/")
    page.click(".sorts >> text=Role")
    page.wait_for_url("**/users/?sort=role")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
