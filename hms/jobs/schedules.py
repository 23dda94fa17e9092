"""The schedules of django-celery-beat beside what really ran."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_celery_beat.models import PeriodicTask

from accounts import jobs
from accounts.models import JobRun

GRACE = timedelta(minutes=5)  # a worker may be busy, and beat looks at its tables every few seconds
OURS = ("accounts.", "clinic.", "scheduling.", "records.", "hms.")


@dataclass(frozen=True)
class Schedule:
    """One job as the page shows it. `state`: good, running, failed, missed, off, new."""

    task: str
    title: str
    command: str
    rhythm: str
    last: JobRun | None
    next_at: datetime | None
    state: str

    @property
    def state_words(self):
        return STATES[self.state][0]

    @property
    def icon(self):
        return STATES[self.state][1]

    @property
    def kind(self):
        return STATES[self.state][2]


STATES = {
    "good": (_("In order"), "check-circle", "good"),
    "running": (_("Running"), "hourglass-split", "busy"),
    "failed": (_("Failed"), "x-circle", "bad"),
    "missed": (_("Did not run"), "exclamation-triangle", "bad"),
    "off": (_("Switched off"), "slash-circle", "neutral"),
    "new": (_("Has not run yet"), "hourglass", "neutral"),
}
WRONG = {"failed", "missed"}


def schedules(user):
    """What a person may see of the scheduled jobs, what is wrong first. Two queries, however many there are."""
    return _schedules(JobRun.objects.visible_to(user))


def all_schedules():
    """The same for whoever sits at the terminal."""
    return _schedules(JobRun.objects)


def _schedules(runs):
    now, latest, known = timezone.now(), runs.latest(), jobs.every()
    related = PeriodicTask.objects.select_related("interval", "crontab", "solar", "clocked")
    rows = [row for row in related if row.task.startswith(OURS)]
    found = [_schedule(row, known.get(row.task), latest.get(row.task), now) for row in rows]
    wrong_first = list(STATES)
    return sorted(
        found, key=lambda one: (one.state not in {"failed", "missed"}, wrong_first.index(one.state), one.title)
    )


def _schedule(row, job, last, now):
    since = last.started_at if last else row.date_changed
    due_at = now + row.schedule.remaining_estimate(since)
    return Schedule(
        task=row.task,
        title=str(job.title) if job else row.name,
        command=job.command if job else "",
        rhythm=_rhythm(row),
        last=last,
        next_at=max(due_at, now) if row.enabled else None,
        state=_state(row.enabled, last, due_at, now),
    )


def _rhythm(row):
    """How often, as the tables of django-celery-beat say it: "every minute"."""
    return str(row.interval or row.crontab or row.solar or row.clocked)


def _state(enabled, last, due_at, now):
    if not enabled:
        return "off"
    if due_at < now - GRACE:
        return "missed"
    if last is None:
        return "new"
    if last.outcome == JobRun.Outcome.FAILED or last.was_killed:
        return "failed"
    return "running" if last.finished_at is None else "good"
