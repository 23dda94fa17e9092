"""The page of who may open what shows what the views declare; a group composed by an administrator counts at once."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse
from django.utils.html import escape

from accounts.models import AuditEvent, Role
from accounts.tests.factories import UserFactory
from hms.access import declared
from records.tests.conftest import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return client_of(UserFactory(role=Role.ADMIN))


def shown(page):
    return [url for _name, urls in page.context["groups"] for url in urls]


def test_it_shows_every_address_that_is_declared(client):
    page = client.get("/access/")
    assert sorted(shown(page), key=str) == sorted(declared(), key=str)
    assert [url.route for url in declared() if escape(url.route) not in page.text] == []


def test_it_is_narrowed_by_role_and_text(client):
    found = {url.route for url in shown(client.get("/access/", {"role": "reception", "q": "import"}))}
    assert found == set()
    found = {url.route for url in shown(client.get("/access/", {"role": "doctor", "q": "/break-glass/"}))}
    assert found == {f"/break-glass/{rest}" for rest in ("", "download/", "new/", "<id:pk>/end/")}
    assert shown(client.get("/access/", {"q": "x" * 90})) == []


@pytest.mark.parametrize("role", [Role.PATIENT, Role.DOCTOR, Role.RECEPTION])
def test_it_is_for_administrators(role):
    assert client_of(UserFactory(role=role)).get("/access/").status_code == 403


def test_a_group_composed_in_the_administration_site_counts_at_once(client):
    receptionist = UserFactory(role=Role.RECEPTION)
    mine = client_of(receptionist)
    assert mine.get("/invitations/").status_code == 403
    wanted = Permission.objects.get(content_type__app_label="accounts", codename="view_invitation")
    made = client.post(reverse("admin:auth_group_add"), {"name": "Front desk leads", "permissions": [wanted.pk]})
    assert made.status_code == 302
    group = Group.objects.get(name="Front desk leads")
    change = reverse("admin:accounts_user_change", args=[receptionist.pk])
    data = {"name": receptionist.name, "role": receptionist.role, "groups": [group.pk]}
    assert client.post(change, data).status_code == 302
    assert mine.get("/invitations/").status_code == 200
    assert set(receptionist.groups.values_list("name", flat=True)) == {"Reception", "Front desk leads"}
    client.post(reverse("admin:auth_group_change", args=[group.pk]), {"name": group.name, "permissions": []})
    assert mine.get("/invitations/").status_code == 403
    told = AuditEvent.objects.values_list("action", flat=True)
    assert {"group.changed", "account.groups_changed"} <= set(told)


def test_the_groups_of_the_roles_keep_their_names_and_stay(client):
    group = Group.objects.get(name="Reception")
    page = client.get(reverse("admin:auth_group_change", args=[group.pk]))
    assert (page.status_code, 'name="name"' in page.text) == (200, False)
    client.post(reverse("admin:auth_group_delete", args=[group.pk]), {"post": "yes"})
    assert Group.objects.filter(pk=group.pk, name="Reception").exists()
