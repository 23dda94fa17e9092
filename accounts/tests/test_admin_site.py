"""Django's administration site: behind our sign-in, for administrators alone, through the services."""

import re

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from accounts import audit
from accounts.models import AuditEvent, Invitation, JobRun, Message, MessageState, Role, User
from accounts.services import invite
from accounts.tests.factories import MessageFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return UserFactory(role=Role.ADMIN)


@pytest.fixture
def as_admin(admin, client):
    client.force_login(admin)
    return client


def test_the_way_in_is_our_sign_in(client):
    assert client.get("/admin/").url == "/account/login/?next=/admin/"
    assert (
        client.get("/admin/login/?next=/admin/accounts/user/").url
        == "/account/login/?next=%2Fadmin%2Faccounts%2Fuser%2F"
    )
    assert client.get("/admin/login/?next=https://evil.example/").url == "/account/login/?next=%2Fadmin%2F"
    assert client.post("/admin/login/", {"username": "a", "password": "b"}).status_code == 302


@pytest.mark.parametrize("role", [Role.PATIENT, Role.DOCTOR, Role.RECEPTION])
def test_others_get_403_even_with_the_staff_flag(role, client):
    client.force_login(UserFactory(role=role, is_staff=True))
    for url in ("/admin/", "/admin/login/", "/admin/accounts/user/", "/admin/auth/group/", "/admin/jsi18n/"):
        assert client.get(url).status_code == 403


def test_an_administrator_looks_at_every_list_and_row(as_admin, admin):
    invite(email="n@example.org", name="Nora", role=Role.RECEPTION, by=admin)
    MessageFactory()
    for model in (User, Invitation, Message, AuditEvent, Group):
        base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        assert as_admin.get(base).status_code == 200
        assert as_admin.get(f"{base}{model.objects.first().pk}/change/").status_code == 200
    assert as_admin.get("/admin/").status_code == 200


def test_nothing_is_added_or_deleted_past_the_services(as_admin, admin):
    MessageFactory()
    audit.record(None, "test.act")
    for model in (User, Invitation, Message, AuditEvent):
        base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        assert as_admin.get(f"{base}add/").status_code == 403
        assert as_admin.post(f"{base}{admin.pk}/delete/", {"post": "yes"}).status_code in {302, 403}
    for model in (Invitation, Message, AuditEvent):
        row = model.objects.first()
        if row:
            base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/{row.pk}/change/"
            assert as_admin.post(base, {"actor_name": "X", "state": "sent"}).status_code == 403
    assert User.objects.filter(pk=admin.pk).exists()
    assert Message.objects.get().state == MessageState.DUE


def test_passwords_and_flags_cannot_be_set_here(as_admin):
    user = UserFactory(role=Role.RECEPTION)
    before = user.password
    url = reverse("admin:accounts_user_change", args=[user.pk])
    page = as_admin.get(url).content.decode()
    assert "argon2" not in page
    as_admin.post(
        url,
        {
            "name": "New Name",
            "role": "reception",
            "password": "x",
            "is_superuser": "on",
            "is_staff": "on",
            "is_active": "",
            "email": "e@example.org",
            "user_permissions": "1",
        },
    )
    user.refresh_from_db()
    assert (user.name, user.password) == ("New Name", before)
    assert (user.is_superuser, user.is_staff, user.is_active) == (False, False, True)
    assert not user.user_permissions.exists()
    assert AuditEvent.objects.filter(action="account.renamed").count() == 1
    assert as_admin.get(f"/admin/accounts/user/{user.pk}/password/").status_code in {302, 404}


def test_role_and_groups_change_through_the_services(as_admin, admin):
    user, extra = UserFactory(role=Role.RECEPTION), Group.objects.create(name="Archive")
    as_admin.post(
        reverse("admin:accounts_user_change", args=[user.pk]),
        {"name": user.name, "role": "admin", "groups": [extra.pk]},
    )
    user.refresh_from_db()
    assert (user.role, user.is_staff) == ("admin", True)
    assert {group.name for group in user.groups.all()} == {"Administrators", "Archive"}
    assert set(AuditEvent.objects.values_list("action", flat=True)) == {
        "account.role_changed",
        "account.groups_changed",
    }


