"""Where a department is, when it is open, who heads it, and its mark."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, Role
from accounts.tests.factories import UserFactory
from clinic.models import Colour, Department
from clinic.services import ClinicRefused, delete_doctor, retire_doctor, update_department, update_doctor
from clinic.tests.factories import DepartmentFactory, DoctorFactory

pytestmark = pytest.mark.django_db
FACTS = {"location": "Building B, second floor", "opening": "Mon to Fri 8:00 to 16:00", "colour": "green"}


@pytest.fixture
def as_admin():
    client = Client()
    client.force_login(UserFactory(role=Role.ADMIN))
    return client


def edit(department):
    return reverse("clinic:department-edit", args=[department.pk])


def test_everybody_reads_where_it_is_when_it_is_open_and_who_heads_it(as_admin):
    department = DepartmentFactory()
    head = DoctorFactory(department=department, name="Dr. Head")
    data = {"name": department.name, "description": department.description, "head": head.pk, **FACTS}
    assert as_admin.post(edit(department), data).status_code == 302
    page = Client().get(reverse("clinic:department-detail", args=[department.pk])).text
    for words in ("Building B, second floor", "Mon to Fri 8:00 to 16:00", "Dr. Head", "mark mark-green"):
        assert words in page
    values = AuditEvent.objects.get(action="department.changed").detail["values"]
    assert values == {
        "location": ["", FACTS["location"]],
        "opening": ["", FACTS["opening"]],
        "colour": ["", "green"],
        "head": ["", "Dr. Head"],
    }


def test_a_program_that_knows_only_name_and_description_takes_nothing_away(as_admin):
    department = DepartmentFactory(**FACTS)
    update_department(department, head=DoctorFactory(department=department), by=None)
    assert as_admin.post(edit(department), {"name": "Other name", "description": "x"}).status_code == 302
    department.refresh_from_db()
    assert (department.name, department.location, department.colour) == ("Other name", FACTS["location"], "green")
    assert department.head is not None
    as_admin.post(edit(department), {"name": "Other name", "head": "", "colour": "", "location": ""})
    department.refresh_from_db()
    assert (department.head, department.colour, department.location) == (None, "", "")


def test_only_a_doctor_of_the_department_can_head_it(as_admin):
    department, stranger = DepartmentFactory(), DoctorFactory()
    retired = DoctorFactory(department=department)
    retire_doctor(retired, by=None)
    for wrong in (stranger, retired):
        assert as_admin.post(edit(department), {"name": department.name, "head": wrong.pk}).status_code == 200
        with pytest.raises(ClinicRefused, match="does not work in this department"):
            update_department(department, head=wrong, by=None)
    department.refresh_from_db()
    assert department.head is None


@pytest.mark.parametrize("leaves", ["moves", "retires", "is deleted"])
def test_who_leaves_heads_it_no_longer(leaves):
    department = DepartmentFactory()
    head = DoctorFactory(department=department)
    update_department(department, head=head, by=None)
    match leaves:
        case "moves":
            update_doctor(head, department=DepartmentFactory(), by=None)
        case "retires":
            retire_doctor(head, by=None)
        case "is deleted":
            delete_doctor(head, by=None)
    department.refresh_from_db()
    assert department.head is None


def test_the_database_knows_the_colours():
    for colour in ("", *Colour.values):
        DepartmentFactory(colour=colour)
    with pytest.raises(IntegrityError), transaction.atomic():
        Department.objects.update(colour="pink")


@pytest.mark.parametrize("rows", [1, 3])
def test_departments_with_heads_cost_the_same_however_many(rows, django_assert_num_queries):
    for _number in range(rows):
        department = DepartmentFactory(**FACTS)
        update_department(department, head=DoctorFactory(department=department), by=None)
    client = Client()
    client.get(reverse("clinic:department-list"))
    with django_assert_num_queries(2):
        client.get(reverse("clinic:department-list"))
    with django_assert_num_queries(3):
        client.get(reverse("clinic:department-detail", args=[department.pk]))


def test_the_table_of_departments_has_what_their_pages_show(as_admin):
    head = DoctorFactory(department=DepartmentFactory(name="Heart"), name="Dr. Head")
    update_department(head.department, head=head, by=None, **FACTS)
    DepartmentFactory(name="Skin")
    lines = as_admin.get(reverse("clinic:department-download")).getvalue().decode().splitlines()
    assert '"Where","Open","Head","Colour"' in lines[0]
    assert f'"{FACTS["location"]}","{FACTS["opening"]}","Dr. Head","Green","1",""' in lines[1]
    assert '"","","","","0",""' in lines[2]
