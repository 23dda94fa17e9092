"""Doctors and staff are invited by mail and choose their own password."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import services
from accounts.models import AuditEvent, Invitation, Message, MessageState, Role, User
from accounts.services import delivery
from accounts.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return UserFactory(role=Role.ADMIN, name="Alma Head")


@pytest.fixture
def as_admin(admin, client):
    client.force_login(admin)
    return client


def link_in(message):
    return re.search(r"http://127\.0\.0\.1:8000(/invitations/accept/\S+/)", message.text).group(1)


def invite(admin, **fields):
    fields = {"email": "new@example.org", "name": "Nora New", "role": Role.RECEPTION, **fields}
    user = services.invite(by=admin, **fields)
    return user, link_in(Message.objects.latest("pk"))


def choose(client, link, password=PASSWORD):
    return client.post(link, {"password1": password, "password2": password})


def test_an_invitation_is_a_secret_message_and_the_account_has_no_password(admin):
    user, link = invite(admin)
    message = Message.objects.get()
    assert message.secret
    assert (message.address, message.recipient) == ("new@example.org", user)
    assert "Alma Head" in message.text
    assert not user.has_usable_password()
    assert not EmailAddress.objects.get(user=user).verified
    assert link.split("/")[-2] not in str(Invitation.objects.values())


def test_accepting_chooses_the_password_and_signs_in(admin, client):
    user, link = invite(admin)
    page = client.get(link)
    assert "Nora New" in page.content.decode()
    answer = choose(client, link)
    assert (answer.status_code, answer.url) == (302, "/")
    assert client.session["_auth_user_id"] == str(user.pk)
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert EmailAddress.objects.get(user=user).verified
    assert list(AuditEvent.objects.filter(actor_id=user.pk).order_by("pk").values_list("action", flat=True)) == [
        "invitation.accepted",
        "consent.given",
        "account.signed_in",
    ]


def test_a_link_works_once(admin, client):
    user, link = invite(admin)
    choose(client, link)
    again = Client()
    assert again.get(link).status_code == 404
    assert choose(again, link, "another pass phrase").status_code == 404
    assert "cannot be used any more" in again.get(link).content.decode()
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_a_link_runs_out_after_seven_days(admin, client):
    _, link = invite(admin)
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
        assert client.get(link).status_code == 404
        assert choose(client, link).status_code == 404


def test_a_link_taken_back_opens_nothing_also_between_form_and_button(admin, client):
    user, link = invite(admin)
    assert client.get(link).status_code == 200
    services.revoke(Invitation.objects.get(), by=admin)
    assert choose(client, link).status_code == 404
    user.refresh_from_db()
    assert not user.has_usable_password()


def test_a_new_link_ends_the_one_before(admin, client):
    _, first = invite(admin)
    services.resend(Invitation.objects.get(), by=admin)
    second = link_in(Message.objects.latest("pk"))
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200


def test_the_mail_of_a_link_that_was_replaced_is_not_sent(admin, mailoutbox):
    invite(admin)
    services.resend(Invitation.objects.get(), by=admin)
    delivery.sweep()
    states = list(Message.objects.order_by("pk").values_list("state", "text"))
    assert states == [(MessageState.OBSOLETE, ""), (MessageState.SENT, "")]
    assert len(mailoutbox) == 1


def test_an_expired_or_revoked_invitation_can_be_sent_again(admin, client):
    user, _ = invite(admin)
    services.revoke(Invitation.objects.get(), by=admin)
    with time_machine.travel(timezone.now() + timedelta(days=30)):
        services.resend(Invitation.objects.get(), by=admin)
        assert choose(client, link_in(Message.objects.latest("pk"))).status_code == 302
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_an_accepted_invitation_is_neither_sent_again_nor_taken_back(admin, client):
    _, link = invite(admin)
    choose(client, link)
    invitation = Invitation.objects.get()
    for act in (services.resend, services.revoke):
        with pytest.raises(services.AccountRefused, match="accepted"):
            act(invitation, by=admin)


@pytest.mark.parametrize("password", ["short", "1234567890123", "password123", "new@example.org"])
def test_a_weak_password_is_refused_beside_the_field(password, admin, client):
    user, link = invite(admin)
    page = choose(client, link, password)
    assert page.status_code == 200
    assert page.context["form"].errors["password1"]
    user.refresh_from_db()
    assert not user.has_usable_password()
    assert Invitation.objects.open().exists()


def test_two_different_passwords_are_refused(admin, client):
    _, link = invite(admin)
    page = client.post(link, {"password1": PASSWORD, "password2": PASSWORD + "x"})
    assert page.context["form"].errors["password2"] == ["The two passwords are not the same."]


def test_a_blocked_person_cannot_accept(admin, client):
    user, link = invite(admin)
    services.block(user, reason="Changed our mind", by=admin)
    assert client.get(link).status_code == 404


def test_accepting_in_a_browser_where_somebody_else_is_signed_in_signs_them_out(admin, client):
    user, link = invite(admin)
    client.force_login(admin)
    choose(client, link)
    assert client.session["_auth_user_id"] == str(user.pk)


def test_a_taken_address_is_refused_and_what_was_typed_stays(as_admin):
    UserFactory(email="taken@example.org")
    page = as_admin.post(
        reverse("accounts:invitation-create"), {"name": "Nora", "email": "Taken@example.org", "role": Role.ADMIN}
    )
    assert page.status_code == 200
    assert page.context["form"].errors["email"] == ["There is already an account with this e-mail address."]
    assert 'value="Taken@example.org"' in page.content.decode()


@pytest.mark.parametrize("role", [Role.DOCTOR, Role.PATIENT, "king", ""])
def test_only_staff_are_invited_on_this_page(role, as_admin):
    page = as_admin.post(
        reverse("accounts:invitation-create"), {"name": "Nora", "email": "n@example.org", "role": role}
    )
    assert page.context["form"].errors["role"]
    assert User.objects.count() == 1


def test_hidden_fields_added_to_the_form_change_nothing(as_admin):
    as_admin.post(
        reverse("accounts:invitation-create"),
        {
            "name": "N",
            "email": "n@example.org",
            "role": "reception",
            "is_staff": "1",
            "is_superuser": "1",
            "password": "x",
        },
    )
    user = User.objects.get(email="n@example.org")
    assert (user.role, user.is_staff, user.is_superuser, user.has_usable_password()) == (
        "reception",
        False,
        False,
        False,
    )


def test_the_list_shows_states_and_its_buttons_work(admin, as_admin):
    invite(admin)
    invitation = Invitation.objects.get()
    page = as_admin.get(reverse("accounts:invitation-list")).content.decode()
    assert "Nora New" in page
    assert "Open" in page
    as_admin.post(reverse("accounts:invitation-revoke", args=[invitation.pk]))
    assert Invitation.objects.get().state == "revoked"
    assert "Taken back" in as_admin.get(reverse("accounts:invitation-list")).content.decode()
    as_admin.post(reverse("accounts:invitation-resend", args=[invitation.pk]))
    assert Invitation.objects.get().state == "open"
    for state, count in [("open", 1), ("revoked", 0), ("expired", 0), ("accepted", 0), ("", 1), ("nonsense", 0)]:
        found = as_admin.get(reverse("accounts:invitation-list"), {"state": state})
        assert found.context["page_obj"].paginator.count == count


def test_acting_on_an_accepted_invitation_is_a_conflict_page(admin, as_admin):
    _, link = invite(admin)
    choose(Client(), link)
    url = reverse("accounts:invitation-revoke", args=[Invitation.objects.get().pk])
    answer = as_admin.post(url)
    assert answer.status_code == 409
    assert "accepted" in answer.content.decode()
    assert as_admin.get(url).status_code == 405


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_however_long(rows, admin, as_admin, django_assert_max_num_queries):
    for number in range(rows):
        invite(admin, email=f"n{number}@example.org")
    with django_assert_max_num_queries(9):
        as_admin.get(reverse("accounts:invitation-list"))


@pytest.mark.parametrize("role", [Role.PATIENT, Role.DOCTOR, Role.RECEPTION])
def test_nobody_else_invites(role, client, admin):
    invite(admin)
    client.force_login(UserFactory(role=role))
    pk = Invitation.objects.get().pk
    assert client.get(reverse("accounts:invitation-list")).status_code == 403
    assert client.post(reverse("accounts:invitation-create"), {}).status_code == 403
    assert client.post(reverse("accounts:invitation-resend", args=[pk])).status_code == 403
