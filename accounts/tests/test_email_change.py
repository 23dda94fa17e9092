"""An account's address is replaced by another once that one is confirmed."""

import re

import pytest
from django.urls import reverse

from accounts.models import AuditEvent, Message, User
from accounts.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(client):
    user = UserFactory(email="old@example.org")
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    return user


def ask_for(client, address):
    """Ask for another address, and give the password that is asked for then."""
    door = client.post(reverse("account_email"), {"email": address, "action_add": ""})
    assert door.url == f"{reverse('account_reauthenticate')}?next=%2Faccount%2Femail%2F"
    page = client.get(door.url).content.decode()
    assert 'name="next" value="/account/email/"' in page
    return client.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": reverse("account_email")})


def confirm(client):
    message = Message.objects.filter(kind="account.email_confirmation").latest("pk")
    return client.post(re.search(r"http://127\.0\.0\.1:8000(/account/confirm-email/\S+)", message.text).group(1))


def test_the_new_address_counts_once_it_is_confirmed_and_the_old_one_is_told(client, user):
    ask_for(client, "New@Example.org")
    assert Message.objects.get().address == "new@example.org"
    user.refresh_from_db()
    assert user.email == "old@example.org"
    assert confirm(client).status_code == 302
    user.refresh_from_db()
    assert (user.email, user.search) == ("new@example.org", f"{user.name.lower()} new@example.org")
    assert [address.email for address in user.emailaddress_set.all()] == ["new@example.org"]
    event = AuditEvent.objects.get(action="account.email_changed")
    assert event.detail == {"before": "old@example.org", "after": "new@example.org"}
    told = Message.objects.get(kind="account.email_changed")
    assert (told.address, "new@example.org" in told.text) == ("old@example.org", True)
    client.post(reverse("account_logout"))
    assert client.post(reverse("account_login"), {"login": "old@example.org", "password": PASSWORD}).status_code == 200
    assert client.post(reverse("account_login"), {"login": "new@example.org", "password": PASSWORD}).status_code == 302


def test_an_address_somebody_else_has_is_never_taken_over(client, user):
    other = UserFactory(email="theirs@example.org")
    ask_for(client, "theirs@example.org")
    if Message.objects.filter(kind="account.email_confirmation").exists():
        assert confirm(client).status_code == 302
    user.refresh_from_db()
    other.refresh_from_db()
    assert (user.email, other.email) == ("old@example.org", "theirs@example.org")


def test_an_address_registered_meanwhile_is_a_message_and_no_error(client, user):
    ask_for(client, "new@example.org")
    meanwhile = UserFactory(email="new@example.org")
    meanwhile.emailaddress_set.update(verified=False)
    answer = confirm(client)
    assert answer.status_code == 302
    assert "belongs to another account now" in client.get(reverse("account_email")).content.decode()
    assert sorted(User.objects.values_list("email", flat=True)) == ["new@example.org", "old@example.org"]


def test_a_borrowed_session_cannot_take_the_account_away_without_the_password(client, user):
    client.post(reverse("account_email"), {"email": "eve@example.org", "action_add": ""})
    wrong = client.post(reverse("account_reauthenticate"), {"password": "wrong", "next": reverse("account_email")})
    assert wrong.context["form"].errors["password"]
    assert client.post(reverse("account_email"), {"email": "eve@example.org", "action_add": ""}).status_code == 302
    assert not Message.objects.exists()
    assert [address.email for address in user.emailaddress_set.all()] == ["old@example.org"]
