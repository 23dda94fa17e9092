"""manage.py demo: believable data once, sign-ins that work, and hands off from what is not its own."""

import stat
from datetime import timedelta
from io import StringIO

import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import Role, User
from clinic.models import CareRelationship, Department, Doctor, Hospital, Patient
from hms.lib import sign_ins
from records.models import Encounter
from scheduling.models import Appointment, Status
from scheduling.services import refresh_care

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path, monkeypatch):
    settings.DATA_DIR = tmp_path / "data"
    monkeypatch.delenv("HMS_DEMO_PASSWORD", raising=False)
    return settings.DATA_DIR


def demo():
    said = StringIO()
    call_command("demo", stdout=said)
    return said.getvalue()


def everything():
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values())
        for model in apps.get_models()
        if model._meta.app_label in {"accounts", "clinic", "scheduling", "records", "account"}
    }


def test_one_sign_in_per_role_stands_in_a_file_for_its_owner_alone(folder):
    demo()
    file = folder / "demo-sign-ins.txt"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    listed = sign_ins.kept(file)
    assert [role for role, _email, _password in listed] == ["patient", "doctor", "reception", "admin"]
    assert len({password for _role, _email, password in listed}) == 4
    for role, email, password in listed:
        assert authenticate(None, email=email, password=password).role == role


def test_the_hospital_has_people_a_past_and_a_week_ahead():
    demo()
    assert (Department.objects.count(), Doctor.objects.count(), Patient.objects.count()) == (6, 10, 25)
    assert all(doctor.about and doctor.languages and doctor.working_hours.exists() for doctor in Doctor.objects.all())
    completed = Appointment.objects.filter(status=Status.COMPLETED)
    assert completed.count() == Encounter.objects.signed().count() > 50
    week = timezone.now() + timedelta(days=8)
    assert Appointment.objects.filter(status=Status.BOOKED, starts_at__range=(timezone.now(), week)).count() > 20
    assert Hospital.current().name == "Meadowbrook Hospital"


def test_the_patient_who_signs_in_has_something_to_look_at():
    demo()
    patient = Patient.objects.get(user__role=Role.PATIENT)
    assert patient.appointments.filter(status=Status.BOOKED, starts_at__gt=timezone.now()).count() == 2
    assert Encounter.objects.visible_to(patient.user).count() == 5
    assert patient.allergies.exists()
    assert patient.medical_histories.get().reviewed_by.user.role == Role.DOCTOR


def test_care_relationships_are_what_the_visits_say():
    demo()
    before = {care.pk: care.until for care in CareRelationship.objects.all()}
    for care in CareRelationship.objects.select_related("doctor", "patient"):
        refresh_care(care.doctor, care.patient)
    kept = {care.pk: care.until for care in CareRelationship.objects.all()}
    assert kept.keys() == before.keys()
    assert {pk for pk, until in kept.items() if (until is None) != (before[pk] is None)} == set()


def test_a_second_run_changes_nothing(folder):
    demo()
    before, file = everything(), (folder / "demo-sign-ins.txt").read_text()
    assert demo() == ""
    assert everything() == before
    assert (folder / "demo-sign-ins.txt").read_text() == file


@pytest.mark.time_machine("2026-11-24T23:50:00+00:00")
def test_it_can_be_filled_at_any_hour():
    demo()
    assert Appointment.objects.filter(status=Status.BOOKED).exists()


def test_the_password_can_be_given(folder, monkeypatch):
    demo()
    monkeypatch.setenv("HMS_DEMO_PASSWORD", "correct horse battery")
    demo()
    assert {password for _role, _email, password in sign_ins.kept(folder / "demo-sign-ins.txt")} == {
        "correct horse battery"
    }
    assert authenticate(None, email="admin@example.org", password="correct horse battery")


def test_a_lost_file_is_written_again_with_new_passwords(folder):
    demo()
    (folder / "demo-sign-ins.txt").unlink()
    demo()
    for role, email, password in sign_ins.kept(folder / "demo-sign-ins.txt"):
        assert authenticate(None, email=email, password=password).role == role


def test_an_installation_with_data_of_its_own_is_left_alone(folder):
    User.objects.create(email="admin@hospital.example", name="Real Person", role=Role.ADMIN)
    assert demo() == "There is data of yours already, so no demo data was added.\n"
    assert not Patient.objects.exists()
    assert not folder.exists()


def test_it_is_refused_in_production(settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="this is a production installation"):
        demo()
    assert not User.objects.exists()
