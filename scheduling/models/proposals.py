"""Patients who are asked to take another time, because their doctor will not be there."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from scheduling.models.visits import Appointment


class ProposalQuerySet(models.QuerySet):
    def visible_to(self, user):
        """What reception and administrators work with, and doctors for their own visits."""
        match getattr(user, "role", None):
            case Role.ADMIN | Role.RECEPTION:
                return self
            case Role.DOCTOR:
                return self.filter(appointment__doctor__user=user)
        return self.none()

    def open(self):
        """Those that wait for an answer."""
        return self.filter(ended_at=None)

    def of(self, appointment):
        """The one about this visit that waits for an answer; else None."""
        return self.open().filter(appointment=appointment).first()


class Proposal(models.Model):
    """A patient is asked for another time. It speaks of the time the visit had then: `moved_count` is what it was.

    Which times are proposed is worked out whenever somebody looks: a list that was kept would soon be wrong.
    """

    class Outcome(models.TextChoices):
        MOVED = "moved", _("Another time taken")
        CANCELLED = "cancelled", _("Visit cancelled")
        STANDS = "stands", _("The doctor is there after all")
        OVER = "over", _("The visit took place, or was missed")

    appointment = models.ForeignKey(
        Appointment, on_delete=models.PROTECT, related_name="proposals", verbose_name=_("visit")
    )
    moved_count = models.PositiveSmallIntegerField(editable=False)
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("asked by"))
    call_wanted_at = models.DateTimeField(_("asks to be called since"), null=True, blank=True)
    ended_at = models.DateTimeField(_("settled"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, blank=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("request for another time")
        verbose_name_plural = _("requests for another time")
        ordering = ["-asked_at", "-pk"]
        default_permissions = ()
        permissions = [("propose_times", "Can offer patients another time")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None, outcome="")
                | Q(ended_at__isnull=False, outcome__in=["moved", "cancelled", "stands", "over"]),
                name="proposal_ends_with_an_outcome",
            ),
            models.UniqueConstraint(fields=["appointment"], condition=Q(ended_at=None), name="proposal_one_open"),
        ]

    def __str__(self):
        return f"{self.appointment_id}: {self.asked_at}"
