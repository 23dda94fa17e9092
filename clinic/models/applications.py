"""Doctors who ask to work here."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from accounts.models import Role, User
from clinic.models.departments import Department
from clinic.models.doctors import Doctor
from hms.lib.search import SearchField, words_in


class ApplicationQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Applications whose address was confirmed: administrators see all, nobody else any."""
        if getattr(user, "role", None) == Role.ADMIN:
            return self.exclude(state=Application.State.UNCONFIRMED)
        return self.none()

    def undecided(self):
        """One address has at most one of these: not confirmed yet, or waiting for an administrator."""
        return self.filter(state__in=[Application.State.UNCONFIRMED, Application.State.WAITING])

    def waiting(self):
        """Those that an administrator has to read."""
        return self.filter(state=Application.State.WAITING)

    def confirmable(self):
        """Those whose link still confirms the address."""
        return self.filter(state=Application.State.UNCONFIRMED, expires_at__gt=timezone.now())

    def narrowed(self, q="", state=""):
        """Those that a search on the list asks for: those that wait, when no state is named."""
        found = self.filter(words_in(q))
        if state == "all":
            return found
        return found.filter(state=state or Application.State.WAITING)


class Application(models.Model):
    """Somebody who wants to work here as a doctor. Nobody reads it before the address is confirmed by a mailed link."""

    class State(models.TextChoices):
        UNCONFIRMED = "unconfirmed", _("Address not confirmed")
        WAITING = "waiting", _("Waiting")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")

    name = models.CharField(_("name"), max_length=200)
    email = models.EmailField(_("e-mail address"), max_length=254)
    phone = PhoneNumberField(_("phone"), blank=True)
    department = models.ForeignKey(
        Department, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("department")
    )
    specialization = models.CharField(_("specialization"), max_length=120)
    qualification = models.CharField(_("qualification"), max_length=200)
    experience_years = models.PositiveSmallIntegerField(_("years of experience"), validators=[MaxValueValidator(80)])
    licence = models.CharField(_("registration or licence number"), max_length=80)
    languages = models.CharField(_("languages"), max_length=200, blank=True)
    about = models.TextField(_("a few words"), max_length=2000, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.UNCONFIRMED)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("sent"), default=timezone.now)
    expires_at = models.DateTimeField(_("link expires"))
    confirmed_at = models.DateTimeField(_("address confirmed"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_by_name = models.CharField(_("decided by"), max_length=200, blank=True)
    reason = models.CharField(_("reason"), max_length=1000, blank=True)
    doctor = models.ForeignKey(Doctor, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    search = SearchField()

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        ordering = ["-created_at", "-pk"]
        default_permissions = ("view",)
        permissions = [("decide_application", "Can approve and decline doctors' applications")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["unconfirmed", "waiting", "approved", "declined"]),
                name="application_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state="unconfirmed") | Q(confirmed_at__isnull=False), name="application_read_is_confirmed"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["approved", "declined"], decided_at__isnull=False)
                | Q(state__in=["unconfirmed", "waiting"], decided_at=None),
                name="application_decision_paired",
            ),
            models.UniqueConstraint(
                fields=["email"], condition=Q(state__in=["unconfirmed", "waiting"]), name="application_one_at_a_time"
            ),
        ]
        indexes = [models.Index(fields=["state", "-created_at"], name="application_state")]

    def __str__(self):
        return self.name

    def search_words(self):
        return self.name, self.email, self.specialization, self.licence

    @property
    def is_waiting(self):
        return self.state == self.State.WAITING
