"""Who waits for a time with a doctor or a department, the times that became free, and to whom they were offered."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from clinic.models import Department, Doctor, Patient
from scheduling.models.visits import Appointment, ToStaffQuerySet

EVERY_DAY, ANY_PART = 127, 7


class Part(models.IntegerChoices):
    """Parts of a day, each a bit of what somebody can."""

    MORNING = 1, _("Morning")
    AFTERNOON = 2, _("Afternoon")
    EVENING = 4, _("Evening")


class WaitlistEntryQuerySet(models.QuerySet):
    def visible_to(self, user, patients=None):
        """Staff at the desk see everybody who waits, patients themselves and those they act for.

        `patients`: as of the visits' visible_to.
        """
        match getattr(user, "role", None):
            case Role.ADMIN | Role.RECEPTION:
                return self
            case Role.PATIENT:
                return self.filter(patient__in=Patient.objects.visible_to(user) if patients is None else patients)
        return self.none()

    def waiting(self):
        return self.filter(ended_at=None)

    def for_doctor(self, doctor):
        """Those who would take a time with this doctor."""
        return self.filter(Q(doctor=doctor) | Q(doctor=None, department=doctor.department_id))

    def in_turn(self):
        """First come, first offered."""
        return self.order_by("joined_at", "pk")

    def with_people(self):
        return self.select_related("doctor", "department", "patient__user")


class WaitlistEntry(models.Model):
    """Somebody waits for an earlier time: with a doctor, or with anybody of a department; when they can, until when."""

    class Outcome(models.TextChoices):
        BOOKED = "booked", _("Has a visit")
        LEFT = "left", _("Left the list")
        OVER = "over", _("Waited until the last day")

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="waitlist", verbose_name=_("patient"))
    department = models.ForeignKey(Department, on_delete=models.PROTECT, verbose_name=_("department"))
    doctor = models.ForeignKey(
        Doctor, on_delete=models.PROTECT, null=True, blank=True, related_name="waitlist", verbose_name=_("doctor")
    )
    weekdays = models.PositiveSmallIntegerField(_("weekdays"), default=EVERY_DAY)  # bit 0 is Monday
    parts = models.PositiveSmallIntegerField(_("parts of the day"), default=ANY_PART)
    until = models.DateField(_("until"))
    joined_at = models.DateTimeField(_("joined"), default=timezone.now)
    joined_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, blank=True)

    objects = WaitlistEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("waiting list entry")
        verbose_name_plural = _("waiting list")
        ordering = ["joined_at", "pk"]
        default_permissions = ()
        permissions = [("use_waitlist", "Can use the waiting list")]
        constraints = [
            models.CheckConstraint(
                condition=Q(weekdays__gte=1, weekdays__lte=EVERY_DAY, parts__gte=1, parts__lte=ANY_PART),
                name="waitlist_some_time_suits",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, outcome="")
                | Q(ended_at__isnull=False, outcome__in=["booked", "left", "over"]),
                name="waitlist_ends_with_an_outcome",
            ),
            # whoever waits for anybody of a department has no doctor here: there the service alone sees to it
            models.UniqueConstraint(
                fields=["patient", "department", "doctor"], condition=Q(ended_at=None), name="waitlist_once"
            ),
        ]
        indexes = [
            models.Index(fields=["department", "joined_at"], condition=Q(ended_at=None), name="waitlist_in_turn")
        ]

    def __str__(self):
        return f"{self.patient_id}: {self.joined_at:%Y-%m-%d}"

    @property
    def days(self):
        """Weekdays that suit, as in datetime.date.weekday()."""
        return [day for day in range(7) if self.weekdays >> day & 1]

    @property
    def part_names(self):
        return [part.label for part in Part if self.parts & part]

    def suits(self, day, part):
        """Whether a local day and a part of it (a Part) suit this person."""
        return day <= self.until and self.weekdays >> day.weekday() & 1 and self.parts & part


class FreedTime(models.Model):
    """A time that became free while somebody waits for such a one: on offer until it is taken or nobody is left."""

    doctor = models.ForeignKey(Doctor, on_delete=models.PROTECT, related_name="+", verbose_name=_("doctor"))
    starts_at = models.DateTimeField(_("begins"))
    freed_at = models.DateTimeField(_("became free"), default=timezone.now)
    done_at = models.DateTimeField(_("settled"), null=True, blank=True)

    objects = ToStaffQuerySet.as_manager()

    class Meta:
        verbose_name = _("time that became free")
        verbose_name_plural = _("times that became free")
        ordering = ["starts_at", "pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["doctor", "starts_at"], condition=Q(done_at=None), name="freed_once")
        ]

    def __str__(self):
        return f"{self.doctor_id}: {self.starts_at}"


class WaitlistOfferQuerySet(models.QuerySet):
    def visible_to(self, user, patients=None):
        """The offers to those whom this person sees on the list."""
        return self.filter(entry__in=WaitlistEntry.objects.visible_to(user, patients))

    def open(self):
        """Those that wait for an answer, or whose time is over and nobody has noticed yet."""
        return self.filter(ended_at=None)

    def with_people(self):
        people = ("entry__patient__user", "entry__department", "freed__doctor__department", "freed__doctor__user")
        return self.select_related("appointment", *people)


class WaitlistOffer(models.Model):
    """A freed time is held for somebody until `expires_at`. `appointment` is the held visit, gone when it lapses."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        LAPSED = "lapsed", _("Not answered in time")

    entry = models.ForeignKey(WaitlistEntry, on_delete=models.PROTECT, related_name="offers", verbose_name=_("entry"))
    freed = models.ForeignKey(FreedTime, on_delete=models.PROTECT, related_name="offers", verbose_name=_("time"))
    appointment = models.OneToOneField(
        Appointment, on_delete=models.SET_NULL, null=True, related_name="offer", verbose_name=_("visit")
    )
    made_at = models.DateTimeField(_("made"), default=timezone.now)
    expires_at = models.DateTimeField(_("held until"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, blank=True)

    objects = WaitlistOfferQuerySet.as_manager()

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        ordering = ["-made_at", "-pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None, outcome="")
                | Q(ended_at__isnull=False, outcome__in=["accepted", "declined", "lapsed"]),
                name="offer_ends_with_an_outcome",
            ),
            models.UniqueConstraint(fields=["freed", "entry"], name="offer_once_to_each"),
            models.UniqueConstraint(fields=["freed"], condition=Q(ended_at=None), name="offer_to_one_at_a_time"),
            models.UniqueConstraint(fields=["entry"], condition=Q(ended_at=None), name="offer_one_open"),
        ]
        indexes = [models.Index(fields=["expires_at"], condition=Q(ended_at=None), name="offer_open")]

    def __str__(self):
        return f"{self.entry_id}: {self.made_at}"

    def holds(self, now):
        """Whether it can still be answered."""
        return self.ended_at is None and self.expires_at > now


class OfferLink(models.Model):
    """A link in a mail by which its reader answers an offer without signing in. Only the token's hash is kept."""

    offer = models.ForeignKey(WaitlistOffer, on_delete=models.PROTECT, related_name="links")
    account = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(_("to"), max_length=200, blank=True)
    address = models.CharField(_("address"), max_length=254, blank=True)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)

    objects = ToStaffQuerySet.as_manager()

    class Meta:
        verbose_name = _("link to an offer")
        verbose_name_plural = _("links to offers")
        default_permissions = ()

    def __str__(self):
        return f"{self.offer_id}: {self.address}"
