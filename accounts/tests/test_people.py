"""Accounts are made, changed and blocked by services, and only rightly."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts import services
from accounts.models import AuditEvent, Role, User
from accounts.roles import GROUPS
from accounts.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


def make(**fields):
    return services.create_user(**{"email": "ada@example.org", "name": "Ada Okafor", "role": Role.RECEPTION, **fields})


def acts_on(user):
    return list(AuditEvent.objects.about(user).order_by("pk").values_list("action", flat=True))


@pytest.mark.parametrize("role", Role)
def test_an_account_gets_its_roles_group_and_its_address(role):
    user = make(role=role, email="  Ada@Example.ORG ", password=PASSWORD, verified=True)
    assert user.email == "ada@example.org"
    assert [group.name for group in user.groups.all()] == [GROUPS[role]]
    assert user.is_staff == (role == Role.ADMIN)
    assert not user.is_superuser
    address = EmailAddress.objects.get(user=user)
    assert (address.email, address.verified, address.primary) == ("ada@example.org", True, True)
    assert acts_on(user) == ["account.created"]


def test_one_address_has_one_account_whatever_its_case():
    make()
    with pytest.raises(services.AccountRefused, match="already an account"):
        make(email="ADA@example.org")
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"email": ""},
        {"email": "not an address"},
        {"email": "ada@example.org\r\nBcc: eve@example.org"},
        {"email": "a" * 250 + "@example.org"},
        {"name": ""},
        {"name": "   "},
        {"name": "A" * 201},
        {"name": "Ada\x00Okafor"},
    ],
)
def test_a_wrong_name_or_address_is_refused_with_a_sentence(fields):
    with pytest.raises(services.AccountRefused) as refused:
        make(**fields)
    assert str(refused.value).endswith(".")
    assert not User.objects.exists()


def test_names_are_kept_in_any_script_and_length():
    names = ["Björk", "محمد بن عبد الله", "अमृता", "Maria del Carmen Fernández de la Vega y López"]
    for number, name in enumerate(names):
        assert make(name=name, email=f"p{number}@example.org").name == name


def test_djangos_own_ways_of_making_accounts_are_closed():
    for make_directly in (User.objects.create_user, User.objects.create_superuser):
        with pytest.raises(NotImplementedError):
            make_directly(email="root@example.org", password=PASSWORD)


def test_the_database_refuses_a_second_account_and_an_unknown_role():
    make()
    for wrong in ({"email": "ADA@EXAMPLE.ORG", "role": "admin"}, {"email": "new@example.org", "role": "king"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.create(name="Eve", **wrong)


def test_renaming_is_on_record_and_found_again():
    user, admin = make(), UserFactory(role=Role.ADMIN)
    services.rename(user, name="  Ada   Müller ", by=admin)
    user.refresh_from_db()
    assert user.name == "Ada Müller"
    assert list(User.objects.search("muller ada")) == [user]
    event = AuditEvent.objects.get(action="account.renamed")
    assert (event.actor_name, event.detail) == (admin.name, {"before": "Ada Okafor"})


def test_reception_becomes_administrator_and_back_with_group_and_staff_flag():
    user, admin = make(), UserFactory(role=Role.ADMIN)
    services.set_role(user, role=Role.ADMIN, by=admin)
    assert User.objects.get(pk=user.pk).has_perm("accounts.block_user")
    services.set_role(user, role=Role.RECEPTION, by=admin)
    fresh = User.objects.get(pk=user.pk)
    assert (fresh.role, fresh.is_staff, fresh.has_perm("accounts.block_user")) == ("reception", False, False)
    assert acts_on(user)[1:] == ["account.role_changed"] * 2


@pytest.mark.parametrize("role", [Role.DOCTOR, Role.PATIENT])
def test_doctors_and_patients_keep_their_role(role):
    admin = UserFactory(role=Role.ADMIN)
    with pytest.raises(services.AccountRefused):
        services.set_role(UserFactory(role=role), role=Role.ADMIN, by=admin)
    with pytest.raises(services.AccountRefused):
        services.set_role(UserFactory(role=Role.RECEPTION), role=role, by=admin)


def test_the_last_administrator_cannot_be_removed_nor_remove_themselves():
    admin = UserFactory(role=Role.ADMIN)
    for act in (
        lambda: services.set_role(admin, role=Role.RECEPTION, by=None),
        lambda: services.set_role(admin, role=Role.RECEPTION, by=admin),
        lambda: services.block(admin, reason="gone", by=None),
        lambda: services.block(admin, reason="gone", by=admin),
    ):
        with pytest.raises(services.AccountRefused):
            act()
    invited = services.invite(email="new@example.org", name="New", role=Role.ADMIN, by=admin)
    with pytest.raises(services.AccountRefused, match="last administrator"):
        services.block(admin, reason="gone", by=invited)
    other = UserFactory(role=Role.ADMIN)
    services.block(admin, reason="gone", by=other)
    assert not User.objects.get(pk=admin.pk).is_active


def test_further_groups_come_and_go_and_the_roles_own_stays():
    user, admin = make(), UserFactory(role=Role.ADMIN)
    extra = Group.objects.create(name="Archive")
    services.set_groups(user, groups=[extra], by=admin)
    assert {group.name for group in user.groups.all()} == {"Reception", "Archive"}
    with pytest.raises(services.AccountRefused):
        services.set_groups(user, groups=[Group.objects.get(name="Administrators")], by=admin)
    services.set_groups(user, groups=[], by=admin)
    assert {group.name for group in user.groups.all()} == {"Reception"}


def test_blocking_asks_for_a_reason_and_keeps_it():
    user, admin = make(), UserFactory(role=Role.ADMIN)
    with pytest.raises(services.AccountRefused):
        services.block(user, reason="  ", by=admin)
    services.block(user, reason="Left the hospital", by=admin)
    fresh = User.objects.get(pk=user.pk)
    assert (fresh.is_active, fresh.blocked_reason, fresh.is_blocked) == (False, "Left the hospital", True)
    with pytest.raises(services.AccountRefused, match="already"):
        services.block(user, reason="Again", by=admin)
    services.unblock(user, reason="Came back", by=admin)
    with pytest.raises(services.AccountRefused):
        services.unblock(user, reason="", by=admin)
    assert acts_on(user)[1:] == ["account.blocked", "account.unblocked"]


def test_a_block_ends_every_session_at_once_and_for_good():
    user, admin = UserFactory(), UserFactory(role=Role.ADMIN)
    browsers = [Client(), Client()]
    for browser in browsers:
        browser.force_login(user)
        assert browser.get(reverse("account_change_password")).status_code == 200
    services.block(user, reason="Lost phone", by=admin)
    assert [browser.get(reverse("account_change_password")).status_code for browser in browsers] == [302, 302]
    services.unblock(user, reason="Found", by=admin)
    assert [browser.get(reverse("account_change_password")).status_code for browser in browsers] == [302, 302]


def test_only_administrators_see_other_accounts():
    admin, doctor, patient = (UserFactory(role=role) for role in (Role.ADMIN, Role.DOCTOR, Role.PATIENT))
    assert set(User.objects.visible_to(admin)) == {admin, doctor, patient}
    assert set(User.objects.visible_to(doctor)) == {doctor}
    assert not User.objects.visible_to(None).exists()
