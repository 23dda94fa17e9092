"""Clinical grants: two administrators let somebody of the hospital read charts beyond their role, for a time."""

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from clinic.models import Department, Patient
from hms.lib.kept import now
from hms.lib.search import words_in

LONGEST = timedelta(days=90)
GRANTEES = (Role.DOCTOR, Role.RECEPTION, Role.ADMIN)


class ClinicalGrantQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Administrators see all; everybody else those to themselves."""
        if getattr(user, "role", None) == Role.ADMIN:
            return self
        return self.filter(user=user) if getattr(user, "pk", None) else self.none()

    def with_people(self):
        """For pages that name all who are concerned."""
        return self.select_related("user", "patient", "department", "asked_by", "confirmed_by", "revoked_by")

    def narrowed(self, q="", state=""):
        """Those that a search on the list asks for: those not over yet when no state is named."""
        found = self.filter(words_in(q, "user__search")) if q else self
        match state:
            case "waiting":
                return found.waiting()
            case "over":
                return found.over()
            case "all":
                return found
        return found.filter(revoked_at=None, until__gt=timezone.now())

    def current(self):
        """Those that open charts at this moment."""
        return self.filter(starts_at__lte=now(), until__gt=now(), confirmed_at__isnull=False, revoked_at=None)

    def held_by(self, user):
        """Those that open charts to this person at this moment."""
        return self.current().filter(user=user) if getattr(user, "role", None) in GRANTEES else self.none()

    def waiting(self):
        """Those that another administrator still has to confirm."""
        return self.filter(confirmed_at=None, revoked_at=None, until__gt=timezone.now())

    def over(self):
        """Those that have ended, were taken back, or were not confirmed in time."""
        return self.filter(Q(revoked_at__isnull=False) | Q(until__lte=timezone.now()))


class ClinicalGrant(models.Model):
    """Reading charts beyond one's role: of one patient, of a department's patients or of all; with export or without.

    One administrator asks, another confirms, and neither is the person it is for: the database holds that. Patients
    see the reason, so it is worded for them.
    """

    class Scope(models.TextChoices):
        PATIENT = "patient", _("One patient")
        DEPARTMENT = "department", _("A department's patients")
        HOSPITAL = "hospital", _("All patients of the hospital")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits for a second administrator")
        PLANNED = "planned", _("Confirmed, begins later")
        CURRENT = "current", _("In force")
        ENDED = "ended", _("Ended")
        LAPSED = "lapsed", _("Never confirmed")
        REVOKED = "revoked", _("Taken back")

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="clinical_grants", verbose_name=_("for"))
    scope = models.CharField(_("which charts"), max_length=10, choices=Scope)
    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("patient")
    )
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("department")
    )
    may_export = models.BooleanField(_("may download too"), default=False)
    reason = models.CharField(_("reason"), max_length=300)
    starts_at = models.DateTimeField(_("from"))
    until = models.DateTimeField(_("until"))
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    confirmed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("confirmed by")
    )
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("taken back by")
    )
    revoked_at = models.DateTimeField(_("taken back"), null=True, blank=True)
    revoked_reason = models.CharField(_("why it was taken back"), max_length=300, blank=True)

    objects = ClinicalGrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("clinical grant")
        verbose_name_plural = _("clinical grants")
        ordering = ["-asked_at", "-pk"]
        default_permissions = ("view", "add")
        permissions = [
            ("confirm_clinicalgrant", "Can confirm a grant that another administrator asked for"),
            ("revoke_clinicalgrant", "Can take a grant back"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(scope="patient", patient__isnull=False, department=None)
                | Q(scope="department", patient=None, department__isnull=False)
                | Q(scope="hospital", patient=None, department=None),
                name="grant_scope_paired",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="grant_has_reason"),
            models.CheckConstraint(condition=Q(until__gt=F("starts_at")), name="grant_until_after_start"),
            models.CheckConstraint(
                condition=Q(confirmed_by=None, confirmed_at=None)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="grant_confirmed_paired",
            ),
            models.CheckConstraint(
                condition=Q(revoked_by=None, revoked_at=None) | Q(revoked_by__isnull=False, revoked_at__isnull=False),
                name="grant_revoked_paired",
            ),
            models.CheckConstraint(condition=~Q(user=F("asked_by")), name="grant_not_asked_for_oneself"),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | (~Q(confirmed_by=F("asked_by")) & ~Q(confirmed_by=F("user"))),
                name="grant_confirmed_by_another",
            ),
        ]
        indexes = [models.Index(fields=["user", "until"], name="grant_user_until")]

    def __str__(self):
        return f"{self.user} – {self.about}"

    @property
    def about(self):
        """Whose charts, in words."""
        return str(self.patient or self.department or self.get_scope_display())

    @property
    def state(self):
        """Where it stands at this moment."""
        now = timezone.now()
        if self.revoked_at:
            return self.State.REVOKED
        if self.until <= now:
            return self.State.ENDED if self.confirmed_at else self.State.LAPSED
        if not self.confirmed_at:
            return self.State.WAITING
        return self.State.CURRENT if self.starts_at <= now else self.State.PLANNED

    @property
    def is_over(self):
        return self.state in {self.State.REVOKED, self.State.ENDED, self.State.LAPSED}
