"""Files with a medical history: made by a worker, fetched by their owner alone, gone after a day."""

import csv
import io
import os
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from clinic.models import CareRelationship, Hospital
from records.errors import RecordRefused
from records.models import Export
from records.services import exports, making, purge_exports, request_export, run_due_exports, run_export
from records.tests.factories import (
    AllergyFactory,
    DiagnosisFactory,
    EncounterFactory,
    ExportFactory,
    ImportedEncounterFactory,
    MedicalHistoryFactory,
    PrescriptionLineFactory,
    VitalsFactory,
)
from scheduling.models import Status
from scheduling.tests.factories import AppointmentFactory

NEW = reverse("records:export-create")


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.EXPORT_ROOT = tmp_path / "exports"
    return settings.EXPORT_ROOT


def page_of(export):
    return reverse("records:export-detail", args=[export.pk])


def download_of(export):
    return reverse("records:export-download", args=[export.pk])


def made(patient):
    """A finished export of a patient's own history."""
    export = request_export(patient, by=patient.user)
    assert run_export(export.pk)
    export.refresh_from_db()
    return export


def table_of(client, export):
    """(heading, rows as dicts) of a downloaded file."""
    content = b"".join(client.get(download_of(export)).streaming_content)
    assert content.startswith(b"\xef\xbb\xbf")
    reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    return reader.fieldnames, list(reader)


def test_patient_asks_watches_and_fetches_the_own_history(as_patient, patient):
    answer = as_patient.post(NEW)
    export = Export.objects.get(owner=patient.user)
    assert answer.url == page_of(export)
    waiting = as_patient.get(page_of(export))
    assert '<meta http-equiv="refresh"' in waiting.text
    assert "hx-trigger" in waiting.text
    assert as_patient.get(download_of(export)).url == page_of(export)
    run_export(export.pk)
    ready = as_patient.get(page_of(export))
    assert "hx-trigger" not in ready.text
    assert download_of(export) in ready.text
    file = as_patient.get(download_of(export))
    assert file.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert file.headers["Cache-Control"] == "no-store, private"
    assert file.headers["Content-Disposition"].startswith('attachment; filename="medical-history-')
    b"".join(file.streaming_content)
    told = AuditEvent.objects.filter(patient_id=patient.pk, action__startswith="export.").order_by("pk")
    assert [event.action for event in told] == ["export.requested", "export.made", "export.downloaded"]


def test_the_file_holds_everything_the_patient_may_read(as_patient, doctor, patient):
    Hospital.objects.update(time_zone="Europe/Berlin")
    encounter = EncounterFactory(
        appointment__doctor=doctor, appointment__patient=patient, complaint="Kopfweh 🙂", notes="First\nsecond"
    )
    DiagnosisFactory(encounter=encounter, words="Migraine", code="G43.9")
    PrescriptionLineFactory(encounter=encounter, medicine="Sumatriptan", dose="50 mg", frequency="as needed")
    VitalsFactory(patient=patient, encounter=encounter, number=72)
    AllergyFactory(patient=patient, substance="Latex", reaction="Rash")
    MedicalHistoryFactory(patient=patient, illnesses="Asthma")
    imported = ImportedEncounterFactory(patient=patient, complaint="From elsewhere")
    EncounterFactory(appointment=AppointmentFactory(patient=patient), signed_at=None, complaint="Unfinished")
    heading, rows = table_of(as_patient, made(patient))
    assert [row["Kind"] for row in rows] == ["Visit"] * 4 + ["Allergy", "Medical history in own words"]
    (row,) = [row for row in rows if row["Complaint"] == "Kopfweh 🙂"]
    assert row["Diagnoses"] == "G43.9 Migraine"
    assert row["Prescriptions"] == "Sumatriptan, 50 mg, as needed"
    assert (row["Measurements"], row["Notes"], row["Doctor"]) == ("Pulse: 72 per minute", "First\nsecond", doctor.name)
    local = encounter.started_at.astimezone(Hospital.current().zone)
    assert (row["When"], row["Time zone"]) == (local.isoformat(" ", "minutes"), "Europe/Berlin")
    assert [row["Complaint"] for row in rows if row["When"].startswith(f"{imported.started_at:%Y-%m}")] == [
        "From elsewhere"
    ]
    assert rows[-2]["Notes"] == "Latex · Rash · Severe"
    assert rows[-1]["Notes"] == "illnesses, now and earlier: Asthma"
    assert "Unfinished" not in str(rows)
    assert list(rows[0]) == heading


