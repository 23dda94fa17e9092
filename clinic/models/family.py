"""Who acts for whom: a parent for a child, a relative for somebody who asked for it."""

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from clinic.models.care import CareRelationship
from hms.lib.kept import now

NOTICE = timedelta(days=30)  # how long before its end a guardian is told


class Kind(models.TextChoices):
    """What a guardian is to the patient."""

    PARENT = "parent", _("Parent or legal guardian of a child")
    RELATIVE = "relative", _("Relative or carer")


class Scope(models.TextChoices):
    """What a guardian may do."""

    BOOK = "book", _("Book visits only")
    READ = "read", _("Book visits and read the medical record")


class Origin(models.TextChoices):
    """How it was agreed."""

    ADDED = "added", _("The guardian registered the child")
    AGREED = "agreed", _("The patient asked, the guardian agreed")
    DESK = "desk", _("Recorded at the desk")


class GuardianshipQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Staff those of the patients they see, patients those they are one side of."""
        match getattr(user, "role", None):
            case Role.ADMIN | Role.RECEPTION:
                return self
            case Role.DOCTOR:
                return self.filter(patient__care__in=CareRelationship.objects.current().filter(doctor__user=user))
            case Role.PATIENT:
                return self.filter(Q(guardian=user) | Q(patient__user=user))
        return self.none()

    def current(self):
        """Those that hold: neither ended by somebody nor by their date."""
        return self.filter(Q(until=None) | Q(until__gt=now()), ended_at=None)

    def acting(self):
        """Those that open something: current, of a guardian who may sign in, for a patient who lives."""
        return self.current().filter(guardian__is_active=True, patient__died_on=None)

    def reading(self):
        """Those that open the medical record."""
        return self.filter(scope=Scope.READ)

    def raising(self):
        """Those in which the guardian stands in the child's place: a parent who reads the record."""
        return self.reading().filter(kind=Kind.PARENT)

    def to_announce(self, now):
        """Those that end by their date soon, of which the guardian has not been told."""
        return self.acting().filter(until__lte=now + NOTICE, announced_at=None)

    def with_people(self):
        """For lists: both sides in the same query."""
        return self.select_related("guardian", "patient__user")


class Guardianship(models.Model):
    """An account acts for a patient, from an instant until another one or (null) until somebody ends it.

    Past ones stay. What it opens is asked of these rows at each request, so ending it ends it at once.
    """

    guardian = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="guardianships", verbose_name=_("guardian")
    )
    patient = models.ForeignKey(
        "clinic.Patient", on_delete=models.PROTECT, related_name="guardianships", verbose_name=_("patient")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    scope = models.CharField(_("scope"), max_length=4, choices=Scope)
    origin = models.CharField(_("how it was agreed"), max_length=6, choices=Origin)
    note = models.CharField(_("papers seen, and why"), max_length=300, blank=True)
    since = models.DateTimeField(_("since"), default=timezone.now)
    until = models.DateTimeField(_("until"), null=True, blank=True)
    announced_at = models.DateTimeField(null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("ended by")
    )
    ended_reason = models.CharField(_("reason for the end"), max_length=300, blank=True)

    objects = GuardianshipQuerySet.as_manager()

    class Meta:
        verbose_name = _("guardianship")
        verbose_name_plural = _("guardianships")
        ordering = ["-since", "-pk"]
        default_permissions = ("view", "add", "change")
        permissions = [("have_family", "Can act for others, and let others act for them")]
        constraints = [
            models.UniqueConstraint(
                fields=["guardian", "patient"], condition=Q(ended_at=None), name="guardianship_once_per_pair"
            ),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="guardianship_kind_known"),
            models.CheckConstraint(condition=Q(scope__in=Scope.values), name="guardianship_scope_known"),
            models.CheckConstraint(condition=Q(origin__in=Origin.values), name="guardianship_origin_known"),
            models.CheckConstraint(condition=~Q(origin=Origin.DESK) | ~Q(note=""), name="guardianship_desk_has_note"),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gt=F("since")), name="guardianship_until_after_since"
            ),
            models.CheckConstraint(
                condition=~Q(kind=Kind.PARENT) | Q(until__isnull=False), name="guardianship_of_child_ends"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None, ended_reason="")
                | Q(ended_at__isnull=False, ended_at__gte=F("since")),
                name="guardianship_end_paired",
            ),
        ]
        indexes = [
            models.Index(fields=["guardian", "ended_at"], name="guardianship_guardian"),
            models.Index(fields=["patient", "ended_at"], name="guardianship_patient"),
            models.Index(fields=["until"], name="guardianship_until", condition=Q(ended_at=None)),
        ]

    def __str__(self):
        return f"{self.guardian} – {self.patient}"

    @property
    def is_current(self):
        return self.ended_at is None and (self.until is None or self.until > timezone.now())

    @property
    def reads(self):
        return self.scope == Scope.READ

    @property
    def raises(self):
        """Whether the guardian stands in the child's place: also downloads, and sees who opened the record."""
        return self.reads and self.kind == Kind.PARENT

    @property
    def last_day(self):
        """The local day on which it ends, for people: the day of majority, else the last day that was agreed."""
        return timezone.localdate(self.until) if self.kind == Kind.PARENT else day_before(self.until)


def day_before(until):
    """The last local day before an instant; None for none."""
    return timezone.localdate(until) - timedelta(days=1) if until else None


class Answer(models.TextChoices):
    """What became of a request."""

    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Taken back")
    EXPIRED = "expired", _("Not answered in time")


class GuardianRequestQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Patients those they made, and those made to the confirmed address of their account."""
        if getattr(user, "role", None) == Role.PATIENT:
            return self.filter(Q(patient__user=user) | Q(address=user.email))
        return self.none()

    def waiting(self):
        """Those that can still be answered."""
        return self.filter(answer="", expires_at__gt=timezone.now())

    def to(self, user):
        return self.filter(address=user.email).exclude(patient__user=user)


class GuardianRequest(models.Model):
    """A patient asks somebody, by e-mail address, to act for them. Answered once, by who signs in with that address.

    Whether there is such an account is neither asked nor told: the address gets a mail either way.
    """

    patient = models.ForeignKey("clinic.Patient", on_delete=models.PROTECT, related_name="guardian_requests")
    address = models.EmailField(_("e-mail address"), max_length=254)
    scope = models.CharField(_("scope"), max_length=4, choices=Scope)
    until = models.DateTimeField(_("until"), null=True, blank=True)
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    expires_at = models.DateTimeField(_("can be answered until"))
    answer = models.CharField(_("answer"), max_length=9, choices=Answer, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    objects = GuardianRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request to a guardian")
        verbose_name_plural = _("requests to guardians")
        ordering = ["-asked_at", "-pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "address"], condition=Q(answer=""), name="guardian_request_once_per_pair"
            ),
            models.CheckConstraint(condition=Q(scope__in=Scope.values), name="guardian_request_scope_known"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | Q(answer__in=Answer.values, answered_at__isnull=False),
                name="guardian_request_answer_paired",
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("asked_at")), name="guardian_request_expires_later"),
        ]
        indexes = [models.Index(fields=["address", "answer"], name="guardian_request_address")]

    def __str__(self):
        return f"{self.patient} → {self.address}"

    @property
    def last_day(self):
        return day_before(self.until)

    @property
    def is_waiting(self):
        return not self.answer and self.expires_at > timezone.now()
