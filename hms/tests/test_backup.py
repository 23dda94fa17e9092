"""A backup that has not been restored is not a backup."""

import json
import tarfile

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError

from accounts import audit
from clinic.models import Patient
from clinic.tests.factories import PatientFactory
from hms import backup

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    (tmp_path / "media" / "doctors").mkdir(parents=True)
    (tmp_path / "media" / "doctors" / "a.jpg").write_bytes(b"a photo")
    return tmp_path


def test_a_backup_proves_that_it_can_be_restored(media):
    PatientFactory(name="Zoë O'Neill 🌻")
    call_command("backup", str(media / "b.tar.gz"))
    call_command("prove_backup", str(media / "b.tar.gz"))
    with tarfile.open(media / "b.tar.gz") as archive:
        manifest = json.load(archive.extractfile("manifest.json"))
    assert manifest["rows"]["clinic_patient"] == 1
    assert list(manifest["media"]) == ["doctors/a.jpg"]


def test_the_restored_database_holds_what_was_saved_before_and_nothing_of_after(media):
    PatientFactory(name="Before")
    audit.record(None, "test.act")
    backup.make(media / "b.tar.gz")
    PatientFactory(name="After")
    with backup._unpacked(media / "b.tar.gz") as (folder, _manifest), backup._scratch_database(folder) as scratch:
        with scratch.cursor() as cursor:
            cursor.execute("SELECT name FROM clinic_patient")
            assert cursor.fetchall() == [("Before",)]
            with pytest.raises(IntegrityError, match="audit_append_only"):
                cursor.execute("DELETE FROM accounts_auditevent")
    assert Patient.objects.count() == 2


def test_a_full_database_is_never_overwritten(media):
    backup.make(media / "b.tar.gz")
    with pytest.raises(CommandError, match="not empty"):
        call_command("restore_backup", str(media / "b.tar.gz"))


def test_a_damaged_backup_is_found_out(media):
    backup.make(media / "b.tar.gz")
    whole = (media / "b.tar.gz").read_bytes()
    (media / "cut.tar.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CommandError):
        call_command("prove_backup", str(media / "cut.tar.gz"))
    with tarfile.open(media / "b.tar.gz") as archive:
        archive.extractall(media / "parts", filter="data")
    (media / "parts" / "media" / "doctors" / "a.jpg").write_bytes(b"another photo")
    with tarfile.open(media / "forged.tar.gz", "w:gz") as archive:
        for part in ("manifest.json", "database", "media/doctors/a.jpg"):
            archive.add(media / "parts" / part, part)
    with pytest.raises(CommandError, match="damaged"):
        call_command("prove_backup", str(media / "forged.tar.gz"))


def test_missing_rows_are_found_out(media):
    PatientFactory()
    backup.make(media / "b.tar.gz")
    with (
        backup._unpacked(media / "b.tar.gz") as (_folder, manifest),
        pytest.raises(backup.BackupRefused, match="clinic_patient"),
    ):
        backup._expect(manifest, manifest["rows"] | {"clinic_patient": 0})
