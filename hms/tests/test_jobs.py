"""Jobs as administrators and operators see them: last and next run, red when one did not happen, retry."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from accounts import jobs
from accounts.models import AuditEvent, JobRun, Role
from accounts.tests.factories import UserFactory
from clinic.tests.factories import PatientFactory
from hms.jobs.schedules import all_schedules
from records.models import Export
from records.services import request_export

pytestmark = pytest.mark.django_db
SEAL = "accounts.tasks.seal_audit"
NOW = datetime(2026, 11, 24, 9, 10, tzinfo=UTC)


@pytest.fixture
def administrator(client):
    user = UserFactory(role=Role.ADMIN)
    client.force_login(user)
    return user


def ran(minutes_ago, outcome=JobRun.Outcome.DONE, **fields):
    begun = timezone.now() - timedelta(minutes=minutes_ago)
    ended = None if outcome == JobRun.Outcome.RUNNING else begun
    return JobRun.objects.create(task=SEAL, started_at=begun, finished_at=ended, outcome=outcome, **fields)


def state():
    return {one.task: one.state for one in all_schedules()}[SEAL]


@pytest.mark.parametrize(
    ("minutes_ago", "outcome", "expected"),
    [
        (0.5, JobRun.Outcome.DONE, "good"),
        (5, JobRun.Outcome.DONE, "good"),
        (7, JobRun.Outcome.DONE, "missed"),
        (1, JobRun.Outcome.FAILED, "failed"),
        (1, JobRun.Outcome.RUNNING, "running"),
        (60 * 24, JobRun.Outcome.RUNNING, "missed"),
    ],
)
def test_a_job_of_each_minute_is_missed_when_it_did_not_run(minutes_ago, outcome, expected):
    ran(minutes_ago, outcome)
    assert state() == expected


def test_a_job_that_has_never_run_is_new_at_first_and_missed_later():
    PeriodicTask.objects.update(date_changed=timezone.now())
    assert state() == "new"
    PeriodicTask.objects.update(date_changed=timezone.now() - timedelta(minutes=10))
    assert state() == "missed"


def test_a_job_that_was_switched_off_is_not_missed():
    PeriodicTask.objects.filter(task=SEAL).update(enabled=False)
    ran(60)
    schedule = next(one for one in all_schedules() if one.task == SEAL)
    assert (schedule.state, schedule.next_at) == ("off", None)


def test_a_job_of_each_night_is_missed_the_morning_after_and_not_before():
    nightly = CrontabSchedule.objects.create(minute="0", hour="3", timezone="UTC")
    PeriodicTask.objects.filter(task=SEAL).update(interval=None, crontab=nightly)
    with time_machine.travel(NOW, tick=False):
        ran(60 * 8)  # 01:10, before the night's turn
        assert state() == "missed"
        JobRun.objects.update(started_at=NOW - timedelta(hours=6), finished_at=NOW)
        schedule = next(one for one in all_schedules() if one.task == SEAL)
        assert (schedule.state, schedule.next_at) == ("good", datetime(2026, 11, 25, 3, tzinfo=UTC))


def test_the_page_shows_what_is_wrong_first_and_what_failed(administrator, client):
    for task in PeriodicTask.objects.exclude(task=SEAL):
        JobRun.objects.create(task=task.task, finished_at=timezone.now(), outcome="done", result="made: 3, removed: 0")
    ran(1, JobRun.Outcome.FAILED, result="OperationalError")
    page = client.get(reverse("job-list")).content.decode()
    assert page.index("Seal the audit trail") < page.index("Deliver messages")
    assert page.count("OperationalError") == 2
    assert "made: 3, removed: 0" in page
    assert "manage.py deliver_messages" in page


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_however_much_ran(rows, administrator, client, django_assert_max_num_queries):
    for _row in range(rows):
        ran(1, JobRun.Outcome.FAILED)
        export = request_export(PatientFactory(), by=UserFactory())
        Export.objects.filter(pk=export.pk).update(state=Export.State.FAILED, finished_at=timezone.now())
    with django_assert_max_num_queries(14):
        client.get(reverse("job-list"))


def test_without_the_broker_the_page_says_so(administrator, client, broker):
    broker.kill()
    assert "The broker does not answer" in client.get(reverse("job-list")).content.decode()


def test_a_job_is_started_by_hand_on_record(administrator, client):
    answer = client.post(reverse("job-run", args=[SEAL]), follow=True)
    assert "Seal the audit trail: a worker takes it up" in answer.content.decode()
    event = AuditEvent.objects.get(action="job.started")
    assert (event.actor_id, event.detail) == (administrator.pk, {"job": "Seal the audit trail"})
    assert client.post(reverse("job-run", args=["os.system"])).status_code == 404


def test_a_file_that_was_given_up_is_tried_again_once(administrator, client):
    patient = PatientFactory()
    export = request_export(patient, by=UserFactory())
    Export.objects.filter(pk=export.pk).update(state=Export.State.FAILED, attempts=3, finished_at=timezone.now())
    page = client.get(reverse("job-list")).content.decode()
    assert export.owner.name in page
    assert patient.name not in page
    assert client.post(reverse("file-retry", args=[export.pk])).status_code == 302
    export.refresh_from_db()
    assert (export.state, export.attempts) == (Export.State.WAITING, 0)
    assert client.post(reverse("file-retry", args=[export.pk])).status_code == 409
    assert AuditEvent.objects.filter(action="export.retried").count() == 1


def test_files_that_were_given_up_are_counted_and_lead_page_by_page_to_the_oldest(administrator, client):
    owners = [UserFactory(name=f"Owner {number:02}") for number in range(27)]
    for age, owner in enumerate(owners):
        export, ended = request_export(PatientFactory(), by=owner), timezone.now() - timedelta(hours=age)
        Export.objects.filter(pk=export.pk).update(state=Export.State.FAILED, finished_at=ended)
    first = client.get(reverse("job-list"))
    assert "27 files" in first.text
    assert 'href="?page=2#files"' in first.text
    second = client.get(reverse("job-list"), {"page": "2"})
    shown = [file.owner for page in (first, second) for file in page.context["failed_files"]]
    assert shown == owners


def test_a_file_is_not_tried_again_when_its_owner_has_asked_for_another(administrator, client):
    patient, owner = PatientFactory(), UserFactory()
    export = request_export(patient, by=owner)
    Export.objects.filter(pk=export.pk).update(state=Export.State.FAILED, finished_at=timezone.now())
    request_export(patient, by=owner)
    assert client.post(reverse("file-retry", args=[export.pk])).status_code == 409


def test_every_schedule_of_ours_is_a_job_with_a_command():
    scheduled = {row.task for row in PeriodicTask.objects.all() if not row.task.startswith("celery.")}
    assert scheduled == set(jobs.every())
    assert [job.task for job in jobs.every().values() if not job.command] == []


def test_the_command_lists_runs_and_rehearses(capsys):
    ran(61, result="12")
    call_command("jobs")
    told = capsys.readouterr().out
    assert "Seal the audit trail\n  every minute · Did not run · last run 1 h 1 min ago: 12" in told
    call_command("jobs", "seal_audit")
    assert capsys.readouterr().out == "Seal the audit trail: 0 entries sealed\n"
    call_command("jobs", SEAL, "--dry-run")
    assert capsys.readouterr().out == "Seal the audit trail: would take up: 0\n"
    with pytest.raises(CommandError, match="no job 'nothing'"):
        call_command("jobs", "nothing")
