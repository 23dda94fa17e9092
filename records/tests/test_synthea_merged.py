"""An import after two of its patients were merged: nobody comes back, and what is new goes to the one who stays."""

from io import StringIO

import pytest
from django.core.management import call_command

from accounts.models import Role
from accounts.tests.factories import UserFactory
from clinic.models import DuplicatePair, Patient
from clinic.services import merge
from clinic.services.duplicates import _note
from records.models import Diagnosis, Encounter, PrescriptionLine, Vitals
from records.synthea.run import import_export
from records.synthea.sign_ins import give_sign_ins
from records.tests import synthea_export
from records.tests.synthea_export import ANA, BO

pytestmark = pytest.mark.django_db
AGAIN = {"Id": "pat-ana-2", "BIRTHDATE": "1996-06-05", "FIRST": "Okunevo1", "LAST": "Ana2", "GENDER": "F"}
NEW = {
    "encounters.csv": [
        {"Id": "enc-9", "START": "2025-02-02T09:00:00Z", "STOP": "2025-02-02T09:30:00Z", "PATIENT": BO,
         "PROVIDER": "prov-heart", "ENCOUNTERCLASS": "ambulatory", "DESCRIPTION": "Check up"}
    ],
    "conditions.csv": [
        {"START": "2025-02-02", "PATIENT": BO, "ENCOUNTER": "enc-9", "CODE": "1", "DESCRIPTION": "Of the new visit"},
        {"START": "2025-02-03", "PATIENT": BO, "ENCOUNTER": "enc-3", "CODE": "2", "DESCRIPTION": "Of the old visit"},
        {"START": "2025-02-04", "PATIENT": BO, "CODE": "3", "DESCRIPTION": "Of no visit"},
    ],
}  # fmt: skip


def of(ref):
    return Patient.objects.get(import_ref=f"synthea:{ref}")


@pytest.fixture
def merged(tmp_path):
    """Bo was merged into Ana."""
    import_export(synthea_export.write(tmp_path / "first"), say=str)
    pair = _note(of(ANA), of(BO), ["noted"])
    return merge(pair, keep=of(ANA), by=UserFactory(role=Role.ADMIN), reason="Same papers")


def test_the_same_export_brings_nobody_back(merged, tmp_path):
    report, counts = import_export(synthea_export.write(tmp_path / "again"), say=str)
    assert (report.new, counts["patients"]) == (0, 3)
    assert of(BO).merged_into == of(ANA)
    assert not Encounter.objects.filter(patient=of(BO)).exists()


def test_what_is_new_for_either_goes_to_the_one_who_stays(merged, tmp_path):
    import_export(synthea_export.write(tmp_path / "more", NEW), say=str)
    assert not Vitals.objects.filter(patient=of(BO)).exists()
    for words in ("Of the new visit", "Of the old visit", "Of no visit"):
        assert Diagnosis.objects.get(words=words).encounter.patient == of(ANA)
    assert PrescriptionLine.objects.filter(encounter__patient=of(ANA)).count() == 2


def test_who_was_merged_gets_no_sign_in(merged, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    give_sign_ins(say=str)
    assert of(ANA).user is not None
    assert of(BO).user is None


def test_the_command_looks_for_people_who_came_twice(tmp_path):
    said = StringIO()
    call_command(
        "import_synthea", str(synthea_export.write(tmp_path / "twice", {"patients.csv": [AGAIN]})), stdout=said
    )
    assert "Possibly registered twice: 1 new pairs, listed under Duplicates." in said.getvalue()
    pair = DuplicatePair.objects.get()
    assert {pair.first, pair.second} == {of(ANA), of("pat-ana-2")}


def test_a_rehearsal_leaves_no_pairs(tmp_path):
    folder = synthea_export.write(tmp_path / "twice", {"patients.csv": [AGAIN]})
    call_command("import_synthea", str(folder), "--dry-run", stdout=StringIO())
    assert not DuplicatePair.objects.exists()