def test_an_offered_time_is_no_visit_of_the_history(as_patient, patient):
    AppointmentFactory(patient=patient, status=Status.HELD, held_until=timezone.now() + timedelta(hours=1))
    export = made(patient)
    _heading, rows = table_of(as_patient, export)
    assert ({row["Status"] for row in rows}, export.rows_total) == ({"Checked in"}, 1)


def test_no_cell_starts_a_formula(as_patient, doctor, patient):
    encounter = EncounterFactory(appointment__doctor=doctor, appointment__patient=patient, complaint="=1+1")
    DiagnosisFactory(encounter=encounter, words="+SUM(A1)", code="")
    PrescriptionLineFactory(encounter=encounter, medicine="@cmd")
    _heading, rows = table_of(as_patient, made(patient))
    cells = [value for row in rows for value in row.values()]
    assert [value for value in cells if value.lstrip().startswith(("=", "+", "-", "@"))] == []
    assert "'=1+1" in cells


def test_a_strangers_file_is_not_there(as_stranger, as_doctor, as_reception, as_admin, patient):
    export = made(patient)
    for url in (page_of(export), download_of(export)):
        others = (as_stranger, as_doctor, as_reception, as_admin)
        assert [client.get(url).status_code for client in others] == [404] * 4
    assert as_stranger.get(reverse("records:export-list")).context["page_obj"].paginator.count == 0
    assert AuditEvent.objects.filter(action="export.downloaded").count() == 0


def test_nobody_gets_a_file_about_a_chart_that_is_not_open_to_them(as_stranger, as_reception, as_admin, patient):
    for number in (patient.pk, "x", "9" * 40, "0"):
        assert as_stranger.post(NEW, {"patient": number}).status_code == 404
    assert [client.post(NEW, {"patient": patient.pk}).status_code for client in (as_reception, as_admin)] == [403, 403]
    assert not Export.objects.exists()


def test_doctor_gets_a_file_about_a_patient_in_care_and_the_patient_sees_it(as_doctor, as_patient, doctor, patient):
    elsewhere = EncounterFactory(appointment=AppointmentFactory(patient=patient), complaint="At a colleague's")
    as_doctor.post(NEW, {"patient": patient.pk})
    export = Export.objects.get(owner=doctor.user)
    run_export(export.pk)
    export.refresh_from_db()
    _heading, rows = table_of(as_doctor, export)
    assert elsewhere.complaint in [row["Complaint"] for row in rows]
    page = as_patient.get(reverse("records:opening-list", args=[patient.pk]))
    assert "Downloaded a file with the medical history" in [opening.what for opening in page.context["openings"]]


def test_who_has_lost_the_chart_since_asking_gets_no_file(doctor, patient, folder):
    export = request_export(patient, by=doctor.user)
    CareRelationship.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert not run_export(export.pk)
    export.refresh_from_db()
    assert (export.state, export.error) == (Export.State.FAILED, "You may not take this along any more.")
    assert not folder.exists()


def test_pressing_twice_asks_once(as_patient, patient):
    answers = [as_patient.post(NEW) for _press in range(2)]
    assert answers[0].url == answers[1].url
    assert Export.objects.count() == 1


def test_one_file_at_a_time_is_the_databases_word(patient):
    ExportFactory(patient=patient)
    with pytest.raises(IntegrityError), transaction.atomic():
        ExportFactory(patient=patient)


def test_a_doctor_waits_for_one_file_before_the_next(as_doctor, doctor, patient):
    other = AppointmentFactory(doctor=doctor).patient
    request_export(patient, by=doctor.user)
    with pytest.raises(RecordRefused):
        request_export(other, by=doctor.user)
    assert as_doctor.post(NEW, {"patient": other.pk}).url == reverse("records:export-list")


