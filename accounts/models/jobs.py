"""What ran by itself: one row per run of a job."""

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.people import Role

LONGEST = timedelta(minutes=15)  # settings.CELERY_TASK_TIME_LIMIT: no run lasts longer


class JobRunQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Administrators see what ran; it is nobody else's business."""
        return self if getattr(user, "role", None) == Role.ADMIN else self.none()

    def latest(self):
        """The newest run of each job: {task: run}. Two queries, however many runs there are."""
        newest = self.order_by().values("task").annotate(newest=models.Max("pk")).values("newest")
        return {run.task: run for run in self.filter(pk__in=newest)}


class JobRun(models.Model):
    """One run of a job: when, for how long, what came of it. A run without an end was killed, or still runs."""

    class Outcome(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    task = models.CharField(_("job"), max_length=120)
    started_at = models.DateTimeField(_("begun"), default=timezone.now)
    finished_at = models.DateTimeField(_("ended"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome, default=Outcome.RUNNING)
    result = models.CharField(_("result"), max_length=300, blank=True)

    objects = JobRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("run of a job")
        verbose_name_plural = _("runs of jobs")
        ordering = ["-started_at", "-pk"]
        default_permissions = ("view",)
        permissions = [("run_job", "Can start jobs")]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="running", finished_at=None)
                | Q(outcome__in=["done", "failed"], finished_at__isnull=False),
                name="job_run_ends_with_outcome",
            )
        ]
        indexes = [
            models.Index(fields=["task", "-started_at"], name="job_run_task"),
            models.Index(fields=["started_at"], name="job_run_started"),
        ]

    def __str__(self):
        return f"{self.task} {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def seconds(self):
        """How long it took; None while nobody knows."""
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else None

    @property
    def outcome_words(self):
        return _("Never ended") if self.was_killed else self.get_outcome_display()

    @property
    def was_killed(self):
        """Whether it can no longer be running, and never said how it ended."""
        return self.finished_at is None and self.started_at < timezone.now() - LONGEST
