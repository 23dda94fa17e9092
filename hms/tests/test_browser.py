"""The site in a real browser: what only a browser can tell."""

import pytest

from accounts.models import Role
from accounts.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.slow


def sign_in(page, user):
    page.goto("/account/login/")
    page.fill("input[name=login]", user.email)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/")


def test_signing_in_through_the_form_leads_home(page, live_web):
    user = UserFactory(role=Role.RECEPTION)
    sign_in(page, user)
    assert page.url == live_web + "/"
    assert page.locator("h1").count() == 1


def test_signing_in_works_without_javascript(open_as):
    page = open_as(None, java_script_enabled=False)
    sign_in(page, UserFactory(role=Role.RECEPTION))
    assert page.locator("h1").count() == 1


@pytest.mark.once
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_never_scrolls_sideways(open_as, scheme):
    page = open_as(UserFactory(role=Role.RECEPTION), viewport={"width": 320, "height": 640}, color_scheme=scheme)
    for address in ("/", "/departments/", "/account/login/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, address


@pytest.mark.once
def test_every_file_comes_from_this_site(page, live_web):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/account/login/")
    page.wait_for_load_state("networkidle")
    assert len(asked) > 1
    assert [url for url in asked if not url.startswith((live_web, "data:"))] == []
