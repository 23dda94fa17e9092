"""Monthly reports: figures as they were when somebody looked, with what they mean and a checksum."""

import hashlib
import json

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from clinic.models import Department, Doctor
from hms.lib.appendonly import AppendOnly
from hms.lib.search import words_in


def checksum_of(content):
    """SHA-256 over plain values written in the one canonical way: sorted keys, no spaces, UTF-8."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class MonthlyReportQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Doctors see their own; administrators all (and of none the diagnoses: MonthlyReport.diagnoses_for)."""
        match getattr(user, "role", None):
            case Role.ADMIN:
                return self
            case Role.DOCTOR:
                return self.filter(doctor__user=user)
        return self.none()

    def about(self, owner):
        """The reports of one doctor, or of one department."""
        return self.filter(**{owner._meta.model_name: owner})

    def newest(self):
        """Of each report the version that stands now."""
        same = Q(doctor=OuterRef("doctor")) | Q(department=OuterRef("department"))
        later = MonthlyReport.objects.filter(same, month=OuterRef("month"), version__gt=OuterRef("version"))
        return self.filter(~Exists(later))

    def narrowed(self, *, q="", month=None):
        """Those that a search on the list asks for."""
        found = self.filter(month=month) if month else self
        for word in q.split():
            found = found.filter(words_in(word, "doctor__search") | Q(department__name__icontains=word))
        return found

    def with_owner(self):
        """For lists and pages: whose it is in the same query."""
        return self.select_related("doctor__user", "department")


class MonthlyReport(models.Model):
    """One version of one doctor's or one department's month. Written once; the database refuses every change.

    `about` holds what surrounds the figures: names, zone, currency, days. `figures` holds nothing clinical and may be
    shown to administrators; `diagnoses` are the doctor's alone, and so is the checksum that covers them: from it and
    the figures somebody could try out what was found.
    """

    class Why(models.TextChoices):
        SCHEDULED = "scheduled", _("The month was over")
        ASKED = "asked", _("Made by hand")
        CORRECTED = "corrected", _("Corrected: rows behind it changed later")

    doctor = models.ForeignKey(
        Doctor, on_delete=models.PROTECT, null=True, blank=True, related_name="reports", verbose_name=_("doctor")
    )
    department = models.ForeignKey(
        Department,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reports",
        verbose_name=_("department"),
    )
    month = models.DateField(_("month"), help_text=_("The first day of the month."))
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    why = models.CharField(_("reason"), max_length=10, choices=Why)
    definitions = models.PositiveSmallIntegerField(_("version of the definitions"))
    about = models.JSONField(default=dict)
    figures = models.JSONField(default=dict)
    diagnoses = models.JSONField(default=list)
    checksum = models.CharField(_("checksum"), max_length=64)
    clinical_checksum = models.CharField(max_length=64)
    made_at = models.DateTimeField(_("made"), default=timezone.now)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    made_by_name = models.CharField(_("made by"), max_length=200)

    objects = MonthlyReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("monthly report")
        verbose_name_plural = _("monthly reports")
        ordering = ["-month", "doctor", "department", "-version"]
        default_permissions = ("view",)
        permissions = [("make_monthlyreport", "Can make monthly reports again")]
        constraints = [
            models.CheckConstraint(
                condition=Q(doctor=None, department__isnull=False) | Q(doctor__isnull=False, department=None),
                name="report_of_one",
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="report_month_is_first_day"),
            models.CheckConstraint(condition=Q(version__gte=1), name="report_version_from_one"),
            models.CheckConstraint(
                condition=Q(why__in=["scheduled", "asked", "corrected"]), name="report_reason_known"
            ),
            models.UniqueConstraint(
                fields=["doctor", "month", "version"], condition=Q(department=None), name="report_doctor_version_once"
            ),
            models.UniqueConstraint(
                fields=["department", "month", "version"], condition=Q(doctor=None),
                name="report_department_version_once",
            ),
            AppendOnly(name="report_append_only"),
        ]  # fmt: skip
        indexes = [models.Index(fields=["month"], name="report_month")]

    def __str__(self):
        return f"{self.owner} {self.month:%Y-%m} v{self.version}"

    @property
    def owner(self):
        """Whose report it is: a Doctor or a Department."""
        return self.doctor or self.department

    @property
    def owner_name(self):
        """The name at the time."""
        return self.about["name"]

    def is_own(self, user):
        """Whether this is the doctor whose report it is: nobody else reads what was found."""
        return getattr(user, "role", None) == Role.DOCTOR and self.doctor is not None and self.doctor.user == user

    def diagnoses_for(self, user):
        """The diagnoses, for the doctor who found them; for everybody else there are none."""
        return self.diagnoses if self.is_own(user) else []

    def checksum_for(self, user):
        """The checksum over all that this person reads."""
        return self.clinical_checksum if self.is_own(user) else self.checksum

    def seals(self):
        """(checksum, checksum with what is clinical) as they must be."""
        head = {
            "of": [self.doctor_id, self.department_id],
            "month": f"{self.month:%Y-%m}",
            "version": self.version,
            "definitions": self.definitions,
            "about": self.about,
            "figures": self.figures,
        }
        checksum = checksum_of(head)
        return checksum, checksum_of({"checksum": checksum, "diagnoses": self.diagnoses})

    @cached_property
    def is_whole(self):
        """Whether the row still is what was written."""
        return (self.checksum, self.clinical_checksum) == self.seals()
