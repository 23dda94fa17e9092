"""Who sees patients."""

from pathlib import PurePath

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from accounts.models import Role, User
from clinic import finding
from clinic.models.departments import Department
from clinic.models.patients import Gender
from hms.lib.search import SearchField, SoundField


class DoctorQuerySet(models.QuerySet):
    def listed(self):
        """Doctors in the public directory: neither retired nor blocked, in an open department."""
        return self.filter(Q(user=None) | Q(user__is_active=True), retired_at=None, department__retired_at=None)

    def ever_listed(self):
        """Also doctors who have left: a page that somebody keeps open or bookmarked says so instead of a 404."""
        return self

    def bookable(self):
        """Listed doctors who accept patients."""
        return self.listed().filter(accepting_patients=True)

    def visible_to(self, user):
        """Everybody sees listed doctors, doctors themselves too, administrators and reception all."""
        match getattr(user, "role", None):
            case Role.ADMIN | Role.RECEPTION:
                return self
            case Role.DOCTOR:
                return self.filter(Q(pk__in=self.listed().values("pk")) | Q(user=user))
        return self.listed()

    def matching(self, text):
        """Doctors found by every word of `text`: in name, specialization, qualification, languages or department.

        Only where there are none, those whose name, specialization or department is nearly or sounds like that.
        """
        return self.filter(finding.doctors(self, text))

    def managed_by(self, user):
        """Doctors whose hours and time off this person may change: administrators all, doctors themselves."""
        match getattr(user, "role", None):
            case Role.ADMIN:
                return self
            case Role.DOCTOR:
                return self.filter(user=user)
        return self.none()


class Doctor(models.Model):
    """A practitioner who sees patients."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, null=True, blank=True, related_name="doctor")
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, related_name="doctors", verbose_name=_("department")
    )
    name = models.CharField(_("name"), max_length=200)
    specialization = models.CharField(_("specialization"), max_length=120, blank=True)
    qualification = models.CharField(_("qualification"), max_length=200, blank=True)
    experience_years = models.PositiveSmallIntegerField(
        _("years of experience"), null=True, blank=True, validators=[MaxValueValidator(80)]
    )
    fee = models.DecimalField(
        _("consultation fee"),
        max_digits=9,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("Empty: the hospital's default fee."),
    )
    gender = models.CharField(_("gender"), max_length=8, choices=Gender, default=Gender.UNKNOWN)
    phone = PhoneNumberField(_("phone"), blank=True)
    languages = models.CharField(_("languages"), max_length=200, blank=True, help_text=_("For example: English, Hindi"))
    photo = models.ImageField(_("photo"), upload_to="doctors/", blank=True)
    about = models.TextField(_("about"), max_length=4000, blank=True)
    accepting_patients = models.BooleanField(_("accepting patients"), default=True)
    created_at = models.DateTimeField(_("added"), null=True, default=timezone.now, editable=False)  # None: long ago
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True, editable=False)
    retired_reason = models.CharField(_("reason"), max_length=300, blank=True, editable=False)
    import_ref = models.CharField(max_length=80, null=True, blank=True, unique=True, editable=False)
    search = SearchField()
    sounds = SoundField()

    objects = DoctorQuerySet.as_manager()

    class Meta:
        verbose_name = _("doctor")
        verbose_name_plural = _("doctors")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(fee__isnull=True) | Q(fee__gte=0), name="doctor_fee_not_negative"),
            models.CheckConstraint(condition=Q(gender__in=Gender.values), name="doctor_gender_known"),
        ]
        indexes = [models.Index(fields=["department", "name"], name="doctor_department_name")]

    def __str__(self):
        return self.name

    def search_words(self):
        return self.name, self.specialization, self.qualification, self.languages

    def sound_words(self):
        return self.name, self.specialization

    @property
    def is_retired(self):
        return self.retired_at is not None

    @property
    def photo_url(self):
        """Where the photo is served; a new photo has a new address, so that browsers may keep it. Empty without one."""
        if not self.photo:
            return ""
        return f"{reverse('clinic:doctor-photo', args=[self.pk])}?v={PurePath(self.photo.name).stem[:12]}"
