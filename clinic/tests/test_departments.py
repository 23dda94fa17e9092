"""Departments: public pages, and what administrators do with them."""

import pytest
from django.urls import reverse

from accounts.models import AuditEvent
from clinic import services
from clinic.models import Department
from clinic.tests.factories import DepartmentFactory, DoctorFactory


def url(name, *args):
    return reverse(f"clinic:department-{name}", args=args)


def acts():
    return list(AuditEvent.objects.filter(action__startswith="department.").values_list("action", flat=True))


def test_anybody_sees_open_departments_and_their_doctors(client, db):
    department = DepartmentFactory(name="Cardiology")
    shown = DoctorFactory(department=department, name="Dr Shown")
    DoctorFactory(department=department, name="Dr Blocked", user__is_active=False)
    page = client.get(url("list"))
    assert "Cardiology" in page.content.decode()
    assert [found.doctor_count for found in page.context["departments"]] == [1]
    page = client.get(url("detail", department.pk))
    assert list(page.context["doctors"]) == [shown]
    assert "Dr Blocked" not in page.content.decode()


def test_departments_stand_in_the_order_of_their_names(client, db):
    for name in ("Skin", "Bones", "Heart"):
        DoctorFactory(department__name=name)
    assert [found.name for found in client.get(url("list")).context["departments"]] == ["Bones", "Heart", "Skin"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("heart", ["Cardiology"]),
        ("CHEST  pain", ["Cardiology"]),
        ("facade ost", ["Skin"]),
        ("o'neill", []),
        ("ü🫀", []),
    ],
)
def test_departments_are_found_by_what_patients_read_of_them(text, names, client, db):
    DepartmentFactory(name="Cardiology", description="Heart and circulation: chest pain.")
    DepartmentFactory(name="Skin", location="Façade Ost")
    page = client.get(url("list"), {"q": text})
    assert [found.name for found in page.context["departments"]] == names
    assert ("Nothing found" in page.content.decode()) is not bool(names)


def test_a_few_departments_need_no_search_and_a_text_too_long_is_told(client, db):
    DepartmentFactory(name="Cardiology")
    assert not client.get(url("list")).context["has_search"]
    page = client.get(url("list"), {"q": "x" * 101})
    assert page.context["form"].errors["q"]
    assert page.context["departments"] == []
    DepartmentFactory.create_batch(6)
    page = client.get(url("list"))
    assert page.context["has_search"]
    assert len(page.context["departments"]) == 7


def test_a_retired_department_is_seen_by_administrators_alone(client, as_admin, as_patient, admin):
    department = DepartmentFactory(name="Homeopathy")
    services.retire_department(department, by=admin)
    for somebody in (client, as_patient):
        assert somebody.get(url("detail", department.pk)).status_code == 404
        assert "Homeopathy" not in somebody.get(url("list")).content.decode()
    assert as_admin.get(url("detail", department.pk)).status_code == 200
    assert "Homeopathy" in as_admin.get(url("list")).content.decode()


def test_an_administrator_makes_and_changes_a_department(as_admin, db):
    answer = as_admin.post(url("create"), {"name": "Neurology", "description": "Nerves."})
    department = Department.objects.get(name="Neurology")
    assert answer.url == url("detail", department.pk)
    as_admin.post(url("edit", department.pk), {"name": "Neurology", "description": "Nerves and brains."})
    department.refresh_from_db()
    assert department.description == "Nerves and brains."
    assert acts() == ["department.changed", "department.created"]


def test_saving_without_a_change_leaves_no_trace(as_admin):
    department = DepartmentFactory()
    form = {"name": department.name, "description": department.description}
    assert as_admin.post(url("edit", department.pk), form).status_code == 302
    assert acts() == []


def test_a_name_that_is_taken_is_said_and_nothing_typed_is_lost(as_admin):
    DepartmentFactory(name="Neurology")
    page = as_admin.post(url("create"), {"name": "NEUROLOGY", "description": "Kept words"})
    assert page.status_code == 200
    assert "There is a department of this name already." in page.content.decode()
    assert "Kept words" in page.content.decode()
    assert Department.objects.count() == 1


def test_the_database_refuses_a_second_name_past_the_form(admin):
    DepartmentFactory(name="Neurology")
    with pytest.raises(services.ClinicRefused, match="this name already"):
        services.create_department(name="neurology", by=admin)
    other = DepartmentFactory(name="Skin")
    with pytest.raises(services.ClinicRefused, match="this name already"):
        services.update_department(other, name="neurology", by=admin)


def test_an_unused_department_is_deleted_after_asking(as_admin):
    department = DepartmentFactory()
    assert "This cannot be undone." in as_admin.get(url("delete", department.pk)).content.decode()
    assert Department.objects.count() == 1
    answer = as_admin.post(url("delete", department.pk))
    assert (answer.status_code, answer.url) == (302, url("list"))
    assert Department.objects.count() == 0
    assert acts() == ["department.deleted"]


def test_a_department_with_doctors_is_not_deleted_and_the_page_says_why(as_admin):
    department = DoctorFactory().department
    for page in (as_admin.get(url("delete", department.pk)), as_admin.post(url("delete", department.pk))):
        assert "1 doctor." in page.content.decode()
        assert '<button type="submit" class="btn btn-danger"' not in page.content.decode()
    assert page.status_code == 409
    assert Department.objects.filter(pk=department.pk).exists()


def test_a_department_retires_when_nobody_works_in_it_any_more(as_admin, admin):
    doctor = DoctorFactory()
    department = doctor.department
    refused = as_admin.post(url("retire", department.pk))
    assert refused.status_code == 409
    assert "1 doctor works in this department." in refused.content.decode()
    services.retire_doctor(doctor, by=admin)
    assert as_admin.post(url("retire", department.pk)).status_code == 302
    department.refresh_from_db()
    assert department.retired_at is not None
    as_admin.post(url("restore", department.pk))
    department.refresh_from_db()
    assert department.retired_at is None
    assert acts() == ["department.restored", "department.retired"]


@pytest.mark.parametrize("name", ["create", "edit", "retire", "restore", "delete"])
def test_nobody_else_changes_departments(name, as_patient, as_doctor, as_reception):
    department = DepartmentFactory()
    address = url(name) if name == "create" else url(name, department.pk)
    for somebody in (as_patient, as_doctor, as_reception):
        assert somebody.get(address).status_code == 403
        assert somebody.post(address, {"name": "Mine"}).status_code == 403
    assert Department.objects.filter(pk=department.pk, retired_at=None, name=department.name).exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_however_long(rows, client, db, django_assert_num_queries):
    for _ in range(rows):
        DoctorFactory()
    with django_assert_num_queries(2):
        client.get(url("list"))


@pytest.mark.parametrize("rows", [1, 3])
def test_a_department_costs_the_same_however_many_doctors(rows, client, db, django_assert_num_queries):
    department = DepartmentFactory()
    DoctorFactory.create_batch(rows, department=department)
    with django_assert_num_queries(3):
        client.get(url("detail", department.pk))


def test_departments_come_as_a_table_with_how_many_work_there(as_admin, as_reception):
    DoctorFactory(department__name="Cardiology")
    text = b"".join(as_admin.get(url("download")).streaming_content).decode()
    assert '"Cardiology","What Cardiology treats.","","","","","1",""' in text
    assert AuditEvent.objects.get(action="list.downloaded").detail == {"list": "departments", "filters": []}
    assert as_reception.get(url("download")).status_code == 403
