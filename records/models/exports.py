"""Files that a worker makes for one person."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from clinic.models import Patient
from hms.lib.leases import Leased
from records.models.encounters import charts_exported_by


class ExportQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own exports alone, whatever the role; a guardian's while the chart may leave."""
        mine = self.filter(owner=user) if getattr(user, "pk", None) else self.none()
        return (
            mine.filter(patient__in=charts_exported_by(user)) if getattr(user, "role", None) == Role.PATIENT else mine
        )

    def overseen_by(self, user):
        """Whether files are made at all is the administrators' business; whose they are and what is in them is not."""
        return self if getattr(user, "role", None) == Role.ADMIN else self.none()

    def unfinished(self):
        """Asked for, and neither made nor given up."""
        return self.filter(state__in=[Export.State.WAITING, Export.State.RUNNING])


class Export(Leased):
    """A file that a worker makes for one person: what, how far, where, until when."""

    class Kind(models.TextChoices):
        HISTORY = "history", _("Medical history")
        EVERYTHING = "everything", _("Copy of all my data")
        APPOINTMENTS = "appointments", _("List of visits")
        DOCTORS = "doctors", _("List of doctors")
        PATIENTS = "patients", _("List of patients")

    class Format(models.TextChoices):
        CSV = "csv", _("Table (CSV) for spreadsheet programs")
        PLAIN = "csv_plain", _("Table (CSV) for other programs, without byte order mark")
        PDF = "pdf", _("PDF, to read and print")
        ZIP = "zip", _("PDF and JSON (zip)")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")
        EXPIRED = "expired", _("Expired")

    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="exports")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    format = models.CharField(_("format"), max_length=9, choices=Format, default=Format.CSV)
    query = models.TextField(blank=True, editable=False)  # the filters of a list, as they stood in its address
    clinical = models.BooleanField(_("with clinical columns"), default=False)
    grants = models.JSONField(default=list, blank=True, editable=False)  # numbers of those that opened such columns
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.WAITING)
    rows_done = models.PositiveIntegerField(default=0)
    rows_total = models.PositiveIntegerField(null=True, blank=True)
    file_name = models.CharField(max_length=80, blank=True)
    error = models.CharField(max_length=300, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-requested_at", "-pk"]
        default_permissions = ("view",)
        permissions = [
            ("copy_own_data", "Can ask for a copy of everything held about them"),
            ("fetch_export", "Can see and fetch the files they asked for"),
            ("export_appointments", "Can take the visits they see along as a file"),
            ("export_doctors", "Can take the list of doctors along as a file"),
            ("export_patients", "Can take the list of patients along as a file"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running", "ready", "failed", "cancelled", "expired"]),
                name="export_state_known",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["history", "everything", "appointments", "doctors", "patients"]),
                name="export_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(format__in=["csv", "csv_plain", "pdf", "zip"]), name="export_format_known"
            ),
            models.UniqueConstraint(
                fields=["owner", "kind"], condition=Q(state__in=["waiting", "running"]), name="export_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(state="ready") | (~Q(file_name="") & Q(expires_at__isnull=False)),
                name="export_ready_has_file",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "-requested_at"], name="export_owner"),
            models.Index(fields=["state", "requested_at"], name="export_state"),
        ]

    def __str__(self):
        return f"{self.pk}"

    @property
    def is_list(self):
        """Whether it is a list of the hospital's rows, and not about one patient."""
        return self.kind in LISTS

    @property
    def is_unfinished(self):
        return self.state in {self.State.WAITING, self.State.RUNNING}

    @property
    def is_expired(self):
        """Whether its time is over, whether or not the file has been removed yet."""
        return self.state == self.State.EXPIRED or (
            self.state == self.State.READY and self.expires_at <= timezone.now()
        )


LISTS = {  # the kinds that are lists, each with the permission it takes when asked for, made and fetched
    Export.Kind.APPOINTMENTS: "records.export_appointments",
    Export.Kind.DOCTORS: "records.export_doctors",
    Export.Kind.PATIENTS: "records.export_patients",
}
