"""The visits, and what is noted, said and done about them."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from clinic.models import Department, Doctor, Patient
from hms.lib.kept import now
from hms.lib.nonoverlap import NonOverlap
from hms.lib.noting import Noted


class Status(models.TextChoices):
    """Where a visit stands. The moves between them are services.TRANSITIONS."""

    HELD = "held", _("Held")
    BOOKED = "booked", _("Booked")
    CHECKED_IN = "checked_in", _("Checked in")
    IN_CONSULTATION = "in_consultation", _("In consultation")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")
    NO_SHOW = "no_show", _("No-show")


PLANNED = [Status.HELD, Status.BOOKED, Status.CHECKED_IN, Status.IN_CONSULTATION]
BLOCKING = [*PLANNED, Status.COMPLETED]


class Lane(models.TextChoices):
    """Which non-overlap rules hold for a row."""

    NORMAL = "normal", _("Normal")
    OVERBOOKED = "overbooked", _("Overbooked")  # exempt from the doctor's rule only
    HISTORY = "history", _("History")  # imported past: exempt from both


class AppointmentQuerySet(models.QuerySet):
    def visible_to(self, user, patients=None):
        """The visits this person may see. Every page, export and task starts here.

        `patients`: the ids that Patient.objects.visible_to came to a moment ago, where a page asks more than once.
        """
        match getattr(user, "role", None):
            case Role.ADMIN | Role.RECEPTION:
                return self
            case Role.DOCTOR:
                return self.filter(doctor__user=user)
            case Role.PATIENT:
                return self.filter(patient__in=Patient.objects.visible_to(user) if patients is None else patients)
        return self.none()

    def referenced(self, text):
        """The visit that has this reference, however it was typed."""
        return self.filter(reference="".join(text.upper().replace("-", " ").split())[:13])  # longer than any

    def blocking(self):
        """Visits that take their time, in every lane: what free slots subtract."""
        return self.filter(status__in=BLOCKING).not_lapsed()

    def planned(self):
        """Visits that are still to come to an end."""
        return self.filter(status__in=PLANNED).not_lapsed()

    def not_lapsed(self):
        """Without offers whose time is over: they are nobody's, also while no worker has ended them yet."""
        return self.exclude(status=Status.HELD, held_until__lte=now())

    def overlapping(self, starts_at, ends_at):
        """Visits that share time with [starts_at, ends_at)."""
        return self.filter(starts_at__lt=ends_at, ends_at__gt=starts_at)

    def with_people(self):
        """For lists: doctor, department and patient in the same query."""
        return self.select_related("doctor", "department", "patient")


