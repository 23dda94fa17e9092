"""The demo hospital: believable people with a past and a week ahead, and sign-ins that work."""

import shutil
import stat
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.test import override_settings
from django.utils import timezone

from accounts import consents
from accounts.models import ConsentKind, Role
from clinic.models import CareRelationship, Department, Doctor, Hospital, Patient
from hms.demo import fill
from hms.lib import sign_ins
from hms.tests.world import for_a_module
from records.models import Encounter
from scheduling.models import Appointment, Status
from scheduling.services import refresh_care

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def filled(django_db_setup, django_db_blocker, tmp_path_factory):
    """The folder of an installation that was filled once for all of these tests."""
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch, override_settings(DATA_DIR=folder), for_a_module(django_db_blocker):
        patch.delenv("HMS_DEMO_PASSWORD", raising=False)
        fill(say=lambda line: None)
        yield folder


@pytest.fixture(autouse=True)
def folder(filled, settings, tmp_path):
    """A copy of it for each test."""
    settings.DATA_DIR = shutil.copytree(filled, tmp_path / "data")
    return settings.DATA_DIR


def again():
    said = []
    fill(say=said.append)
    return said


def everything():
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values())
        for model in apps.get_models()
        if model._meta.app_label in {"accounts", "clinic", "scheduling", "records", "account"}
    }


def test_one_sign_in_per_role_stands_in_a_file_for_its_owner_alone(folder):
    file = folder / "demo-sign-ins.txt"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    listed = sign_ins.kept(file)
    assert [role for role, _email, _password in listed] == ["patient", "doctor", "reception", "admin"]
    assert len({password for _role, _email, password in listed}) == 4
    for role, email, password in listed:
        assert authenticate(None, email=email, password=password).role == role


def test_the_hospital_has_people_a_past_and_a_week_ahead():
    assert (Department.objects.count(), Doctor.objects.count(), Patient.objects.count()) == (6, 10, 26)
    assert all(doctor.about and doctor.languages and doctor.working_hours.exists() for doctor in Doctor.objects.all())
    completed = Appointment.objects.filter(status=Status.COMPLETED)
    assert completed.count() == Encounter.objects.signed().count() > 50
    week = timezone.now() + timedelta(days=8)
    assert Appointment.objects.filter(status=Status.BOOKED, starts_at__range=(timezone.now(), week)).count() > 20
    assert Hospital.current().name == "Meadowbrook Hospital"


def test_the_patient_who_signs_in_has_something_to_look_at():
    patient = Patient.objects.get(user__role=Role.PATIENT)
    assert patient.appointments.filter(status=Status.BOOKED, starts_at__gt=timezone.now()).count() == 2
    assert Encounter.objects.visible_to(patient.user).count() == 5
    assert patient.allergies.exists()
    assert patient.medical_histories.get().reviewed_by.user.role == Role.DOCTOR


def test_most_patients_agree_to_reminders_and_some_have_to_be_called():
    reminders = consents.who_agrees(ConsentKind.REMINDERS_EMAIL, {(None, one.pk) for one in Patient.objects.all()})
    without_account = Patient.objects.filter(user=None).count()
    assert without_account / 2 < len(reminders) < without_account


def test_care_relationships_are_what_the_visits_say():
    before = {care.pk: care.until for care in CareRelationship.objects.all()}
    for care in CareRelationship.objects.select_related("doctor", "patient"):
        refresh_care(care.doctor, care.patient)
    kept = {care.pk: care.until for care in CareRelationship.objects.all()}
    assert kept.keys() == before.keys()
    assert {pk for pk, until in kept.items() if (until is None) != (before[pk] is None)} == set()


def test_a_second_run_changes_nothing(folder):
    before, file = everything(), (folder / "demo-sign-ins.txt").read_text()
    assert again() == []
    assert everything() == before
    assert (folder / "demo-sign-ins.txt").read_text() == file


def test_the_password_can_be_given(folder, monkeypatch):
    monkeypatch.setenv("HMS_DEMO_PASSWORD", "correct horse battery")
    again()
    assert {password for _role, _email, password in sign_ins.kept(folder / "demo-sign-ins.txt")} == {
        "correct horse battery"
    }
    assert authenticate(None, email="admin@example.org", password="correct horse battery")


def test_a_lost_file_is_written_again_with_new_passwords(folder):
    (folder / "demo-sign-ins.txt").unlink()
    again()
    for role, email, password in sign_ins.kept(folder / "demo-sign-ins.txt"):
        assert authenticate(None, email=email, password=password).role == role
