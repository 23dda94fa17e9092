"""Patients register themselves, confirm their address, and land where they were going."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, Message, MessageState, Role, User
from accounts.services import delivery
from accounts.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


def register(client, **fields):
    data = {
        "name": "Nora New",
        "email": "Nora@Example.org",
        "birth_date": "1990-05-17",
        "gender": "female",
        "phone": "",
        "accept_privacy": "on",
    }
    return client.post(
        reverse("account_signup"), data | {"password1": PASSWORD, "password2": PASSWORD} | fields, follow=False
    )


def confirmation():
    message = Message.objects.filter(kind__startswith="account.email_confirmation").latest("pk")
    return re.search(r"http://127\.0\.0\.1:8000(/account/confirm-email/\S+)", message.text).group(1)


def confirm(client, path):
    """Press the button on the page that the link opens, with the fields the page holds."""
    page = client.get(path).content.decode()
    form = re.search(r'<form method="post" action="(/account/confirm-email/[^"]+)".*?</form>', page, re.DOTALL)
    going = re.search(r'name="next" value="([^"]*)"', form.group(0))
    return client.post(form.group(1), {"next": going.group(1)} if going else {})


def test_registering_makes_a_patient_who_must_confirm_first(client):
    answer = register(client)
    assert (answer.status_code, answer.url) == (302, reverse("account_email_verification_sent"))
    user = User.objects.get()
    assert (user.email, user.name, user.role, user.is_staff) == ("nora@example.org", "Nora New", Role.PATIENT, False)
    assert [group.name for group in user.groups.all()] == ["Patients"]
    assert not EmailAddress.objects.get(user=user).verified
    assert AuditEvent.objects.get(action="account.registered").actor_id == user.pk
    message = Message.objects.get()
    assert (message.secret, message.address, message.kind) == (
        True,
        "nora@example.org",
        "account.email_confirmation_signup",
    )
    assert client.get(reverse("account_change_password")).status_code == 302


def test_the_link_asks_and_the_button_confirms_and_signs_in_where_one_was_going(client):
    going = "/book/doctors/1/at/20261124T083000Z/?reason=a%20b"
    register(client, next=going)
    path = confirmation()
    assert client.get(path).status_code == 200
    assert not EmailAddress.objects.get().verified
    answer = confirm(client, path)
    assert (answer.status_code, answer.url) == (302, going)
    assert EmailAddress.objects.get().verified
    assert "_auth_user_id" in client.session
    assert AuditEvent.objects.filter(action="account.email_confirmed").count() == 1


def test_in_another_browser_the_link_confirms_and_sign_in_leads_where_one_was_going(client):
    going = "/book/doctors/1/at/20261124T083000Z/"
    register(client, next=going)
    other = Client()
    answer = confirm(other, confirmation())
    assert answer.url == going
    assert "_auth_user_id" not in other.session
    assert EmailAddress.objects.get().verified


@pytest.mark.parametrize("going", ["https://evil.example/", "//evil.example", ""])
def test_the_link_never_carries_another_site(going, client):
    register(client, next=going)
    path = confirmation()
    assert "evil" not in path
    evil = path + "?next=https://evil.example/"
    assert confirm(client, evil).url == "/"


def test_a_confirmed_link_is_used_up(client):
    register(client)
    path = confirmation()
    confirm(client, path)
    other = Client()
    assert "cannot be used any more" in other.get(path).content.decode()
    assert other.post(path).status_code == 404


@pytest.mark.parametrize("key", ["x", "MQ:1wAbCd:" + "x" * 43, "%00", "a" * 3000])
def test_a_forged_link_confirms_nothing(key, client):
    register(client)
    answer = client.post(f"/account/confirm-email/{key}/")
    assert answer.status_code in {400, 404}
    assert not EmailAddress.objects.get().verified


def test_a_known_address_gets_the_same_answer_and_a_mail_instead_of_a_second_account(client):
    UserFactory(email="nora@example.org")
    answer = register(client)
    assert (answer.status_code, answer.url) == (302, reverse("account_email_verification_sent"))
    assert User.objects.count() == 1
    message = Message.objects.get()
    assert (message.kind, message.secret) == ("account.account_already_exists", False)


def test_hidden_fields_make_nobody_an_administrator(client):
    register(client, role="admin", is_staff="on", is_superuser="on", is_active="on", verified="on", groups="4")
    user = User.objects.get()
    assert (user.role, user.is_staff, user.is_superuser, user.groups.get().name) == (
        "patient",
        False,
        False,
        "Patients",
    )
    assert not EmailAddress.objects.get().verified


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "not an address"),
        ("email", "a@example.org\nBcc: eve@example.org"),
        ("name", ""),
        ("name", "N" * 5000),
        ("name", "Nora\x00"),
        ("password1", "short"),
        ("password2", "different"),
        ("birth_date", "1990-02-30"),
        ("birth_date", "2999-01-01"),
    ],
)
def test_wrong_input_stands_beside_its_field_and_makes_nothing(field, value, client):
    page = register(client, **{field: value})
    assert page.status_code == 200
    assert page.context["form"].errors[field]
    assert not User.objects.exists()
    assert not Message.objects.exists()


def test_a_confirmation_that_came_too_late_is_not_sent(client, mailoutbox):
    register(client)
    EmailAddress.objects.update(verified=True)
    assert delivery.sweep() == {MessageState.OBSOLETE: 1}
    assert mailoutbox == []


def test_registration_works_with_the_broker_gone(client, broker, django_capture_on_commit_callbacks):
    broker.kill()
    with django_capture_on_commit_callbacks(execute=True):
        assert register(client).status_code == 302
    assert Message.objects.get().state == MessageState.DUE
