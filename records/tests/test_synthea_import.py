"""Taking over a Synthea export: what arrives, that it arrives once, and what real exports hold."""

import os
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.models import AuditEvent
from clinic.models import CareRelationship, Department, Doctor, Gender, Patient
from clinic.numbers import as_number
from records.models import Allergy, CodeSystem, Diagnosis, Encounter, PrescriptionLine, Vitals
from records.synthea.run import import_export
from records.tests import synthea_export
from scheduling.models import Appointment, AppointmentEvent, Lane, Status
from scheduling.tests.factories import AppointmentFactory

pytestmark = pytest.mark.django_db
TABLES = [Department, Doctor, Patient, Encounter, Appointment, AppointmentEvent, Diagnosis, PrescriptionLine, Allergy,
          Vitals, CareRelationship, AuditEvent]  # fmt: skip


def everything():
    return {model: list(model.objects.order_by("pk").values()) for model in TABLES}


def taken_over(folder, **options):
    said = []
    report, counts = import_export(folder, say=said.append, **options)
    return report, counts, said


@pytest.fixture
def export(tmp_path):
    return synthea_export.write(tmp_path / "export")


def test_the_import_counts_what_it_brought(export):
    report, counts, said = taken_over(export)
    assert counts == {
        "patients": 3,
        "doctors": 2,
        "encounters": 3,
        "diagnoses": 2,
        "allergies": 1,
        "medications": 2,
        "observations": 3,
        "departments": 2,
    }
    assert report.problems == []
    assert "patients.csv: 3 rows, 3 new, 0 already there, 0 left out" in said


def test_a_second_run_changes_nothing(export):
    taken_over(export)
    before = everything()
    report, _counts, _said = taken_over(export)
    assert report.new == 0
    assert everything() == before


def test_a_grown_export_adds_what_is_new(export):
    taken_over(export)
    more = {"START": "2024-02-02", "PATIENT": synthea_export.BO, "ENCOUNTER": "enc-3", "CODE": "38341003",
            "DESCRIPTION": "Hypertension"}  # fmt: skip
    synthea_export.write(export, {"conditions.csv": [more]})
    report, counts, _said = taken_over(export)
    assert (report.new, counts["diagnoses"]) == (1, 3)


def test_a_rehearsal_tells_all_and_keeps_nothing(export):
    before = everything()
    _report, counts, _said = taken_over(export, rehearse=True)
    assert counts["encounters"] == 3
    assert everything() == before


def test_people_arrive_under_the_names_people_use(export):
    taken_over(export)
    ana = Patient.objects.get(import_ref="synthea:pat-ana")
    assert (ana.name, ana.birth_date, ana.gender, ana.user) == ("Ana Okuneva", date(1996, 6, 5), Gender.FEMALE, None)
    assert ana.address == "1 Main Street, Boston, Massachusetts 02138"
    assert as_number(ana.number) == ana.number
    assert Patient.objects.get(name="Bo Zulauf PhD").died_on is None
    assert Patient.objects.get(name="Cy Johns").died_on == date(2004, 3, 21)


def test_doctors_arrive_in_departments_of_their_specialities(export):
    existing = Department.objects.create(name="general practice")
    taken_over(export)
    doctor = Doctor.objects.get(name="Víctor Noriega")
    assert (doctor.department, doctor.specialization) == (existing, "General Practice")
    assert doctor.about == "Practises at Saint Elsewhere, Boston."
    assert Doctor.objects.get(name="Ludivina Steuber").department.name == "Cardiology"


def test_an_encounter_is_a_completed_visit_of_the_past_with_a_signed_record(export):
    taken_over(export)
    encounter = Encounter.objects.get(import_ref="synthea:enc-1")
    visit = encounter.appointment
    assert (visit.lane, visit.status, visit.reason) == (Lane.HISTORY, Status.COMPLETED, "")
    assert visit.starts_at == encounter.started_at == datetime(2023, 1, 27, 16, tzinfo=UTC)
    assert encounter.signed_at == encounter.ended_at == visit.ends_at
    assert (encounter.kind, encounter.complaint) == ("ambulatory", "Acute viral pharyngitis (disorder)")
    assert encounter.notes == "Encounter for symptom\nSaint Elsewhere, Boston"
    event = visit.events.get()
    assert (event.status, event.at, event.by_name) == (Status.COMPLETED, visit.ends_at, "HMS")


def test_clinical_rows_keep_their_codes(export):
    taken_over(export)
    diagnosis = Diagnosis.objects.get(encounter__import_ref="synthea:enc-1")
    assert (diagnosis.system, diagnosis.code) == (CodeSystem.SNOMED, "195662009")
    assert (diagnosis.onset_on, diagnosis.resolved_on) == (date(2023, 1, 27), date(2023, 2, 9))
    lines = PrescriptionLine.objects.filter(encounter__import_ref="synthea:enc-3")
    assert [(line.system, line.code, line.ends_on, line.instructions) for line in lines] == [
        (CodeSystem.RXNORM, "243670", None, "For: Myocardial infarction"),
        (CodeSystem.RXNORM, "243670", date(2025, 2, 2), ""),
    ]
    allergy = Allergy.objects.get()
    assert (allergy.system, allergy.code, allergy.severity) == (CodeSystem.SNOMED, "111088007", "moderate")
    assert allergy.reaction == "Itching (finding); Eruption of skin (disorder)"
    height, smoking, score = Vitals.objects.order_by("pk")
    assert (height.number, height.words, height.unit, height.code) == (Decimal("127.9"), "", "cm", "8302-2")
    assert (smoking.number, smoking.words, smoking.system) == (None, "Never smoker", CodeSystem.LOINC)
    assert (score.encounter, score.system, score.category) == (None, CodeSystem.NONE, "other")