def test_an_expired_file_is_neither_offered_nor_kept(as_patient, patient, folder):
    export = made(patient)
    with time_machine.travel(timezone.now() + timedelta(hours=24, seconds=1), tick=False):
        as_patient.force_login(patient.user)
        assert as_patient.get(download_of(export)).url == page_of(export)
        assert "expired" in as_patient.get(page_of(export)).text
        assert purge_exports() == 1
        assert list(folder.iterdir()) == []
        export.refresh_from_db()
        assert export.state == Export.State.EXPIRED
        assert "expired" in as_patient.get(page_of(export)).text


def test_purging_leaves_fresh_files_and_takes_what_broken_runs_left(patient, folder):
    export = made(patient)
    for name, age in (("1-old.part", 7200), ("2-new.part", 0)):
        path = folder / name
        path.write_text("half")
        os.utime(path, times=(timezone.now().timestamp() - age,) * 2)
    assert purge_exports() == 1
    assert sorted(path.name for path in folder.iterdir()) == sorted([export.file_name, "2-new.part"])


def test_files_can_be_read_by_their_maker_alone(patient, folder):
    path = folder / made(patient).file_name
    assert (path.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_left_behind_export_is_taken_up_after_its_lease(patient):
    export = ExportFactory(patient=patient, state="running", claim="dead", claimed_at=timezone.now(), attempts=1)
    assert run_due_exports() == 0
    Export.objects.update(claimed_at=timezone.now() - timedelta(minutes=3))
    assert run_due_exports() == 1
    export.refresh_from_db()
    assert (export.state, export.attempts, export.rows_done) == (Export.State.READY, 2, export.rows_total)


def test_a_waiting_export_is_left_to_its_worker_for_a_moment(patient):
    export = request_export(patient, by=patient.user)
    assert run_due_exports() == 0
    Export.objects.update(requested_at=timezone.now() - timedelta(minutes=1))
    assert run_due_exports() == 1
    assert not run_export(export.pk)


def test_who_has_lost_the_lease_offers_nothing(patient, folder):
    export = request_export(patient, by=patient.user)
    mine = exports._claim(export.pk)
    Export.objects.update(claim="somebody else's")
    with pytest.raises(exports.Lost):
        making.write(mine, partial(exports._tell, mine))
    assert list(folder.iterdir()) == []
    export.refresh_from_db()
    assert (export.state, export.claim) == (Export.State.RUNNING, "somebody else's")


def test_an_export_that_fails_three_times_says_so(as_patient, patient, settings, tmp_path):
    (tmp_path / "file").touch()
    settings.EXPORT_ROOT = tmp_path / "file" / "impossible"
    export = request_export(patient, by=patient.user)
    states = []
    for _try in range(3):
        assert not run_export(export.pk)
        export.refresh_from_db()
        states.append(export.state)
    assert states == ["waiting", "waiting", "failed"]
    assert "could not be made" in as_patient.get(page_of(export)).text
    assert as_patient.post(NEW).status_code == 302


def test_a_worker_that_dies_every_time_does_not_hold_the_queue_for_ever(patient):
    export = ExportFactory(
        patient=patient, state="running", claim="x", claimed_at=timezone.now() - timedelta(minutes=3), attempts=3
    )
    assert not run_export(export.pk)
    export.refresh_from_db()
    assert export.state == Export.State.FAILED


def test_commands_are_doors_to_the_same_functions(patient, capsys, folder):
    export = request_export(patient, by=patient.user)
    call_command("run_exports")
    export.refresh_from_db()
    assert export.state == Export.State.READY
    Export.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    call_command("purge_exports")
    assert capsys.readouterr().out == "1 made\n1 removed\n"
    assert list(Path(folder).iterdir()) == []


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_files_costs_the_same_however_long(rows, as_patient, patient, django_assert_max_num_queries):
    ExportFactory.create_batch(rows, patient=patient, state="failed")
    with django_assert_max_num_queries(10):
        as_patient.get(reverse("records:export-list"))
