"""Undoing an import looks at every table of every app: visits, records, hours, files that refer to somebody."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Role
from accounts.tests.factories import UserFactory
from clinic.models import Department, Doctor, Patient
from clinic.tests.factories import DepartmentFactory
from clinic.tests.imports import take_over, undo
from clinic.tests.test_import_worker import together
from hms.lib.errors import Refused
from records.models import Allergy
from scheduling.models import Appointment, WorkingHours
from scheduling.tests.factories import AppointmentFactory, WorkingHoursFactory

FOUR = "id,name,dob\n1,Ada Person,1980-01-01\n2,Bo Person,1981-02-01\n3,Cy Person,1982-03-01\n4,Di Person,1983-04-01\n"


def kept(imported):
    return list(imported.rows.filter(state="kept").values_list("number", "reason"))


@pytest.fixture
def admin(db):
    return UserFactory(role=Role.ADMIN)


def test_who_has_visits_or_records_stays_with_all_of_it_and_is_named(admin):
    imported = take_over(FOUR, by=admin)
    ada, bo, _cy, _di = Patient.objects.order_by("name")
    AppointmentFactory(patient=ada)
    Allergy.objects.create(patient=bo, substance="Penicillin", recorded_by_name="Somebody")
    undo(imported, by=admin)
    assert list(Patient.objects.filter(import_ref__isnull=False).order_by("name")) == [ada, bo]
    assert (Appointment.objects.count(), Allergy.objects.count()) == (1, 1)
    assert [number for number, _reason in kept(imported)] == [2, 3]
    assert kept(imported)[0][1] == "Kept: 1 visit, 1 care relationship."
    assert kept(imported)[1][1] == "Kept: 1 allergy."


def test_a_doctor_with_hours_or_visits_stays_and_so_does_the_department(admin):
    text = "id,name,department\n1,Dr. Ada,Cardiology\n2,Dr. Bo,Cardiology\n3,Dr. Cy,Dermatology\n"
    imported = take_over(text, kind="doctors", by=admin, unknown_departments="make")
    WorkingHoursFactory(doctor=Doctor.objects.get(name="Dr. Ada"))
    undo(imported, by=admin)
    assert list(Doctor.objects.values_list("name", flat=True)) == ["Dr. Ada"]
    assert WorkingHours.objects.count() == 1
    assert list(Department.objects.values_list("name", flat=True)) == ["Cardiology"]


@pytest.mark.django_db(transaction=True)
def test_a_visit_booked_while_an_import_is_undone_is_kept_with_its_patient_or_was_not_booked():
    admin = UserFactory(role=Role.ADMIN)
    imported = take_over(FOUR, by=admin)
    DepartmentFactory()
    ada = Patient.objects.get(name="Ada Person")
    doctor = AppointmentFactory().doctor
    before = Appointment.objects.count()

    def book():
        return AppointmentFactory(patient=ada, doctor=doctor, department=doctor.department, starts_at=later())

    _undone, booked = together(lambda: undo(imported, by=admin), book)
    imported.refresh_from_db()
    assert imported.state == "undone"
    is_there = Patient.objects.filter(pk=ada.pk).exists()
    assert is_there is not isinstance(booked, Exception)
    assert Appointment.objects.count() == before + is_there
    assert not isinstance(booked, Refused)


def later():
    return timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=40)
