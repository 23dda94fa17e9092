"""Roles are groups with permissions: what the code says is what the database has, and nothing asks for more."""

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.db import connection

from accounts.access import PUBLIC, SIGNED_IN
from accounts.backends import AccountBackend
from accounts.models import Role, User
from accounts.roles import GROUPS, ROLE_PERMISSIONS
from accounts.tests.factories import UserFactory
from hms.access import declared

pytestmark = pytest.mark.django_db
CLINICAL = {"records.read_chart", "records.write_encounter", "records.export_history", "records.write_allergy",
            "records.review_history", "records.write_history", "records.read_visits"}  # fmt: skip


@pytest.mark.parametrize("role", list(Role))
def test_a_roles_group_holds_what_the_role_may_do(role):
    permissions = Group.objects.get(name=GROUPS[role]).permissions.select_related("content_type")
    held = {f"{permission.content_type.app_label}.{permission.codename}" for permission in permissions}
    assert held == ROLE_PERMISSIONS[role]


@pytest.mark.parametrize("role", list(Role))
def test_a_person_of_a_role_may_do_what_the_role_may_do(role):
    assert UserFactory(role=role).get_all_permissions() == ROLE_PERMISSIONS[role]


def test_a_person_may_do_what_django_says_of_their_groups_and_of_themselves(django_assert_num_queries):
    for is_active, is_superuser in ((True, False), (False, False), (True, True)):
        user = UserFactory(role=Role.RECEPTION, is_active=is_active, is_superuser=is_superuser)
        user.user_permissions.add(Permission.objects.get(codename="view_figures"))
        user.groups.add(Group.objects.get(name=GROUPS[Role.DOCTOR]))
        ours, djangos = (User.objects.get(pk=user.pk) for _turn in range(2))
        assert AccountBackend().get_all_permissions(ours) == ModelBackend().get_all_permissions(djangos)
        assert ours.has_perm("records.view_figures") is is_active
        assert AccountBackend().get_all_permissions(User.objects.get(pk=user.pk), obj=user) == set()
    assert AccountBackend().get_all_permissions(AnonymousUser()) == set()
    plain = User.objects.get(pk=UserFactory(role=Role.RECEPTION).pk)
    with django_assert_num_queries(1):
        assert plain.has_perm("scheduling.call_patient")
        assert not plain.has_perm("records.view_figures")


def test_every_permission_that_a_view_asks_for_exists_and_somebody_holds_it():
    asked = {url.audience for url in declared() if url.ours} - {PUBLIC, SIGNED_IN}
    rows = Permission.objects.values_list("content_type__app_label", "codename")
    assert asked - {f"{app_label}.{codename}" for app_label, codename in rows} == set()
    assert asked - set().union(*ROLE_PERMISSIONS.values()) == set()


def test_neither_reception_nor_administration_may_do_anything_clinical():
    assert ROLE_PERMISSIONS[Role.RECEPTION] & CLINICAL == set()
    assert ROLE_PERMISSIONS[Role.ADMIN] & CLINICAL == set()


def test_an_upgrade_gives_what_is_new_and_brings_nothing_back_that_was_taken():
    upgrade = import_module("hms.migrations.0002_permissions_of_trust")
    group = Group.objects.get(name=GROUPS[Role.ADMIN])
    for name in ("clinic.merge_patient", "clinic.delete_doctor"):
        app_label, codename = name.split(".")
        group.permissions.remove(Permission.objects.get(content_type__app_label=app_label, codename=codename))
    upgrade.grant(apps, connection.schema_editor())
    held = set(group.permissions.values_list("codename", flat=True))
    assert "merge_patient" in held
    assert "delete_doctor" not in held
    assert set().union(*ROLE_PERMISSIONS.values()) >= upgrade.NEW


def test_reception_gets_lists_of_visits_and_nobody_gets_back_what_was_taken():
    upgrade = import_module("hms.migrations.0004_visits_as_a_file")
    permission = Permission.objects.get(content_type__app_label="records", codename="export_appointments")
    groups = {role: Group.objects.get(name=GROUPS[role]) for role in Role}
    for group in groups.values():
        group.permissions.remove(permission)
    upgrade.grant(apps, connection.schema_editor())
    held = {role for role, group in groups.items() if permission in group.permissions.all()}
    assert held == {Role.RECEPTION}
    assert "records.export_patients" not in ROLE_PERMISSIONS[Role.RECEPTION]
