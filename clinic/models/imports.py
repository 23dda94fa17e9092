"""Lists of doctors and patients that administrators take over, and which row became whom."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from clinic.models.departments import Department
from hms.lib.csvfile import DELIMITERS, ENCODINGS, Form
from hms.lib.leases import Leased


class ImportQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Administrators work on imports together; nobody else sees any."""
        return self if getattr(user, "role", None) == Role.ADMIN else self.none()

    def unfinished(self):
        """Waiting for a worker, or with one."""
        return self.filter(state__in=[Import.State.WAITING, Import.State.RUNNING])


class Import(Leased):
    """A file with doctors or patients: how it is to be read, what was found in it, how far it is taken over."""

    class Kind(models.TextChoices):
        PATIENTS = "patients", _("Patients")
        DOCTORS = "doctors", _("Doctors")

    class Step(models.TextChoices):
        """What a worker does with it, or did last."""

        CHECK = "check", _("Check")
        RUN = "run", _("Import")
        UNDO = "undo", _("Undo")

    class State(models.TextChoices):
        DRAFT = "draft", _("To be matched")
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        CHECKED = "checked", _("Checked")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")
        UNDONE = "undone", _("Undone")
        EXPIRED = "expired", _("Expired")

    class Alike(models.TextChoices):
        """What becomes of rows that look like somebody who is there."""

        LEAVE = "leave", _("Leave them out; they are listed")
        TAKE = "take", _("Take them over; the pairs wait under Duplicates")

    class Departments(models.TextChoices):
        """What becomes of doctors of a department that nobody knows."""

        REFUSE = "refuse", _("An error beside the row")
        MAKE = "make", _("Make the department")

    kind = models.CharField(_("what"), max_length=8, choices=Kind)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("brought by"))
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")  # for the step of today
    file_name = models.CharField(_("file"), max_length=120)  # as its owner calls it
    stored = models.CharField(max_length=40, blank=True, editable=False)  # in IMPORT_ROOT; empty once it is gone
    left_behind = models.CharField(
        max_length=80, blank=True, editable=False
    )  # the file of the rows left out, there too
    encoding = models.CharField(_("encoding"), max_length=12, choices=list(ENCODINGS.items()))
    delimiter = models.CharField(_("between the cells"), max_length=1, choices=list(DELIMITERS.items()))
    has_heading = models.BooleanField(_("the first row names the columns"), default=True)
    columns = models.JSONField(default=list, editable=False)
    mapping = models.JSONField(default=dict, editable=False)  # {field: index of a column}
    dates = models.CharField(_("dates"), max_length=3, default="iso")
    alike = models.CharField(_("likely duplicates"), max_length=5, choices=Alike, default=Alike.LEAVE)
    unknown_departments = models.CharField(
        _("unknown departments"), max_length=6, choices=Departments, default=Departments.REFUSE
    )
    department = models.ForeignKey(
        Department, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("department")
    )
    source = models.CharField(
        _("name of the other system"),
        max_length=12,
        blank=True,
        help_text=_("Where numbers of several systems could be the same ones, like “north”."),
    )
    departments_made = models.JSONField(default=list, editable=False)
    step = models.CharField(max_length=5, choices=Step, default=Step.CHECK)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.DRAFT)
    counts = models.JSONField(_("counts"), default=dict, editable=False)
    problems = models.JSONField(default=list, editable=False)  # the first ones; all of them are in the file
    done = models.PositiveBigIntegerField(default=0)  # of `total`: bytes read, or people looked at
    total = models.PositiveBigIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    expires_at = models.DateTimeField(_("file kept until"), null=True, blank=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-requested_at", "-pk"]
        default_permissions = ("view",)
        permissions = [("import_people", "Can import doctors and patients from a file, and undo it")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["patients", "doctors"]), name="import_kind_known"),
            models.CheckConstraint(condition=Q(step__in=["check", "run", "undo"]), name="import_step_known"),
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        *("draft", "waiting", "running", "checked", "done"),
                        *("failed", "cancelled", "undone", "expired"),
                    ]
                ),
                name="import_state_known",
            ),
            models.UniqueConstraint(
                fields=["kind"],
                condition=Q(state__in=["waiting", "running"], step__in=["run", "undo"]),
                name="import_one_writes_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["state", "requested_at"], name="import_state")]

    def __str__(self):
        return self.file_name

    @property
    def form(self):
        """How the file becomes rows."""
        return Form(self.encoding, self.delimiter)

    @property
    def is_unfinished(self):
        return self.state in {self.State.WAITING, self.State.RUNNING}

    @property
    def is_open(self):
        """Whether its columns can be matched still."""
        return self.step == self.Step.CHECK and self.state in {self.State.DRAFT, self.State.CHECKED, self.State.FAILED}

    @property
    def will_make(self):
        """After a check: how many people a run would make."""
        takes = self.alike == self.Alike.TAKE
        return self.counts.get("new", 0) + (self.counts.get("alike", 0) if takes else 0)

    @property
    def left_out(self):
        """How many rows stay behind."""
        leaves = self.alike == self.Alike.LEAVE
        return self.counts.get("error", 0) + (self.counts.get("alike", 0) if leaves else 0)

    @property
    def percent(self):
        return min(100, self.done * 100 // self.total) if self.total else 0


class ImportedRow(models.Model):
    """Which row of a file became whom. Kept by number, like the audit trail: it outlives an undone import's people."""

    class State(models.TextChoices):
        MADE = "made", _("Imported")
        REMOVED = "removed", _("Removed")
        KEPT = "kept", _("Kept")

    of = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="rows")
    number = models.PositiveIntegerField(_("row"))
    target_id = models.BigIntegerField()
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.MADE)
    reason = models.CharField(_("why"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("imported row")
        verbose_name_plural = _("imported rows")
        ordering = ["of", "number"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["made", "removed", "kept"]), name="imported_row_state_known"),
            models.UniqueConstraint(fields=["of", "number"], name="imported_row_once"),
        ]
        indexes = [
            models.Index(fields=["target_id"], name="imported_row_target"),
            models.Index(fields=["of", "state", "number"], name="imported_row_state"),
        ]
