"""Sessions in two browsers, passkeys with an authenticator of Chromium's own, and what pages ask by themselves."""

import re

import pytest

from accounts import services
from accounts.models import AuditEvent, Role
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.keys import add_app, code_now

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]
NEW = "quite another pass phrase"
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def sign_in(page, user, site=""):
    page.goto(f"{site}/account/login/")
    page.fill("input[name=login]", user.email)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")


def is_at_sign_in(page):
    return "/account/login/" in page.url


def test_a_new_password_in_one_browser_ends_the_other_and_a_block_ends_both(open_as, live_web):
    user = UserFactory(role=Role.RECEPTION)
    first, second = open_as(None), open_as(None)
    for page in (first, second):
        sign_in(page, user)
        page.wait_for_url(f"{live_web}/")
    first.goto("/account/password/change/")
    for name, value in (("oldpassword", PASSWORD), ("password1", NEW), ("password2", NEW)):
        first.fill(f"[name={name}]", value)
    first.click("main button[type=submit]")
    first.wait_for_load_state()
    second.goto("/patients/")
    assert is_at_sign_in(second)
    first.goto("/patients/")
    assert not is_at_sign_in(first)
    services.block(user, reason="Left", by=None)
    first.click("main a >> nth=0")
    first.goto("/patients/")
    assert is_at_sign_in(first)


def test_signing_out_everywhere_else_reaches_the_other_browser(open_as, live_web):
    user = UserFactory(role=Role.RECEPTION)
    secret = add_app(user)
    first, second = open_as(None), open_as(None)
    for step, page in enumerate((first, second)):
        sign_in(page, user)
        page.fill("[name=code]", code_now(secret, later=step))  # a code counts once
        page.click("text=Continue")
        page.wait_for_url(f"{live_web}/")
    first.goto("/account/security/")
    first.click("text=Sign out everywhere else")
    first.fill("[name=password]", PASSWORD)
    first.click("text=Continue")
    first.wait_for_url("**/account/security/**")
    assert "1 other session has ended" in first.inner_text("main")
    second.goto("/patients/")
    assert is_at_sign_in(second)


def test_a_passkey_is_made_and_signs_in_without_a_password(open_as, live_web):
    site, user, page = live_web.replace("127.0.0.1", "localhost"), UserFactory(role=Role.RECEPTION), open_as(None)
    sign_in(page, user, site)
    page.wait_for_url(f"{site}/")
    chromium = page.context.new_cdp_session(page)
    chromium.send("WebAuthn.enable")
    chromium.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    page.goto(f"{site}/account/security/")
    page.click("text=Add a passkey")
    page.fill("[name=name]", "My laptop")
    page.click("text=Make the passkey")
    page.wait_for_url("**/codes/")
    page.context.clear_cookies()
    page.goto(f"{site}/account/login/?next=/patients/")
    page.click("text=Sign in with a passkey")
    page.click("text=Use my passkey")
    page.wait_for_url(f"{site}/patients/")
    assert AuditEvent.objects.filter(action="account.signed_in").first().detail == {"second_factor": "webauthn"}
    page.context.clear_cookies()
    sign_in(page, user, site)
    page.click("text=Use my passkey")
    page.wait_for_url(f"{site}/")
    assert AuditEvent.objects.filter(action="account.signed_in").count() == 3


def test_what_a_page_asks_by_itself_says_so_and_what_one_presses_does_not(open_as):
    page = open_as(UserFactory(role=Role.RECEPTION))
    page.clock.install()
    page.goto("/day/")
    with page.expect_request(lambda request: "hx-request" in request.headers) as polled:
        page.clock.fast_forward("01:01")
    assert "x-unattended" in polled.value.headers
    page.evaluate("""() => {
        const link = document.createElement("a");
        link.id = "pressed";
        link.href = "/day/";
        link.textContent = "Press";
        link.setAttribute("hx-get", "/day/");
        link.setAttribute("hx-target", "#day-live");
        link.setAttribute("hx-select", "#day-live");
        document.querySelector("main").prepend(link);
        htmx.process(link);
    }""")
    with page.expect_request(re.compile("/day/")) as asked:
        page.click("#pressed")
    assert "x-unattended" not in asked.value.headers
