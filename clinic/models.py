"""The hospital, its departments, its doctors and patients, and who treats whom."""

from decimal import Decimal
from pathlib import PurePath
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from accounts.models import Role, User
from clinic.numbers import as_number
from hms.lib.search import SearchField, day_in, words_in

OLDEST = 130  # years; nobody has been that old


def known_zone(name):
    """Validator: a time zone of the IANA database."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        raise ValidationError(_("No time zone has this name. An example: Europe/Berlin.")) from error


def first_zone():
    """The zone a new installation begins with."""
    return settings.TIME_ZONE


def believable_birth_date(day):
    """Validator: a day on which somebody who lives, or lived not long ago, can have been born."""
    today = timezone.localdate()
    if day > today:
        raise ValidationError(_("This day is in the future."))
    if day.year < today.year - OLDEST:
        raise ValidationError(_("This is more than %(years)d years ago.") % {"years": OLDEST})


class Gender(models.TextChoices):
    """Administrative gender, as in FHIR."""

    FEMALE = "female", _("Female")
    MALE = "male", _("Male")
    OTHER = "other", _("Other")
    UNKNOWN = "unknown", _("Not stated")


class BloodGroup(models.TextChoices):
    """ABO and Rhesus."""

    A_POS = "A+", "A+"
    A_NEG = "A-", "A−"
    B_POS = "B+", "B+"
    B_NEG = "B-", "B−"
    AB_POS = "AB+", "AB+"
    AB_NEG = "AB-", "AB−"
    O_POS = "O+", "O+"
    O_NEG = "O-", "O−"


class Hospital(models.Model):
    """The one hospital this installation serves, and its rules."""

    name = models.CharField(_("name"), max_length=120, default="HMS Hospital")
    address = models.TextField(_("address"), max_length=500, blank=True)
    phone = PhoneNumberField(_("phone"), blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    logo = models.ImageField(_("logo"), upload_to="hospital/", blank=True)
    time_zone = models.CharField(_("time zone"), max_length=60, default=first_zone, validators=[known_zone])
    currency = models.CharField(_("currency"), max_length=3, default="EUR", help_text=_("Three letters, like EUR."))
    default_fee = models.DecimalField(
        _("default consultation fee"),
        max_digits=9,
        decimal_places=2,
        default=Decimal("50.00"),
        validators=[MinValueValidator(0)],
    )
    booking_window_days = models.PositiveSmallIntegerField(
        _("booking window"),
        default=7,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
        help_text=_("How many days ahead patients may book."),
    )
    shortest_notice_minutes = models.PositiveIntegerField(
        _("shortest notice"),
        default=0,
        validators=[MaxValueValidator(60 * 24 * 30)],
        help_text=_("How many minutes before a visit patients may still book it."),
    )
    cancellation_cutoff_minutes = models.PositiveIntegerField(
        _("cancellation cut-off"),
        default=0,
        validators=[MaxValueValidator(60 * 24 * 30)],
        help_text=_("How many minutes before a visit patients may still move or cancel it."),
    )
    default_slot_minutes = models.PositiveSmallIntegerField(
        _("default slot"), default=30, validators=[MinValueValidator(5), MaxValueValidator(480)]
    )
    reminder_hours = models.PositiveSmallIntegerField(
        _("reminder"),
        default=24,
        validators=[MinValueValidator(1), MaxValueValidator(336)],
        help_text=_("How many hours before a visit the patient is reminded."),
    )

    class Meta:
        verbose_name = _("hospital")
        verbose_name_plural = _("hospital")
        default_permissions = ("view", "change")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="hospital_only_one")]

    def __str__(self):
        return self.name

    @classmethod
    def current(cls):
        """The hospital's row; a migration made it. One query: a request keeps it (HospitalZoneMiddleware)."""
        return cls.objects.get(pk=1)

    @property
    def zone(self):
        return ZoneInfo(self.time_zone)


class DepartmentQuerySet(models.QuerySet):
    def open(self):
        """Departments that still see patients: anybody may see these."""
        return self.filter(retired_at=None)

    def visible_to(self, user):
        """Everybody sees open departments, administrators the retired ones too."""
        return self if getattr(user, "role", None) == Role.ADMIN else self.open()


class Department(models.Model):
    """A part of the hospital with doctors of its own: Cardiology, Paediatrics."""

    name = models.CharField(_("name"), max_length=80)
    description = models.TextField(_("description"), max_length=2000, blank=True, help_text=_("What it treats."))
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True, editable=False)

    objects = DepartmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="department_name_once",
                violation_error_message=_("There is a department of this name already."),
            )
        ]

    def __str__(self):
        return self.name


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
        """Doctors found by every word of `text`: in name, specialization, qualification, languages or department."""
        found = self
        for word in text.split():
            found = found.filter(words_in(word) | Q(department__name__icontains=word))
        return found

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
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True, editable=False)
    retired_reason = models.CharField(_("reason"), max_length=300, blank=True, editable=False)
    import_ref = models.CharField(max_length=80, null=True, blank=True, unique=True, editable=False)
    search = SearchField()

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

    @property
    def is_retired(self):
        return self.retired_at is not None

    @property
    def photo_url(self):
        """Where the photo is served; a new photo has a new address, so that browsers may keep it. Empty without one."""
        if not self.photo:
            return ""
        return f"{reverse('clinic:doctor-photo', args=[self.pk])}?v={PurePath(self.photo.name).stem[:12]}"


