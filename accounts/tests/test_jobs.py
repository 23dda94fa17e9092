"""A job leaves a row that says how it went; a task, a command and a page are doors to the same thing."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import audit, jobs
from accounts.models import AuditEvent, JobRun, Message, MessageState, Role
from accounts.tasks import seal_audit, sweep_outbox
from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db
SEAL = "accounts.tasks.seal_audit"


@pytest.fixture
def broken():
    def does():
        raise ZeroDivisionError("Anna Example has measles")

    jobs.register(jobs.Job("test.broken", "Broken", "", does, lambda: 0))
    yield "test.broken"
    del jobs._jobs["test.broken"]


def test_a_run_says_what_it_did_and_how_long_it_took():
    audit.record(None, "account.created", UserFactory())
    seal_audit()
    run = JobRun.objects.get()
    assert (run.task, run.outcome, run.result) == (SEAL, JobRun.Outcome.DONE, "1 entry sealed")
    assert run.seconds >= 0
    assert not run.was_killed


def test_a_failed_run_names_the_kind_of_failure_and_nothing_that_was_in_it(broken):
    with pytest.raises(ZeroDivisionError):
        jobs.run(broken)
    run = JobRun.objects.get()
    assert (run.outcome, run.result) == (JobRun.Outcome.FAILED, "ZeroDivisionError")


def test_counts_by_state_are_told_in_words():
    UserFactory()
    Message.objects.create(key="1", kind="test", subject="s", address="a@example.org", state=MessageState.DUE)
    sweep_outbox()
    assert JobRun.objects.get().result == "Sent: 1"


@pytest.mark.parametrize(
    ("said", "words"), [(12, "12 done"), (0, "0 done"), ({}, "0 done"), ({"b": 1, "a": 2}, "a: 2, b: 1"), (None, "")]
)
def test_a_job_that_has_no_word_for_its_number_says_done(said, words):
    assert jobs.Job("test.job", "Job", "", lambda: said, lambda: 0).told(said) == words


def test_every_job_that_gives_a_number_has_a_word_for_it():
    """A bare number on the page of jobs says nothing to whoever watches over them."""
    for job in jobs.every().values():
        said = jobs.run(job.task)
        assert not said.isdigit(), job.task
        assert not said.endswith(" done"), job.task


def test_a_run_that_never_ended_was_killed_once_no_run_can_last_that_long():
    JobRun.objects.create(task=SEAL, started_at=timezone.now() - timedelta(minutes=16))
    JobRun.objects.create(task=SEAL, started_at=timezone.now() - timedelta(minutes=1))
    assert [run.was_killed for run in JobRun.objects.all()] == [False, True]


def test_runs_are_forgotten_after_a_week():
    for days in (8, 6):
        JobRun.objects.create(task="old", started_at=timezone.now() - timedelta(days=days))
    jobs.run(SEAL)
    assert [run.task for run in JobRun.objects.all()] == [SEAL, "old"]


def test_the_database_refuses_a_run_that_ended_without_outcome():
    with pytest.raises(IntegrityError), transaction.atomic():
        JobRun.objects.create(task=SEAL, finished_at=timezone.now())


def test_only_administrators_see_what_ran():
    JobRun.objects.create(task=SEAL)
    seen = {role: JobRun.objects.visible_to(UserFactory(role=role)).count() for role in Role}
    assert seen == {Role.PATIENT: 0, Role.DOCTOR: 0, Role.RECEPTION: 0, Role.ADMIN: 1}


@pytest.mark.parametrize("command", ["deliver_messages", "seal_audit"])
def test_a_rehearsal_tells_and_changes_nothing(command, capsys):
    Message.objects.create(key="1", kind="test", subject="s", address="a@example.org", state=MessageState.DUE)
    audit.record(None, "account.created", UserFactory())
    call_command(command, "--dry-run")
    assert capsys.readouterr().out.strip().endswith(": 1")
    assert Message.objects.get().state == MessageState.DUE
    assert AuditEvent.objects.filter(seal=None).count() == 1
