"""Passkeys: made by the browser, shown as second step, before something sensitive, or in the place of the password."""

import json
import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from accounts import services
from accounts.models import AuditEvent, Message
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.keys import SoftKey, add_passkey, recovery_codes_of

pytestmark = pytest.mark.django_db
ADD, SIGN_IN = "accounts:passkey-add", "mfa_login_webauthn"


@pytest.fixture
def client():
    return at_localhost()


def at_localhost():
    return Client(headers={"Host": "localhost"})


def options_on(page):
    return json.loads(unescape(re.search(r'data-options="([^"]+)"', page.content.decode()).group(1)))


def sign_in(client, user, **more):
    return client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD, **more})


def is_in(client):
    return client.get(reverse("accounts:security")).status_code == 200


def with_key(client, user, key):
    """Sign in and add a passkey, as the page does it."""
    sign_in(client, user)
    options = options_on(client.get(reverse(ADD)))
    return client.post(reverse(ADD), {"name": "My telephone", "credential": key.created(options)})


def test_a_passkey_is_added_with_recovery_codes_and_asked_for_at_sign_in(client):
    user, key = UserFactory(), SoftKey()
    assert with_key(client, user, key).url == reverse("accounts:recovery-codes")
    assert len(recovery_codes_of(user)) == 10
    assert AuditEvent.objects.get(action="account.passkey_added").detail == {"name": "My telephone"}
    assert Message.objects.filter(kind="account.passkey_added").count() == 1
    other = at_localhost()
    assert sign_in(other, user, next="/book/").url == reverse("mfa_authenticate")
    shown = key.shown(options_on(other.get(reverse("mfa_authenticate"))))
    assert other.post(reverse("mfa_authenticate"), {"credential": shown}).url == "/book/"
    assert AuditEvent.objects.filter(action="account.signed_in").last() is not None


def test_a_recovery_code_helps_where_the_passkey_is_lost(client):
    user = UserFactory()
    add_passkey(user)
    sign_in(client, user)
    assert client.post(reverse("mfa_authenticate"), {"code": recovery_codes_of(user)[0]}).status_code == 302
    assert is_in(client)


def test_a_passkey_signs_in_without_the_password(client):
    user, key = UserFactory(), SoftKey()
    with_key(client, user, key)
    other = at_localhost()
    shown = key.shown(options_on(other.get(reverse(SIGN_IN))))
    answer = other.post(reverse(SIGN_IN), {"credential": shown})
    assert (answer.status_code, answer.url) == (302, "/")
    assert is_in(other)
    assert AuditEvent.objects.order_by("-pk").first().detail == {"second_factor": "webauthn"}
    assert other.post(reverse(SIGN_IN), {"credential": shown}).url == "/"  # signed in already
    replay = at_localhost()
    replay.get(reverse(SIGN_IN))
    assert "did not fit" in replay.post(reverse(SIGN_IN), {"credential": shown}).content.decode()
    assert not is_in(replay)
    failed = AuditEvent.objects.get(action="account.sign_in_failed")
    assert (failed.actor_id, failed.detail) == (None, {"second_factor": "webauthn"})


def test_somebody_blocked_is_not_let_in_by_a_passkey(client):
    user, key = UserFactory(), SoftKey()
    with_key(client, user, key)
    services.block(user, reason="Left", by=None)
    other = at_localhost()
    shown = key.shown(options_on(other.get(reverse(SIGN_IN))))
    assert other.post(reverse(SIGN_IN), {"credential": shown}).url == reverse("account_inactive")
    assert not is_in(other)


def test_another_persons_passkey_and_another_key_do_not_fit(client):
    user, stranger, key = UserFactory(), UserFactory(), SoftKey()
    with_key(client, user, SoftKey())
    add_passkey(stranger, key)
    for wrong in (key, SoftKey()):
        other = at_localhost()
        sign_in(other, user)
        shown = wrong.shown(options_on(other.get(reverse("mfa_authenticate"))))
        assert other.post(reverse("mfa_authenticate"), {"credential": shown}).status_code == 200
        assert not is_in(other)
    failed = AuditEvent.objects.filter(action="account.second_factor_failed", actor_id=user.pk)
    assert [event.detail for event in failed] == [{"second_factor": "webauthn"}] * 2