class PatientQuerySet(models.QuerySet):
    def matching(self, text):
        """Patients found by number, by telephone number, or by every word of `text`: in name, e-mail, date of birth."""
        if number := as_number(text):
            return self.filter(number=number)
        digits = "".join(character for character in text if character.isdecimal())
        if len(digits) >= 5 and not text.strip("+0123456789 -/.()") and day_in(text.strip()) is None:
            return self.filter(Q(phone__contains=digits.lstrip("0")) | Q(number__contains=text.strip()))
        found = self
        for word in text.split():
            condition = words_in(word) | Q(user__email__icontains=word)
            if day := day_in(word):
                condition |= Q(birth_date=day)
            found = found.filter(condition)
        return found

    def alike(self, *, name, birth_date, phone=""):
        """Patients who may be the same person: same name and date of birth, or same telephone number."""
        same = words_in(name) & Q(birth_date=birth_date)
        return self.filter(same | Q(phone=phone) if phone else same)

    def treated_by(self, user):
        """Patients with a care relationship to this doctor that has not ended."""
        current = CareRelationship.objects.current().filter(doctor__user=user, patient=OuterRef("pk"))
        return self.filter(Exists(current))

    def visible_to(self, user):
        """Patients whose name and contact data this person may see. (Charts: records narrows further.)"""
        match getattr(user, "role", None):
            case Role.ADMIN | Role.RECEPTION:
                return self
            case Role.DOCTOR:
                return self.treated_by(user)
            case Role.PATIENT:
                return self.filter(user=user)
        return self.none()


class Patient(models.Model):
    """A person who is treated here, with or without an account."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, null=True, blank=True, related_name="patient")
    number = models.CharField(_("patient number"), max_length=12, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=200)
    birth_date = models.DateField(_("date of birth"), validators=[believable_birth_date])
    gender = models.CharField(_("gender"), max_length=8, choices=Gender, default=Gender.UNKNOWN)
    phone = PhoneNumberField(_("phone"), blank=True)
    email = models.EmailField(_("e-mail"), blank=True, help_text=_("For people without an account of their own."))
    address = models.TextField(_("address"), max_length=500, blank=True)
    blood_group = models.CharField(_("blood group"), max_length=3, choices=BloodGroup, blank=True)
    emergency_name = models.CharField(_("emergency contact"), max_length=200, blank=True)
    emergency_phone = PhoneNumberField(_("emergency contact's phone"), blank=True)
    died_on = models.DateField(_("died on"), null=True, blank=True)
    created_at = models.DateTimeField(_("registered"), default=timezone.now, editable=False)
    import_ref = models.CharField(max_length=80, null=True, blank=True, unique=True, editable=False)
    search = SearchField()

    objects = PatientQuerySet.as_manager()

    class Meta:
        verbose_name = _("patient")
        verbose_name_plural = _("patients")
        ordering = ["name", "pk"]
        default_permissions = ("add", "change", "view")
        constraints = [
            models.CheckConstraint(condition=Q(gender__in=Gender.values), name="patient_gender_known"),
            models.CheckConstraint(
                condition=Q(blood_group="") | Q(blood_group__in=BloodGroup.values), name="patient_blood_group_known"
            ),
        ]
        indexes = [
            models.Index(fields=["name", "birth_date"], name="patient_name_birth_date"),
            models.Index(fields=["phone"], name="patient_phone"),
        ]

    def __str__(self):
        return self.name

    def search_words(self):
        return self.name, self.number, self.number.replace("-", ""), self.email

    @property
    def contact_email(self):
        """Where mail for this person goes: the account's address, else the one reception wrote down."""
        return self.user.email if self.user_id else self.email


class CareRelationshipQuerySet(models.QuerySet):
    def current(self):
        """Those that have not ended: open, or running until a later instant."""
        return self.filter(Q(until=None) | Q(until__gt=timezone.now()))


class CareRelationship(models.Model):
    """A doctor treats a patient, until an instant or (null) as long as a visit is planned.

    Written by scheduling's services alone, in the transaction of the visit that opens, extends or closes it.
    """

    doctor = models.ForeignKey(Doctor, on_delete=models.PROTECT, related_name="care")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="care")
    since = models.DateTimeField(_("since"), default=timezone.now)
    until = models.DateTimeField(_("until"), null=True, blank=True)

    objects = CareRelationshipQuerySet.as_manager()

    class Meta:
        verbose_name = _("care relationship")
        verbose_name_plural = _("care relationships")
        default_permissions = ("view",)
        constraints = [models.UniqueConstraint(fields=["doctor", "patient"], name="care_once_per_pair")]
        indexes = [models.Index(fields=["patient", "doctor", "until"], name="care_patient_doctor_until")]

    def __str__(self):
        return f"{self.doctor} – {self.patient}"