def test_what_a_service_refuses_is_said_and_nothing_is_half_done(as_admin, admin):
    url = reverse("admin:accounts_user_change", args=[admin.pk])
    answer = as_admin.post(url, {"name": "Other Name", "role": "reception"}, follow=True)
    assert "Another administrator has to do that" in answer.content.decode()
    admin.refresh_from_db()
    assert (admin.role, admin.name != "Other Name") == ("admin", True)


def test_the_groups_of_other_roles_cannot_be_given(as_admin):
    user = UserFactory(role=Role.DOCTOR)
    group = Group.objects.get(name="Administrators")
    as_admin.post(reverse("admin:accounts_user_change", args=[user.pk]), {"name": user.name, "groups": [group.pk]})
    assert [group.name for group in user.groups.all()] == ["Doctors"]


def test_a_new_group_is_composed_and_on_record(as_admin):
    permission = Permission.objects.get(codename="view_message")
    as_admin.post("/admin/auth/group/add/", {"name": "Post office", "permissions": [permission.pk]})
    assert [p.codename for p in Group.objects.get(name="Post office").permissions.all()] == ["view_message"]
    event = AuditEvent.objects.get(action="group.changed")
    named = {"changed": ["name"], "values": {"name": ["", "Post office"]}}
    assert event.detail == {"granted": ["view_message"], "withdrawn": []} | named


def test_a_roles_group_keeps_its_name(as_admin):
    group = Group.objects.get(name="Doctors")
    permissions = [permission.pk for permission in group.permissions.all()]
    as_admin.post(f"/admin/auth/group/{group.pk}/change/", {"name": "Gods", "permissions": permissions})
    assert Group.objects.filter(name="Doctors").exists()
    assert as_admin.post(f"/admin/auth/group/{group.pk}/delete/", {"post": "yes"}).status_code == 403


def test_messages_are_sent_again_but_secrets_not_read(as_admin):
    secret = {"text": "zebrafish-link", "html": "zebrafish-link", "link": "/zebrafish/"}
    message = MessageFactory(state=MessageState.GIVEN_UP, secret=True, **secret)
    assert "zebrafish" not in as_admin.get(f"/admin/accounts/message/{message.pk}/change/").content.decode()
    as_admin.post("/admin/accounts/message/", {"action": "send_again", "_selected_action": [message.pk]})
    message.refresh_from_db()
    assert message.state == MessageState.DUE


def test_messages_and_runs_are_told_in_words_and_narrowed_by_them(as_admin):
    message = MessageFactory(kind="account.password_reset_key", about_type="accounts.user", about_id=7)
    MessageFactory(kind="password.changed")
    run = JobRun.objects.create(task="accounts.tasks.seal_audit")
    for model, row, words, name in (
        ("message", message, "Link for a new password", "kind"),
        ("jobrun", run, "Seal the audit trail", "task"),
    ):
        base, value = f"/admin/accounts/{model}/", getattr(row, name)
        one = as_admin.get(f"{base}{row.pk}/change/").text
        assert words in one
        assert f">{value}<" not in one
        listed = as_admin.get(base, {name: value})
        assert [found.pk for found in listed.context["cl"].result_list] == [row.pk]
        assert re.search(rf'<a href="\?{name}={value}"[^>]*>\s*{words}', listed.text)
        assert f">{value}<" not in listed.text
    assert "account 7" in as_admin.get(f"/admin/accounts/message/{message.pk}/change/").text


def test_addresses_are_not_edited_behind_the_accounts_back(as_admin):
    assert as_admin.get("/admin/account/emailaddress/").status_code == 404


def test_signing_out_and_changing_the_password_go_our_way(as_admin):
    assert as_admin.get("/admin/password_change/").url == reverse("account_change_password")
    assert as_admin.get("/admin/logout/").status_code == 405
    assert as_admin.post("/admin/logout/").url == "/"
    assert AuditEvent.objects.filter(action="account.signed_out").count() == 1
    assert as_admin.get("/admin/").status_code == 302


def test_its_pages_name_their_icon(as_admin):
    assert 'rel="icon"' in as_admin.get("/admin/").text
