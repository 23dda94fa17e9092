"""When doctors work, and when they do not."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinic.models import Doctor
from scheduling.slots import LONGEST, SHORTEST

slot_minutes_range = [MinValueValidator(SHORTEST), MaxValueValidator(LONGEST)]


class Weekday(models.IntegerChoices):
    """As in datetime.date.weekday()."""

    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class OfDoctorQuerySet(models.QuerySet):
    def managed_by(self, user):
        """Rows of doctors whose calendar this person may change."""
        return self.filter(doctor__in=Doctor.objects.managed_by(user))


class WorkingHours(models.Model):
    """Weekly hours: wall-clock times in the hospital's zone. `ends` 00:00 means midnight at the end of the day."""

    doctor = models.ForeignKey(Doctor, on_delete=models.CASCADE, related_name="working_hours")
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday)
    starts = models.TimeField(_("from"))
    ends = models.TimeField(_("to"), help_text=_("00:00 is midnight at the end of the day."))
    slot_minutes = models.PositiveSmallIntegerField(_("slot length"), validators=slot_minutes_range)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)

    objects = OfDoctorQuerySet.as_manager()

    class Meta:
        verbose_name = _("working hours")
        verbose_name_plural = _("working hours")
        ordering = ["doctor", "weekday", "starts"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__gt=F("starts")) | Q(ends="00:00"),
                name="hours_end_after_start",
                violation_error_message=_("The end must come after the beginning. (00:00 is midnight at the end.)"),
            ),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="hours_weekday_known"),
            models.CheckConstraint(condition=Q(slot_minutes__gte=5), name="hours_slot_not_tiny"),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="hours_valid_in_order",
                violation_error_message=_("The last day must not come before the first."),
            ),
        ]
        indexes = [models.Index(fields=["doctor", "weekday"], name="hours_doctor_weekday")]

    def __str__(self):
        return f"{self.get_weekday_display()} {self.starts:%H:%M}–{self.ends:%H:%M}"


class ExtraHours(models.Model):
    """Hours on one date, beside the weekly ones."""

    doctor = models.ForeignKey(Doctor, on_delete=models.CASCADE, related_name="extra_hours")
    date = models.DateField(_("date"))
    starts = models.TimeField(_("from"))
    ends = models.TimeField(_("to"), help_text=_("00:00 is midnight at the end of the day."))
    slot_minutes = models.PositiveSmallIntegerField(_("slot length"), validators=slot_minutes_range)

    objects = OfDoctorQuerySet.as_manager()

    class Meta:
        verbose_name = _("extra date")
        verbose_name_plural = _("extra dates")
        ordering = ["date", "starts"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__gt=F("starts")) | Q(ends="00:00"),
                name="extra_end_after_start",
                violation_error_message=_("The end must come after the beginning. (00:00 is midnight at the end.)"),
            ),
            models.CheckConstraint(condition=Q(slot_minutes__gte=5), name="extra_slot_not_tiny"),
        ]
        indexes = [models.Index(fields=["doctor", "date"], name="extra_doctor_date")]

    def __str__(self):
        return f"{self.date} {self.starts:%H:%M}–{self.ends:%H:%M}"


class TimeOff(models.Model):
    """A stretch of time in which a doctor is not there. Instants, so that it means the same whatever the zone."""

    doctor = models.ForeignKey(Doctor, on_delete=models.CASCADE, related_name="time_off")
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    objects = OfDoctorQuerySet.as_manager()

    class Meta:
        verbose_name = _("time off")
        verbose_name_plural = _("time off")
        ordering = ["starts_at"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="timeoff_end_after_start",
                violation_error_message=_("The end must come after the beginning."),
            )
        ]
        indexes = [models.Index(fields=["doctor", "starts_at", "ends_at"], name="timeoff_doctor_time")]

    def __str__(self):
        return f"{self.doctor}: {self.starts_at} – {self.ends_at}"
