"""Tallies: what visits came to, by day and by month, so that a dashboard need not count a million of them.

Nothing here says anything of its own: every row can be made again from the visits (records.services.tallying), which is
what happens when they change. Whoever reads goes through records.tallies, which knows what is still to be counted.
"""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.models import Department, Doctor, Patient


class Work(models.Model):
    """The completed visits of a local day, or of the calendar month that begins on it."""

    day = models.DateField(_("day"))
    completed = models.PositiveIntegerField(default=0)
    seconds = models.PositiveBigIntegerField(default=0)
    fees = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    with_fee = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True


class Tally(Work):
    """All visits of it. `waits` and `leads` are {value: how many visits}: whole minutes and days."""

    held = models.PositiveIntegerField(default=0)
    booked = models.PositiveIntegerField(default=0)
    checked_in = models.PositiveIntegerField(default=0)
    in_consultation = models.PositiveIntegerField(default=0)
    cancelled = models.PositiveIntegerField(default=0)
    no_show = models.PositiveIntegerField(default=0)
    waits = models.JSONField(default=dict)
    leads = models.JSONField(default=dict)

    class Meta:
        abstract = True


class DoctorDay(Tally):
    """A doctor's day in one department."""

    doctor = models.ForeignKey(Doctor, on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("doctor's day")
        verbose_name_plural = _("doctors' days")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["day", "doctor", "department"], name="doctor_day_once")]

    def __str__(self):
        return f"{self.day}: {self.doctor_id}"


class DepartmentDay(Tally):
    """A department's day, the sum of its doctors' days; or (without one) the whole hospital's."""

    department = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("department's day")
        verbose_name_plural = _("departments' days")
        default_permissions = ()
        permissions = [("view_figures", "Can see the hospital in figures")]
        constraints = [
            models.UniqueConstraint(fields=["day", "department"], name="department_day_once"),
            models.UniqueConstraint(fields=["day"], condition=Q(department=None), name="hospital_day_once"),
        ]

    def __str__(self):
        return f"{self.day}: {self.department_id}"


class DoctorMonth(Work):
    """A doctor's month in one department: what a long range is read of doctor by doctor, the sum of the days."""

    doctor = models.ForeignKey(Doctor, on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("doctor's month")
        verbose_name_plural = _("doctors' months")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["day", "doctor", "department"], name="doctor_month_once")]

    def __str__(self):
        return f"{self.day}: {self.doctor_id}"


class DepartmentMonth(Tally):
    """A department's month, or (without one) the whole hospital's: the sum of its days."""

    department = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("department's month")
        verbose_name_plural = _("departments' months")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["day", "department"], name="department_month_once"),
            models.UniqueConstraint(fields=["day"], condition=Q(department=None), name="hospital_month_once"),
        ]

    def __str__(self):
        return f"{self.day}: {self.department_id}"


class FirstVisit(models.Model):
    """The day of a patient's first completed visit: in one department, or (without one) in the whole hospital."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, related_name="+")
    day = models.DateField(_("day"))

    class Meta:
        verbose_name = _("first visit")
        verbose_name_plural = _("first visits")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["patient", "department"], name="first_visit_in_department"),
            models.UniqueConstraint(fields=["patient"], condition=Q(department=None), name="first_visit_in_hospital"),
        ]
        indexes = [models.Index(fields=["department", "day"], name="first_visit_day")]

    def __str__(self):
        return f"{self.day}: {self.patient_id}"


class FirstVisitMonth(models.Model):
    """How many first visits there were in a month: in one department, or (without one) in the whole hospital."""

    department = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, related_name="+")
    day = models.DateField(_("day"))
    number = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("first visits of a month")
        verbose_name_plural = _("first visits of months")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["day", "department"], name="first_month_in_department"),
            models.UniqueConstraint(fields=["day"], condition=Q(department=None), name="first_month_in_hospital"),
        ]

    def __str__(self):
        return f"{self.day}: {self.number}"


class TallyBook(models.Model):
    """Whether the tallies can be read. One row, or none.

    `zone` is the time zone whose days they are, empty while everything is counted, and `form` says which tables they
    fill: records.tallies.FORM, or another number from before an upgrade. `settled` is another number whenever they
    have changed, `at` when they last did.
    """

    zone = models.CharField(max_length=64, blank=True)
    form = models.PositiveSmallIntegerField(default=0)
    settled = models.PositiveBigIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("book of tallies")
        verbose_name_plural = _("books of tallies")
        default_permissions = ()

    def __str__(self):
        return f"{self.zone}: {self.settled}"
