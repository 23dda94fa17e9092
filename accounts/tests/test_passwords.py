"""Passwords are changed by who knows the old one, and reset by who reads the mail."""

import re

import pytest
import time_machine
from django.contrib.auth.hashers import get_hasher, identify_hasher
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import hashers, services
from accounts.models import AuditEvent, Message, MessageState, Role
from accounts.services import delivery
from accounts.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

NEW = "quite another pass phrase"


def ask_for_reset(client, email):
    return client.post(reverse("account_reset_password"), {"email": email})


def path_in(message):
    return re.search(r"http://127\.0\.0\.1:8000(/account/password/reset/key/\S+)", message.text).group(1)


def reset(client, path, password=NEW):
    form = client.get(path, follow=True)
    return client.post(form.request["PATH_INFO"], {"password1": password, "password2": password})


def change(client, old, new=NEW, again=None):
    data = {"oldpassword": old, "password1": new, "password2": again or new}
    return client.post(reverse("account_change_password"), data)


def test_a_change_asks_for_the_current_password_and_ends_the_other_sessions(client):
    user, other = UserFactory(), Client()
    client.force_login(user)
    other.force_login(user)
    assert change(client, "wrong").context["form"].errors["oldpassword"]
    assert change(client, PASSWORD, "short").context["form"].errors["password1"]
    assert change(client, PASSWORD, NEW, "different").context["form"].errors["password2"]
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert change(client, PASSWORD).status_code == 302
    user.refresh_from_db()
    assert user.check_password(NEW)
    page = reverse("account_change_password")
    assert (client.get(page).status_code, other.get(page).status_code) == (200, 302)
    assert AuditEvent.objects.filter(action="account.password_changed", actor_id=user.pk).count() == 1
    assert Message.objects.get().kind == "account.password_changed"


def test_a_reset_by_mail_works_once_and_ends_every_session(client):
    user, other = UserFactory(), Client()
    other.force_login(user)
    assert ask_for_reset(client, user.email.upper()).status_code == 302
    message = Message.objects.get()
    assert (message.secret, message.address) == (True, user.email)
    path = path_in(message)
    assert reset(client, path).status_code == 302
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert other.get(reverse("account_change_password")).status_code == 302
    assert reset(Client(), path, "a third pass phrase").status_code == 200
    user.refresh_from_db()
    assert user.check_password(NEW)
    event = AuditEvent.objects.get(action="account.password_changed")
    assert event.detail == {"how": "link"}


def test_a_reset_link_runs_out_after_an_hour_and_is_not_even_sent_then(client):
    user = UserFactory()
    ask_for_reset(client, user.email)
    path = path_in(Message.objects.get())
    with time_machine.travel(timezone.now() + timezone.timedelta(minutes=61)):
        reset(client, path)
        assert delivery.sweep() == {MessageState.OBSOLETE: 1}
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_a_reset_opens_a_locked_account_at_once(client):
    user = UserFactory()
    for _ in range(6):
        locked = client.post(reverse("account_login"), {"login": user.email, "password": "wrong"})
    assert locked.status_code == 429
    ask_for_reset(client, user.email)
    reset(client, path_in(Message.objects.get()))
    assert client.post(reverse("account_login"), {"login": user.email, "password": NEW}).status_code == 302


def test_an_unknown_address_gets_the_same_page_and_a_mail_without_a_key(client):
    user = UserFactory()
    known, unknown = ask_for_reset(client, user.email), ask_for_reset(client, "nobody@example.org")
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    message = Message.objects.get(address="nobody@example.org")
    assert (message.kind, message.recipient) == ("account.unknown_account", None)
    assert "/account/signup/" in message.text
    assert "/key/" not in message.text


def test_an_invited_person_resets_nothing_and_a_revoked_one_gets_no_way_in(client):
    admin = UserFactory(role=Role.ADMIN)
    user = services.invite(email="new@example.org", name="New", role=Role.RECEPTION, by=admin)
    services.revoke(user.invitations.get(), by=admin)
    ask_for_reset(client, user.email)
    message = Message.objects.latest("pk")
    assert message.kind == "account.password_reset_invited"
    assert "/key/" not in message.text


def test_a_blocked_person_gets_no_reset_link(client):
    user = UserFactory()
    services.block(user, reason="Left", by=None)
    ask_for_reset(client, user.email)
    assert "/key/" not in Message.objects.get().text


def test_links_name_our_address_whatever_host_was_asked(client, settings):
    settings.ALLOWED_HOSTS = ["*"]
    user = UserFactory()
    client.post(reverse("account_reset_password"), {"email": user.email}, headers={"Host": "evil.example"})
    assert "evil.example" not in Message.objects.get().text


def test_five_mails_to_one_address_are_enough_for_a_while(client):
    user = UserFactory()
    assert [ask_for_reset(client, user.email).status_code for _ in range(6)] == [302] * 5 + [429]
    assert Message.objects.count() == 5


@pytest.mark.parametrize(
    "password", ["x" * 60 + "y7!q", "  ünï çødé – ж 中文 🦉  ", "lower letters alone", "9" * 30 + "a"]
)
def test_any_long_password_is_taken_exactly_as_it_is_typed(password, client):
    user = UserFactory()
    client.force_login(user)
    assert change(client, PASSWORD, password).status_code == 302
    user.refresh_from_db()
    assert user.check_password(password)
    for other in (password[:-1], password.swapcase(), password.strip() + "?"):
        assert not user.check_password(other)


@pytest.mark.parametrize(
    "password",
    ["Hospital2026!", "patient-patient", "welcome12345", "admin.clinic.1", "Niamh O'Carroll", "hms-2026-hms"],
)
def test_words_that_everybody_tries_first_here_make_no_password(password, client):
    client.force_login(UserFactory(name="Niamh O'Carroll"))
    assert change(client, PASSWORD, password).context["form"].errors["password1"]
    assert change(client, PASSWORD, "patient grey horses").status_code == 302


@pytest.mark.parametrize("password", ["qwertyuiop", "1q2w3e4r5t", "basketball", "football123"])
def test_passwords_that_many_people_have_are_refused(password):
    with pytest.raises(ValidationError, match="too common"):
        validate_password(password)


def test_passwords_are_kept_by_argon2id_with_owasps_parameters(settings):
    settings.PASSWORD_HASHERS = ["accounts.hashers.Argon2id"]
    kept = get_hasher().encode("a pass phrase", "some-salt-of-it")
    assert isinstance(identify_hasher(kept), hashers.Argon2id)
    assert kept.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


def test_every_password_field_is_masked_and_open_to_password_managers(client):
    pages = [client.get(reverse("account_login")), client.get(reverse("account_signup"))]
    client.force_login(UserFactory())
    pages.append(client.get(reverse("account_change_password")))
    fields = [tag for page in pages for tag in re.findall(r"<input[^>]*password[^>]*>", page.text)]
    assert len(fields) == 6
    for tag in fields:
        assert 'type="password"' in tag
        assert re.search(r'autocomplete="(current|new)-password"', tag)
        assert "onpaste" not in tag
        assert "maxlength" not in tag


def test_the_librarys_forms_call_things_as_our_own_do(client):
    user = UserFactory()
    page = client.get(reverse("account_reset_password")).content.decode()
    assert "E-mail address" in page
    assert "Email" not in page
    client.force_login(user)
    page = client.get(reverse("account_change_password")).content.decode()
    assert [page.count(label) for label in ("Current password", "New password, once more")] == [1, 1]
    assert "New Password" not in page