class Appointment(models.Model):
    """A visit of a patient to a doctor, planned or past."""

    reference = models.CharField(_("reference"), max_length=12, unique=True, editable=False)
    doctor = models.ForeignKey(Doctor, on_delete=models.PROTECT, related_name="appointments", verbose_name=_("doctor"))
    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="appointments", verbose_name=_("patient")
    )
    department = models.ForeignKey(Department, on_delete=models.PROTECT, verbose_name=_("department"))
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.BOOKED)
    lane = models.CharField(_("lane"), max_length=10, choices=Lane, default=Lane.NORMAL)
    overbook_reason = models.CharField(_("reason for overbooking"), max_length=300, blank=True)
    reason = models.CharField(_("reason for the visit"), max_length=500, blank=True)
    staff_notes = models.TextField(_("notes by staff"), max_length=2000, blank=True)
    fee = models.DecimalField(_("fee"), max_digits=9, decimal_places=2, null=True, blank=True)
    booked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", editable=False)
    created_at = models.DateTimeField(_("booked"), default=timezone.now, editable=False)
    held_until = models.DateTimeField(_("held until"), null=True, blank=True, editable=False)
    moved_count = models.PositiveSmallIntegerField(default=0, editable=False)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True, editable=False)  # for this time alone
    import_ref = models.CharField(max_length=80, null=True, blank=True, unique=True, editable=False)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        ordering = ["starts_at", "pk"]
        default_permissions = ("view",)
        permissions = [
            ("book_appointment", "Can book visits"),
            ("reschedule_appointment", "Can move visits"),
            ("cancel_appointment", "Can cancel visits"),
            ("confirm_appointment", "Can say that they come to their own visits"),
            ("check_in_appointment", "Can check patients in"),
            ("start_appointment", "Can begin consultations"),
            ("mark_no_show", "Can mark visits as no-show"),
            ("overbook_appointment", "Can overbook with a reason"),
            ("annotate_appointment", "Can write staff notes"),
            ("view_day", "Can see the day by doctor"),
            ("view_week", "Can see a doctor's week"),
            ("call_patient", "Can work the list of patients to call"),
            ("announce_delay", "Can say that a doctor runs late"),
            ("cancel_many", "Can cancel many visits at once"),
            ("write_to_patients", "Can write to all patients of a day"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="appointment_status_known"),
            models.CheckConstraint(condition=Q(lane__in=Lane.values), name="appointment_lane_known"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="appointment_end_after_start"),
            models.CheckConstraint(
                condition=~Q(lane=Lane.OVERBOOKED) | ~Q(overbook_reason=""), name="appointment_overbooked_has_reason"
            ),
            NonOverlap(
                name="appointment_doctor_free",
                owner="doctor",
                starts="starts_at",
                ends="ends_at",
                condition={"status": BLOCKING, "lane": [Lane.NORMAL]},
                violation_error_message=_("The doctor has another visit at that time."),
            ),
            NonOverlap(
                name="appointment_patient_free",
                owner="patient",
                starts="starts_at",
                ends="ends_at",
                condition={"status": BLOCKING, "lane": [Lane.NORMAL, Lane.OVERBOOKED]},
                violation_error_message=_("The patient has another visit at that time."),
            ),
            Noted(
                name="appointment_noted",
                columns=["doctor_id", "patient_id", "starts_at"],
                into="scheduling_visitchange",
            ),
        ]
        indexes = [
            models.Index(fields=["starts_at"], name="appointment_date"),
            models.Index(fields=["doctor", "starts_at"], name="appointment_doctor"),
            models.Index(fields=["patient", "starts_at"], name="appointment_patient"),
            models.Index(fields=["status", "starts_at", "ends_at"], name="appointment_status_times"),
        ]

    def __str__(self):
        return self.reference

    @property
    def is_planned(self):
        return self.status in PLANNED

    @property
    def minutes(self):
        return int((self.ends_at - self.starts_at).total_seconds() // 60)


class VisitChange(models.Model):
    """A note that some visit of a doctor and a patient was written: what is tallied by day has to be counted again.

    The database writes it with every change of a visit (the constraint `appointment_noted`); who has counted removes
    it. Of a visit that was moved there are two: of where it was, and of where it is. Ids alone, so that a note
    outlives what it speaks of and nobody waits for it.
    """

    doctor_id = models.PositiveBigIntegerField()
    patient_id = models.PositiveBigIntegerField()
    starts_at = models.DateTimeField()

    class Meta:
        verbose_name = _("note of a change")
        verbose_name_plural = _("notes of changes")
        default_permissions = ()

    def __str__(self):
        return f"{self.doctor_id}: {self.starts_at}"


class AppointmentEvent(models.Model):
    """What happened to a visit: who, when, why. Append-only."""

    class Kind(models.TextChoices):
        BOOKED = "booked", _("Booked")
        MOVED = "moved", _("Moved")
        STATUS = "status", _("Status changed")
        NOTES = "notes", _("Notes changed")
        CONFIRMED = "confirmed", _("Confirmed")
        CALLED = "called", _("Told by telephone")
        UNCALLED = "uncalled", _("Not told by telephone after all")
        ASKED = "asked", _("Asked for another time")
        CALL_ME = "call_me", _("Asks to be called about another time")
        STANDS = "stands", _("Takes place as booked after all")

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField(_("when"), default=timezone.now)
    kind = models.CharField(_("what"), max_length=10, choices=Kind)
    status = models.CharField(_("status afterwards"), max_length=16, choices=Status)
    starts_at = models.DateTimeField(_("time afterwards"))
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(_("who"), max_length=200)
    reason = models.CharField(_("why"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("visit event")
        verbose_name_plural = _("visit events")
        ordering = ["at", "pk"]
        default_permissions = ("view",)
        indexes = [models.Index(fields=["-at"], name="appointment_event_at")]

    def __str__(self):
        return f"{self.get_kind_display()} – {self.by_name}"


class ToStaffQuerySet(models.QuerySet):
    def visible_to(self, user):
        """What reception and administrators work with."""
        return self if getattr(user, "role", None) in {Role.ADMIN, Role.RECEPTION} else self.none()


class VisitLink(models.Model):
    """A link in a mail by which its reader answers for a visit without signing in.

    Of the token only the hash is kept. It speaks of the visit's time: `moved_count` is what the visit's was. With a
    `proposal` it asks for another time, else it reminds.
    """

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="links")
    account = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(_("to"), max_length=200, blank=True)
    address = models.CharField(_("address"), max_length=254, blank=True)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    moved_count = models.PositiveSmallIntegerField(editable=False)
    proposal = models.ForeignKey(
        "scheduling.Proposal", on_delete=models.PROTECT, null=True, blank=True, related_name="links", editable=False
    )
    created_at = models.DateTimeField(_("sent"), default=timezone.now)
    expires_at = models.DateTimeField(_("works until"), db_index=True)

    objects = ToStaffQuerySet.as_manager()

    class Meta:
        verbose_name = _("link to a visit")
        verbose_name_plural = _("links to visits")
        ordering = ["-created_at", "-pk"]
        default_permissions = ()

    def __str__(self):
        return f"{self.appointment_id}: {self.address}"


class PhoneCall(models.Model):
    """Somebody told a patient of a visit by telephone, because no message could. It speaks of the visit's time then."""

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="calls")
    moved_count = models.PositiveSmallIntegerField(editable=False)
    at = models.DateTimeField(_("when"), default=timezone.now)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(_("note"), max_length=300, blank=True)
    undone_at = models.DateTimeField(_("taken back"), null=True, blank=True)
    undone_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = ToStaffQuerySet.as_manager()

    class Meta:
        verbose_name = _("telephone call")
        verbose_name_plural = _("telephone calls")
        ordering = ["-at", "-pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["appointment", "moved_count"], condition=Q(undone_at=None), name="call_once_per_time"
            )
        ]

    def __str__(self):
        return f"{self.appointment_id}: {self.at}"


class DelayQuerySet(ToStaffQuerySet):
    def of(self, doctor, day):
        """What was said of a doctor's day last, while it is a delay; else None."""
        return self.filter(doctor=doctor, day=day, minutes__gt=0).select_related("by").first()


class Delay(models.Model):
    """How late a doctor runs on a day; 0 minutes is on time again. `version` counts what was said."""

    doctor = models.ForeignKey(Doctor, on_delete=models.PROTECT, related_name="delays")
    day = models.DateField(_("day"))
    minutes = models.PositiveSmallIntegerField(_("minutes late"))
    version = models.PositiveSmallIntegerField(default=1, editable=False)
    at = models.DateTimeField(_("said"), default=timezone.now)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = DelayQuerySet.as_manager()

    class Meta:
        verbose_name = _("delay")
        verbose_name_plural = _("delays")
        ordering = ["-day", "doctor"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["doctor", "day"], name="delay_once_per_day")]

    def __str__(self):
        return f"{self.doctor}: {self.day}"
