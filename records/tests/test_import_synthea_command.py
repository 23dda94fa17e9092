"""manage.py import_synthea: what it says, what it ends with, and the sign-ins it gives on a demo installation."""

import stat
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from accounts.models import Role, User
from clinic.models import Doctor, Patient
from hms.lib import sign_ins
from records.models import Encounter
from records.tests import synthea_export
from scheduling.models import WorkingHours

pytestmark = pytest.mark.django_db


@pytest.fixture
def export(tmp_path):
    return synthea_export.write(tmp_path / "export")


@pytest.fixture(autouse=True)
def demo_folder(settings, tmp_path, monkeypatch):
    settings.DATA_DIR = tmp_path / "data"
    monkeypatch.delenv("HMS_DEMO_PASSWORD", raising=False)


def run(folder, *options):
    said = StringIO()
    call_command("import_synthea", str(folder), *options, stdout=said)
    return said.getvalue().splitlines()


def test_it_ends_with_what_stands_in_the_database_now(export):
    assert run(export)[-1] == (
        "From Synthea there are now 3 patients, 2 doctors, 3 encounters, 2 diagnoses, 1 allergies, 2 medications, "
        "3 observations, 2 departments."
    )
    assert run(export)[-2] == "Nothing is new: this export is in the database already."


def test_a_dry_run_keeps_nothing(export):
    assert "A rehearsal: nothing of it was kept." in run(export, "--dry-run", "--accounts")
    assert not Patient.objects.exists()
    assert not User.objects.exists()


def test_a_broken_export_ends_with_an_error_and_says_where(export):
    (export / "allergies.csv").unlink()
    with pytest.raises(CommandError, match=r"^Nothing was imported\.\n.* it has no allergies\.csv\.$"):
        run(export)


def test_sign_ins_are_refused_outside_a_demo(export, settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="this installation is not one for demonstration"):
        run(export, "--accounts")
    assert not Encounter.objects.exists()


def test_the_living_and_the_doctors_get_sign_ins_that_work(export, settings):
    run(export, "--accounts")
    file = settings.DATA_DIR / "imported-sign-ins.txt"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    listed = sign_ins.kept(file)
    assert [(role, email) for role, email, _password in listed] == [
        ("doctor", "ludivina.steuber@example.org"),
        ("doctor", "victor.noriega@example.org"),
        ("patient", "ana.okuneva@example.org"),
        ("patient", "bo.zulauf.phd@example.org"),
    ]
    for role, email, password in listed:
        user = authenticate(None, email=email, password=password)
        assert user.role == role
        assert user.emailaddress_set.get().verified
    assert Doctor.objects.get(user__email="victor.noriega@example.org").name == "Víctor Noriega"
    assert Patient.objects.get(user__email="ana.okuneva@example.org").name == "Ana Okuneva"


def test_imported_doctors_get_hours_to_book(export):
    run(export, "--accounts")
    assert WorkingHours.objects.count() == 10
    assert {hours.slot_minutes for hours in WorkingHours.objects.all()} == {30}


def test_sign_ins_can_follow_later_and_come_once(export, settings, monkeypatch):
    monkeypatch.setenv("HMS_DEMO_PASSWORD", "correct horse battery")
    run(export)
    assert not User.objects.exists()
    assert run(export, "--accounts")[-1].startswith("4 new sign-ins")
    assert run(export, "--accounts")[-1].startswith("0 new sign-ins")
    assert {password for _role, _email, password in sign_ins.kept(settings.DATA_DIR / "imported-sign-ins.txt")} == {
        "correct horse battery"
    }


def test_an_address_that_is_taken_gets_a_number(export):
    User.objects.create(email="ana.okuneva@example.org", name="Another Ana", role=Role.PATIENT)
    run(export, "--accounts")
    assert Patient.objects.get(name="Ana Okuneva").user.email == "ana.okuneva2@example.org"


def test_a_name_in_another_script_gets_an_address_all_the_same(export):
    person = synthea_export.PEOPLE["patients.csv"][0] | {"Id": "pat-9", "FIRST": "आशा", "LAST": "शर्मा"}
    synthea_export.write(export, {"patients.csv": [person]})
    run(export, "--accounts")
    patient = Patient.objects.get(name="आशा शर्मा")
    assert patient.user.email == f"person{patient.pk}@example.org"