def test_overlapping_encounters_are_kept_and_told(export):
    report, _counts, _said = taken_over(export)
    assert report.notes == [
        "encounters.csv, line 3: overlaps an earlier encounter of the same patient; kept as history.",
        "encounters.csv, line 3: overlaps an earlier encounter of the same doctor; kept as history.",
    ]


def test_history_never_stands_in_the_way_of_a_visit_booked_before(export):
    patient_visit = AppointmentFactory(starts_at=datetime(2023, 1, 27, 16, tzinfo=UTC), status=Status.COMPLETED)
    _report, counts, _said = taken_over(export)
    assert counts["encounters"] == 3
    assert Appointment.objects.filter(pk=patient_visit.pk, lane=Lane.NORMAL).exists()


def test_care_relationships_follow_from_the_visits(export):
    recent = timezone.now() - timedelta(days=30)
    visit = {"Id": "enc-9", "START": recent.isoformat(), "STOP": (recent + timedelta(minutes=15)).isoformat(),
             "PATIENT": synthea_export.CY, "PROVIDER": synthea_export.HEART, "DESCRIPTION": "Check up"}  # fmt: skip
    synthea_export.write(export, {"encounters.csv": [visit]})
    taken_over(export)
    assert CareRelationship.objects.count() == 3
    current = CareRelationship.objects.current()
    assert [(care.doctor.name, care.patient.name) for care in current] == [("Ludivina Steuber", "Cy Johns")]


def test_planned_visits_are_left_out_with_what_belongs_to_them(export):
    ahead = timezone.now() + timedelta(days=3)
    visit = {"Id": "enc-9", "START": ahead.isoformat(), "PATIENT": synthea_export.BO,
             "PROVIDER": synthea_export.HEART, "DESCRIPTION": "Check up"}  # fmt: skip
    found = {"START": "2024-02-02", "PATIENT": synthea_export.BO, "ENCOUNTER": "enc-9", "CODE": "1",
             "DESCRIPTION": "Something"}  # fmt: skip
    synthea_export.write(export, {"encounters.csv": [visit], "conditions.csv": [found]})
    report, counts, said = taken_over(export)
    assert (counts["encounters"], counts["diagnoses"], report.problems) == (3, 2, [])
    assert report.notes[:2] == [
        "encounters.csv, line 5: lies in the future; planned visits are booked here, not imported.",
        "conditions.csv, line 4: belongs to an encounter that was left out.",
    ]
    assert "encounters.csv: 4 rows, 3 new, 0 already there, 1 left out" in said


def test_what_names_no_encounter_is_kept_in_an_entry_without_a_visit(export):
    found = {"START": "2001-05-06", "PATIENT": synthea_export.ANA, "CODE": "1", "DESCRIPTION": "Asthma"}
    synthea_export.write(export, {"conditions.csv": [found, found | {"CODE": "2", "DESCRIPTION": "Eczema"}]})
    report, counts, _said = taken_over(export)
    entry = Encounter.objects.get(appointment=None)
    assert [diagnosis.words for diagnosis in entry.diagnoses.all()] == ["Asthma", "Eczema"]
    assert (entry.patient.name, entry.doctor, counts["encounters"]) == ("Ana Okuneva", None, 3)
    assert report.notes[0] == "conditions.csv, line 4: names no encounter; kept in an entry without a visit."
    before = everything()
    taken_over(export)
    assert everything() == before


def test_the_audit_trail_tells_of_an_import_in_numbers(export):
    taken_over(export)
    event = AuditEvent.objects.get(action="import.completed")
    assert event.detail == {
        "source": "Synthea",
        "providers": 2,
        "patients": 3,
        "encounters": 3,
        "conditions": 2,
        "medications": 2,
        "allergies": 1,
        "observations": 3,
    }


@pytest.mark.parametrize("rows", [1, 300])
def test_many_rows_cost_as_many_queries_as_few(rows, export, django_assert_max_num_queries):
    height = synthea_export.PAST["observations.csv"][0]
    more = [height | {"CODE": f"{number}-1"} for number in range(rows)]
    synthea_export.write(export, {"observations.csv": more})
    with django_assert_max_num_queries(85):
        taken_over(export)


def test_an_export_longer_than_a_batch_is_taken_over_whole(tmp_path):
    """HMS_SYNTHEA_DIR names a real one to try it with."""
    given = os.environ.get("HMS_SYNTHEA_DIR")
    folder = Path(given) if given else synthea_export.write_many(tmp_path / "export", 1500)
    report, counts, _said = taken_over(folder)
    assert report.problems == []
    assert all(tally.left_out == 0 for file, tally in report.tallies.items() if file != "organizations.csv")
    assert counts["encounters"] == Encounter.objects.count() == Appointment.objects.count()
    assert counts["observations"] == Vitals.objects.count() == report.tallies["observations.csv"].rows
    again, _counts, _said = taken_over(folder)
    assert again.new == 0
