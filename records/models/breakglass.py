"""Break-glass: a doctor opens the chart of somebody they do not treat, for half an hour, and answers for it."""

from datetime import timedelta

from django.db import models
from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from clinic.models import Doctor, Patient
from hms.lib.kept import now
from hms.lib.search import words_in

REVIEW_WITHIN = timedelta(days=3)


class Verdict(models.TextChoices):
    """What a reviewer says of it. Only the first two are final."""

    JUSTIFIED = "justified", _("Justified")
    NOT_JUSTIFIED = "not_justified", _("Not justified")
    TO_DISCUSS = "to_discuss", _("To be talked about")


FINAL = (Verdict.JUSTIFIED, Verdict.NOT_JUSTIFIED)


class BreakGlassQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Administrators review all of them; doctors see their own."""
        match getattr(user, "role", None):
            case Role.ADMIN:
                return self
            case Role.DOCTOR:
                return self.filter(doctor__user=user)
        return self.none()

    def with_people(self):
        """For pages that name who, whose and by whom reviewed."""
        return self.select_related("doctor__department", "patient", "reviewed_by")

    def narrowed(self, q="", state="", *, every=False):
        """Those that a search on the list asks for; without a state what is to be reviewed, or `every` one."""
        found = self.filter(words_in(q, "doctor__search") | words_in(q, "patient__search")) if q else self
        if state == "reviewed":
            return found.filter(verdict__in=FINAL)
        return found if every or state == "all" else found.to_review()

    def current(self):
        """Those that open a chart at this moment."""
        return self.filter(opened_at__lte=now(), until__gt=now(), ended_at=None)

    def to_review(self):
        """Those without a final verdict."""
        return self.exclude(verdict__in=FINAL)

    def figures(self):
        """{"to_review": how many wait for a verdict, "overdue": how many of those for too long}, in one query."""
        late = Q(opened_at__lt=timezone.now() - REVIEW_WITHIN)
        return self.to_review().aggregate(to_review=Count("pk"), overdue=Count("pk", filter=late))


class BreakGlass(models.Model):
    """One opening without treating: who, whose chart, why, until when; and what a reviewer said of it.

    `reason` is for reviewers, who must not read anything clinical; the patient is told the kind alone.
    """

    class Kind(models.TextChoices):
        EMERGENCY = "emergency", _("An emergency")
        COVERING = "covering", _("Covering for a colleague")
        ASKED = "asked", _("The patient asked for it")
        OTHER = "other", _("Another reason")

    doctor = models.ForeignKey(Doctor, on_delete=models.PROTECT, related_name="broken_glass", verbose_name=_("doctor"))
    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="broken_glass", verbose_name=_("patient")
    )
    kind = models.CharField(_("kind of reason"), max_length=10, choices=Kind)
    reason = models.CharField(_("reason"), max_length=300)
    opened_at = models.DateTimeField(_("opened"), default=timezone.now)
    until = models.DateTimeField(_("until"))
    ended_at = models.DateTimeField(_("ended early"), null=True, blank=True)
    verdict = models.CharField(_("verdict"), max_length=14, choices=Verdict, blank=True)
    reviewed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("reviewed by")
    )
    reviewed_at = models.DateTimeField(_("reviewed"), null=True, blank=True)
    note = models.CharField(_("reviewer's note"), max_length=500, blank=True)

    objects = BreakGlassQuerySet.as_manager()

    class Meta:
        verbose_name = _("break-glass")
        verbose_name_plural = _("break-glass")
        ordering = ["-opened_at", "-pk"]
        default_permissions = ("view",)
        permissions = [
            ("break_glass", "Can open a chart of somebody they do not treat, for half an hour"),
            ("review_breakglass", "Can review what was opened by break-glass"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["emergency", "covering", "asked", "other"]), name="break_glass_kind_known"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="break_glass_has_reason"),
            models.CheckConstraint(condition=Q(until__gt=F("opened_at")), name="break_glass_until_after_opened"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("opened_at")), name="break_glass_ended_after_opened"
            ),
            models.CheckConstraint(
                condition=Q(verdict="", reviewed_by=None, reviewed_at=None)
                | Q(verdict__in=Verdict.values, reviewed_by__isnull=False, reviewed_at__isnull=False),
                name="break_glass_review_paired",
            ),
        ]
        indexes = [
            models.Index(fields=["doctor", "patient", "until"], name="break_glass_pair"),
            models.Index(fields=["verdict", "opened_at"], name="break_glass_verdict"),
        ]

    def __str__(self):
        return f"{self.doctor} – {self.patient}"

    @property
    def is_current(self):
        return self.ended_at is None and self.opened_at <= timezone.now() < self.until

    @property
    def closed_at(self):
        """When it closed or will close."""
        return min(self.ended_at, self.until) if self.ended_at else self.until

    @property
    def is_to_review(self):
        return self.verdict not in FINAL

    @property
    def is_overdue(self):
        return self.is_to_review and self.opened_at < timezone.now() - REVIEW_WITHIN
