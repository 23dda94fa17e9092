"""Jobs: what beat starts, each once in one place, so that a task, a command and a page are doors to the same thing.

The schedule itself stands in django-celery-beat's tables; here stands what a job does, and what it would do now.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import ngettext_lazy

from accounts import audit, wake
from accounts.models import JobRun

log = logging.getLogger(__name__)

KEPT = timedelta(days=7)
DONE = ngettext_lazy("%(n)d done", "%(n)d done", "n")
_jobs = {}


@dataclass(frozen=True)
class Job:
    """`task` is the Celery task's name; `does()` gives what was done, as words or a number; `would()` how much waits.

    Both may give {words: number}. `done` says of what `does()` counts that it is done: "%(n)d rows sealed".
    A job may run twice at the same time and must not mind.
    """

    task: str
    title: str
    command: str
    does: Callable[[], object]
    would: Callable[[], object]
    done: object = DONE

    def told(self, said):
        """What `does()` gave, in words."""
        is_number = isinstance(said, int) or said == {}
        return self.done % {"n": said or 0} if is_number else in_words(said)


def register(*jobs):
    """For AppConfig.ready(): the jobs of an app."""
    for job in jobs:
        _jobs[job.task] = job


def every():
    """All jobs, by the name of their task."""
    return dict(sorted(_jobs.items()))


def title_of(task):
    """A job's title; the name of a task that is none any more."""
    return _jobs[task].title if task in _jobs else task


def run(task):
    """Run a job now, with a row that says how it went. Gives what was done, in words. What it raises is raised on."""
    job = _jobs[task]
    JobRun.objects.filter(started_at__lt=timezone.now() - KEPT).delete()
    row = JobRun.objects.create(task=task)
    try:
        said = job.told(job.does())
    except Exception as error:
        _end(row, JobRun.Outcome.FAILED, type(error).__name__)  # its text may hold what is nobody's business
        raise
    _end(row, JobRun.Outcome.DONE, said)
    return said


def rehearse(task):
    """How much a job would take up now, in words; nothing is changed."""
    return in_words(_jobs[task].would())


@transaction.atomic
def ask_for(task, *, by):
    """Have a worker run a job as soon as it can, on a person's behalf."""
    audit.record(by, "job.started", detail={"job": str(_jobs[task].title)})
    wake.after_commit(task)


def in_words(said):
    """What a job gave as a line of text: {"sent": 3, "failed": 1} becomes "failed: 1, sent: 3"."""
    if isinstance(said, dict):
        return ", ".join(f"{getattr(key, 'label', key)}: {count}" for key, count in sorted(said.items())) or "0"
    return "" if said is None else str(said)


def _end(row, outcome, result):
    JobRun.objects.filter(pk=row.pk).update(finished_at=timezone.now(), outcome=outcome, result=result[:300])
