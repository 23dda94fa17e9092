"""Clinic in Django's administration site."""

import pytest
from django.urls import reverse

from accounts.models import AuditEvent
from clinic import services
from clinic.models import Department, Doctor, Hospital, Patient
from clinic.tests.factories import CareRelationshipFactory, DepartmentFactory, DoctorFactory, PatientFactory


def url(model, page, *args):
    return reverse(f"admin:clinic_{model}_{page}", args=args)


def acts():
    return list(AuditEvent.objects.values_list("action", flat=True))


def test_every_list_and_form_opens(as_admin):
    care = CareRelationshipFactory()
    rows = {
        "department": care.doctor.department,
        "doctor": care.doctor,
        "patient": care.patient,
        "carerelationship": care,
    }
    for model, row in {**rows, "hospital": Hospital.current()}.items():
        assert as_admin.get(url(model, "changelist")).status_code == 200, model
        assert as_admin.get(url(model, "change", row.pk)).status_code == 200, model


def test_a_change_goes_through_the_service(as_admin, admin):
    department = DepartmentFactory()
    as_admin.post(url("department", "change", department.pk), {"name": "Renamed", "description": ""})
    department.refresh_from_db()
    assert department.name == "Renamed"
    assert AuditEvent.objects.get(action="department.changed").actor_id == admin.pk


def test_new_rows_go_through_the_service(as_admin):
    as_admin.post(url("department", "add"), {"name": "Skin", "description": ""})
    department = Department.objects.get()
    form = {"department": department.pk, "name": "Dr New", "gender": "female", "email": "new@example.org"}
    answer = as_admin.post(url("doctor", "add"), form)
    doctor = Doctor.objects.get()
    assert answer.status_code == 302
    assert doctor.user.email == "new@example.org"
    as_admin.post(url("patient", "add"), {"name": "Mina", "birth_date": "1980-05-17", "gender": "female"})
    assert Patient.objects.get().number
    expected = {"department.created", "doctor.created", "patient.registered", "invitation.sent"}
    assert expected <= set(acts())


def test_a_patient_is_changed_through_the_service(as_admin):
    patient = PatientFactory()
    form = {"name": "New Name", "birth_date": "1980-05-17", "gender": "female", "phone": "+49 30 12345678"}
    assert as_admin.post(url("patient", "change", patient.pk), form).status_code == 302
    patient.refresh_from_db()
    assert (patient.name, patient.user.name) == ("New Name", "New Name")


def test_what_the_service_refuses_is_a_message(as_admin, admin):
    closed = DepartmentFactory()
    services.retire_department(closed, by=admin)
    form = {"department": closed.pk, "name": "Dr New", "gender": "female"}
    page = as_admin.post(url("doctor", "add"), form, follow=True)
    assert "This department is retired." in page.content.decode()
    assert not Doctor.objects.exists()


def test_only_what_nothing_refers_to_can_be_deleted(as_admin, admin):
    free, used = DepartmentFactory(), DoctorFactory().department
    retired = services.retire_department(DepartmentFactory(), by=admin)
    assert as_admin.post(url("department", "delete", free.pk), {"post": "yes"}).status_code == 302
    for kept in (used, retired):
        assert as_admin.post(url("department", "delete", kept.pk), {"post": "yes"}).status_code == 403
    assert set(Department.objects.all()) == {used, retired}
    assert "department.deleted" in acts()


def test_retiring_and_restoring_as_actions(as_admin, admin):
    used, free = DoctorFactory().department, DepartmentFactory()
    form = {"action": "retire", "_selected_action": [used.pk, free.pk]}
    page = as_admin.post(url("department", "changelist"), form, follow=True)
    assert "1 doctor works in this department." in page.content.decode()
    assert set(Department.objects.open()) == {used}
    as_admin.post(url("department", "changelist"), {"action": "restore", "_selected_action": [free.pk]})
    assert set(Department.objects.open()) == {used, free}


def test_many_at_once_are_not_deleted(as_admin):
    department = DepartmentFactory()
    form = {"action": "delete_selected", "_selected_action": [department.pk], "post": "yes"}
    as_admin.post(url("department", "changelist"), form)
    assert Department.objects.filter(pk=department.pk).exists()


def test_there_is_one_hospital(as_admin):
    assert as_admin.get(url("hospital", "add")).status_code == 403
    assert as_admin.post(url("hospital", "delete", 1), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("page", ["add", "change", "delete"])
def test_who_treats_whom_is_looked_at_only(page, as_admin):
    care = CareRelationshipFactory()
    args = [] if page == "add" else [care.pk]
    assert as_admin.post(url("carerelationship", page, *args), {"post": "yes"}).status_code == 403


def test_patients_are_found_as_on_the_pages_and_never_deleted(as_admin):
    patient = PatientFactory(name="José García")
    PatientFactory(name="Somebody Else")
    page = as_admin.get(url("patient", "changelist"), {"q": "jose garcia"})
    assert list(page.context["cl"].result_list) == [patient]
    assert as_admin.post(url("patient", "delete", patient.pk), {"post": "yes"}).status_code == 403


def test_nobody_else_gets_in(as_reception, as_doctor, as_patient, client):
    for somebody in (as_reception, as_doctor, as_patient, client):
        assert somebody.get(url("patient", "changelist")).status_code in {302, 403}


def test_a_name_keeps_to_one_line(as_admin):
    patient = PatientFactory(name="Zoë Okafor")
    sent = {"name": "Zoë\nOkafor", "birth_date": "1990-01-01", "gender": "female"}
    answer = as_admin.post(url("patient", "change", patient.pk), sent)
    assert answer.status_code == 200
    assert "characters that cannot be shown" in answer.content.decode()
    patient.refresh_from_db()
    assert patient.name == "Zoë Okafor"
