"""Names stand in alphabetical order, whatever the case and the accents."""

import random

import pytest
from django.db import connection
from django.urls import reverse

from accounts.models import Role
from accounts.tests.factories import UserFactory
from clinic.models import Department, Doctor
from clinic.tests.factories import DepartmentFactory, DoctorFactory, PatientFactory
from hms.lib import alphabet

NAMES = ["Ängste", "anaesthesia", "Anatomy", "Éclair", "eye clinic", "Ob-gyn", "øre", "Oz", "zahn", "Zoo"]
ORDERED = ["anaesthesia", "Anatomy", "Ängste", "Éclair", "eye clinic", "Ob-gyn", "øre", "Oz", "zahn", "Zoo"]


def test_only_what_is_written_alike_is_equal():
    assert [alphabet.compare(*pair) for pair in (("a", "a"), ("A", "a"), ("a", "A"), ("ä", "B"), ("b", "Ä"))] == [
        0, -1, 1, -1, 1,
    ]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL orders by the language of its database")
def test_names_are_in_alphabetical_order_in_lists_menus_and_the_administration_site(client):
    mixed = random.Random(5).sample(NAMES, len(NAMES))
    for name in mixed:
        DoctorFactory(name=name, department=DepartmentFactory(name=name))
        PatientFactory(name=name)
    client.force_login(UserFactory(role=Role.ADMIN))
    assert [row.name for row in Department.objects.all()] == ORDERED
    assert [row.name for row in Department.objects.reverse()] == ORDERED[::-1]
    assert list(Doctor.objects.order_by("department__name").values_list("name", flat=True)) == ORDERED
    for address in (reverse("clinic:doctor-manage"), reverse("clinic:patient-list")):
        assert [row.name for row in client.get(address).context["page_obj"]] == ORDERED
        backwards = client.get(address, {"sort": "-name"})
        assert [row.name for row in backwards.context["page_obj"]] == ORDERED[::-1]
    menu = [label for pk, label in client.get(reverse("figures")).context["form"].fields["department"].choices if pk]
    assert menu == ORDERED
    assert [row.name for row in client.get("/admin/clinic/department/").context["cl"].result_list] == ORDERED


@pytest.mark.django_db
def test_two_lists_in_one_are_put_in_order_too():
    first, last = DoctorFactory(name="Öz"), DoctorFactory(name="zahn")
    both = (
        Doctor.objects.order_by()
        .filter(pk=last.pk)
        .union(Doctor.objects.order_by().filter(pk=first.pk))
        .order_by("name")
    )
    assert {row.name for row in both} == {"Öz", "zahn"}
