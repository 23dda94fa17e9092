"""A worker is killed while it makes reports: each is there whole or not at all, and the next run makes the rest."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Message
from clinic.models import Hospital
from clinic.tests.factories import DoctorFactory, PatientFactory
from records import months, services
from records.models import MonthlyReport
from records.tasks import make_reports
from scheduling.models import Appointment, Lane, Status

DOCTORS, VISITS = 40, 40


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_leaves_no_half_report_and_no_second_one(worker):
    zone = Hospital.current().zone
    begin = months.days_of(months.last_ended(timezone.now(), zone), zone).starts_at
    patient, doctors = PatientFactory(), DoctorFactory.create_batch(DOCTORS)
    Appointment.objects.bulk_create(
        Appointment(
            reference=f"K{doctor.pk}-{number}", doctor=doctor, patient=patient, department=doctor.department,
            starts_at=begin + timedelta(hours=number), ends_at=begin + timedelta(hours=number, minutes=15),
            status=Status.COMPLETED, lane=Lane.HISTORY,
        )
        for doctor in doctors
        for number in range(VISITS)
    )  # fmt: skip
    make_reports.delay()
    deadline = time.monotonic() + 30
    while not MonthlyReport.objects.exists():
        assert time.monotonic() < deadline, "No report came."
        time.sleep(0.01)
    worker.kill()
    kept = MonthlyReport.objects.count()
    assert 0 < kept < 2 * DOCTORS
    assert Message.objects.filter(kind="report.ready").count() == MonthlyReport.objects.exclude(doctor=None).count()
    assert services.make_due_reports() == {"made": 2 * DOCTORS - kept}
    reports = MonthlyReport.objects.all()
    assert {(report.version, report.is_whole) for report in reports} == {(1, True)}
    assert len({(report.doctor_id, report.department_id) for report in reports}) == len(reports) == 2 * DOCTORS
    assert Message.objects.filter(kind="report.ready").count() == DOCTORS
