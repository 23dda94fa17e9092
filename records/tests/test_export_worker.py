"""The same with a real Celery worker on a real broker, which is killed in the middle."""

import csv
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from records.models import Export
from records.services import request_export, run_due_exports
from records.tasks import build_export, sweep_exports
from scheduling.models import Appointment, Lane, Status
from scheduling.tests.factories import AppointmentFactory

MANY = 4000


@pytest.fixture(autouse=True)
def empty_folder():
    """The worker writes into this run's own folder, which outlives a test."""
    for path in Path(settings.EXPORT_ROOT).glob("*"):
        path.unlink()


def wait_until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "It did not come true in time."
        time.sleep(0.02)


def state_of(export):
    export.refresh_from_db()
    return export.state


def long_past(visit, number):
    """Many visits of one patient, as an import would leave them."""
    begin = datetime(2000, 1, 1, 9, tzinfo=UTC)
    Appointment.objects.bulk_create(
        Appointment(
            reference=f"P{day:07d}",
            doctor=visit.doctor,
            patient=visit.patient,
            department=visit.department,
            starts_at=begin + timedelta(days=day),
            ends_at=begin + timedelta(days=day, minutes=15),
            status=Status.COMPLETED,
            lane=Lane.HISTORY,
        )
        for day in range(number)
    )


def rows_in(export):
    with (Path(settings.EXPORT_ROOT) / export.file_name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.slow
def test_a_worker_makes_the_file_that_was_asked_for(worker):
    visit = AppointmentFactory(reason="A word for the file")
    export = request_export(visit.patient, by=visit.patient.user)
    wait_until(lambda: state_of(export) == Export.State.READY)
    heading, row = rows_in(export)
    assert "A word for the file" in row
    assert len(row) == len(heading)


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_offers_nothing_and_its_file_is_made_by_the_next(worker):
    visit = AppointmentFactory()
    long_past(visit, MANY)
    export = request_export(visit.patient, by=visit.patient.user)
    wait_until(lambda: state_of(export) == Export.State.RUNNING and export.rows_done > 0)
    worker.kill()
    assert state_of(export) == Export.State.RUNNING
    assert 0 < export.rows_done < MANY
    assert list(Path(settings.EXPORT_ROOT).glob("*.csv")) == []
    assert run_due_exports(patience=timedelta(0)) == 0
    Export.objects.filter(pk=export.pk).update(claimed_at=timezone.now() - timedelta(minutes=3))
    assert run_due_exports() == 1
    assert state_of(export) == Export.State.READY
    assert len(rows_in(export)) == MANY + 2


def test_beat_sweeps_exports_every_minute(db):
    task = PeriodicTask.objects.get(task=sweep_exports.name)
    assert (task.enabled, task.interval.every, task.interval.period) == (True, 1, "minutes")
    assert build_export.name == "records.tasks.build_export"