def test_a_signature_by_another_key_under_the_same_number_does_not_fit(client):
    user, key, forged = UserFactory(), SoftKey(), SoftKey()
    with_key(client, user, key)
    forged.id, forged.user_handle = key.id, key.user_handle
    other = at_localhost()
    sign_in(other, user)
    shown = forged.shown(options_on(other.get(reverse("mfa_authenticate"))))
    assert other.post(reverse("mfa_authenticate"), {"credential": shown}).status_code == 200
    assert not is_in(other)


@pytest.mark.parametrize(
    "said",
    ["", "null", "[]", "7", '"x"', "{}", "{", '{"id": "x"}', '{"id": "x", "rawId": "!", "response": {}}', "🙂",
     '{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"AA","attestationObject":"AA"}}',
     '{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"AA","signature":"AA","userHandle":"AA"}}',
     '{"response": {"userHandle": null}}', "x" * 5000],
)  # fmt: skip
def test_what_no_browser_sends_is_refused_on_the_page(said, client):
    user = UserFactory()
    sign_in(client, user)
    client.get(reverse(ADD))
    assert client.post(reverse(ADD), {"name": "x", "credential": said}).status_code == 200
    visitor = at_localhost()
    visitor.get(reverse(SIGN_IN))
    assert visitor.post(reverse(SIGN_IN), {"credential": said}).status_code == 200
    add_passkey(user)
    second = at_localhost()
    sign_in(second, user)
    second.get(reverse("mfa_authenticate"))
    assert second.post(reverse("mfa_authenticate"), {"credential": said}).status_code == 200
    assert not any(map(is_in, (visitor, second)))


def test_at_a_bare_address_passkeys_are_not_offered_and_the_page_says_why():
    user, client = UserFactory(), Client(headers={"Host": "127.0.0.1"})
    sign_in(client, user)
    page = client.get(reverse("accounts:security")).content.decode()
    assert reverse(ADD) not in page
    assert "http://localhost:8000" in page
    assert "do not work at this address" in client.get(reverse(ADD)).content.decode()
    assert "opened by its number" in Client(headers={"Host": "127.0.0.1"}).get(reverse(SIGN_IN)).content.decode()


def test_over_https_a_name_is_enough(settings):
    settings.ALLOWED_HOSTS = ["hospital.example"]
    client = Client(headers={"Host": "hospital.example"})
    client.force_login(UserFactory())
    page = client.get(reverse("accounts:security"), secure=True).content.decode()
    assert reverse(ADD) in page


def test_one_removes_ones_own_passkey_and_not_anothers(client):
    user = UserFactory()
    own, theirs = add_passkey(user), add_passkey(UserFactory())
    client.force_login(user)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.post(reverse("accounts:passkey-remove", args=[theirs.pk])).status_code == 404
    assert client.post(reverse("accounts:passkey-remove", args=[own.pk])).status_code == 302
    assert not user.authenticator_set.exists()
    assert client.post(reverse("accounts:passkey-remove", args=[own.pk])).status_code == 404


def test_who_one_is_can_be_shown_by_a_passkey(client):
    user, key = UserFactory(), SoftKey()
    with_key(client, user, key)
    user.refresh_from_db()
    other = at_localhost()
    other.force_login(user)
    url = reverse("accounts:recovery-codes-renew")
    page = other.get(reverse("mfa_reauthenticate_webauthn"), {"next": url})
    shown = key.shown(options_on(page))
    assert other.post(reverse("mfa_reauthenticate_webauthn"), {"credential": shown, "next": url}).url == url
    assert other.get(url).status_code == 200
