"""What operators do at the terminal."""

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditEvent, Invitation, Role, User
from accounts.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def password(monkeypatch):
    def given(text):
        monkeypatch.setenv("HMS_ADMIN_PASSWORD", text)

    given(PASSWORD)
    return given


def test_the_first_administrator_is_made_and_may_sign_in(password, client):
    call_command("create_admin", "Boss@Example.org", name="The Boss")
    user = User.objects.get()
    assert (user.email, user.role, user.is_staff, user.is_superuser) == ("boss@example.org", Role.ADMIN, True, False)
    assert client.post("/account/login/", {"login": user.email, "password": PASSWORD}).url == "/"
    assert AuditEvent.objects.get(action="account.created").actor_name == "HMS"


@pytest.mark.parametrize("weak", ["short", "12345678901", "password123", "boss@example.org"])
def test_a_weak_password_makes_nobody(weak, password):
    password(weak)
    with pytest.raises(CommandError, match="password"):
        call_command("create_admin", "boss@example.org", name="The Boss")
    assert not User.objects.exists()


def test_a_taken_or_wrong_address_is_a_sentence(password):
    UserFactory(email="boss@example.org")
    with pytest.raises(CommandError, match="already an account"):
        call_command("create_admin", "BOSS@example.org", name="The Boss")
    with pytest.raises(CommandError, match="valid"):
        call_command("create_admin", "boss", name="The Boss")


def test_without_terminal_or_password_the_way_on_is_said(monkeypatch):
    monkeypatch.delenv("HMS_ADMIN_PASSWORD", raising=False)
    with pytest.raises(CommandError, match="HMS_ADMIN_PASSWORD"):
        call_command("create_admin", "boss@example.org", name="The Boss")
    with pytest.raises(CommandError, match="E-mail address"):
        call_command("create_admin")


def test_an_administrator_may_be_invited_instead():
    call_command("create_admin", "boss@example.org", name="The Boss", invite=True)
    assert Invitation.objects.open().get().user.role == Role.ADMIN
    assert not User.objects.get().has_usable_password()


def test_djangos_superusers_are_not_made():
    with pytest.raises(CommandError, match="create_admin"):
        call_command("createsuperuser", "--no-input", "--email", "root@example.org")
    assert not User.objects.exists()


def test_a_password_is_changed_on_record_and_weak_ones_refused(password):
    user = UserFactory()
    password("quite another pass phrase")
    call_command("changepassword", user.email.upper())
    user.refresh_from_db()
    assert user.check_password("quite another pass phrase")
    assert AuditEvent.objects.get().detail == {"how": "command"}
    password("short")
    with pytest.raises(CommandError, match="too short"):
        call_command("changepassword", user.email)
    with pytest.raises(CommandError, match="no account"):
        call_command("changepassword", "nobody@example.org")
