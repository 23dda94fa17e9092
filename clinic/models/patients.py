"""Who is treated here."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, When
from django.db.models.functions import Coalesce, Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from accounts.models import Role, User
from clinic import finding
from clinic.models.care import CareRelationship
from clinic.models.family import Guardianship
from hms.lib.search import SearchField, SoundField

OLDEST = 130  # years; nobody has been that old


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


class PatientQuerySet(models.QuerySet):
    def matching(self, text):
        """Patients whom a line of text means, and after them some whose names are nearly or sound like that.

        By patient number, or by all that the line holds: words of name and e-mail address, date of birth, telephone
        number. A number whose record was merged finds who stands for it now.
        """
        meant, nearly = finding.people(self, text)
        if not nearly:
            return self.filter(meant)
        likeness = Case(*(When(pk=pk, then=place) for place, pk in enumerate(nearly, start=1)), default=0)
        return self.filter(meant | Q(pk__in=nearly)).order_by(likeness, "name", "pk")

    def meant_by(self, text):
        """Whom a line of text means; where it means nobody, those of nearly such a name. For narrowing other rows."""
        meant, nearly = finding.people(self, text, only_if_needed=True)
        return self.filter(Q(pk__in=nearly) if nearly else meant)

    def standing(self):
        """Those whose record was not merged into another one."""
        return self.filter(merged_into=None)

    def standing_for(self, **which):
        """The patients whom this names (pk=… or number=…), and those into whom they were merged."""
        return self.filter(finding.standing_for(self.model, **which))

    def merged_ids(self, user_id, patient_id):
        """(query of account ids, query of patient ids) that were merged into a person's account and record."""
        absorbed = self.order_by().exclude(merged_into=None)
        accounts = absorbed.filter(merged_into__user=user_id, user__isnull=False)
        return accounts.values("user"), absorbed.filter(merged_into=patient_id).values("pk")

    def survivors(self, user_ids, patient_ids):
        """Those of these accounts and patients into whom others were merged: ("user", id) and ("patient", id)."""
        into = Q(merged_into__user__in=user_ids) | Q(merged_into__in=patient_ids)
        rows = self.order_by().filter(into).values_list("merged_into__user", "merged_into")
        return [pair for user, patient in rows for pair in (("user", user), ("patient", patient))]

    def with_mail(self):
        """With `mail`: where mail for a person goes, in small letters; empty when nowhere."""
        return self.annotate(mail=Lower(Coalesce("user__email", "email")))

    def sharing(self, *, birth_date, phone="", email=""):
        """Those who share a date of birth, a telephone number or an e-mail address: the ones worth comparing."""
        shared = Q(birth_date=birth_date)
        if phone:
            shared |= Q(phone=phone)
        if email:
            shared |= Q(mail=email.strip().lower())
        return self.standing().with_mail().filter(shared)

    def treated_by(self, user):
        """Patients with a care relationship to this doctor that has not ended."""
        current = CareRelationship.objects.current().filter(doctor__user=user, patient=OuterRef("pk"))
        return self.filter(Exists(current))

    def visible_to(self, user):
        """Patients whose name and contact data this person may see. (Charts: records narrows further.)

        Who was merged into another one is nobody's to see: the other one stands for both.
        """
        match getattr(user, "role", None):
            case Role.ADMIN | Role.RECEPTION:
                return self.standing()
            case Role.DOCTOR:
                return self.standing().treated_by(user)
            case Role.PATIENT:
                return self.standing().of_family(user)
        return self.none()

    def of_family(self, user, guardianships=None):
        """A person's own row and those they act for now; `guardianships` narrows to some kinds of acting."""
        acting = (Guardianship.objects if guardianships is None else guardianships).acting().filter(guardian=user)
        own = Patient.objects.order_by().filter(user=user).values("pk")
        return self.filter(pk__in=own.union(acting.order_by().values("patient")))


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
    left_at = models.DateTimeField(_("left"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("registered"), default=timezone.now, editable=False)
    import_ref = models.CharField(max_length=80, null=True, blank=True, unique=True, editable=False)
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="absorbed", editable=False
    )
    search = SearchField()
    sounds = SoundField()

    objects = PatientQuerySet.as_manager()

    class Meta:
        verbose_name = _("patient")
        verbose_name_plural = _("patients")
        ordering = ["name", "pk"]
        default_permissions = ("add", "change", "view")
        permissions = [
            ("merge_patient", "Can merge the records of one person"),
            ("close_patient", "Can close a patient's account and remove contact data on request"),
            ("close_own_account", "Can close their own account"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="patient_not_merged_into_itself"),
            models.CheckConstraint(condition=Q(gender__in=Gender.values), name="patient_gender_known"),
            models.CheckConstraint(
                condition=Q(blood_group="") | Q(blood_group__in=BloodGroup.values), name="patient_blood_group_known"
            ),
        ]
        indexes = [
            models.Index(fields=["name", "birth_date"], name="patient_name_birth_date"),
            models.Index(fields=["phone"], name="patient_phone"),
            models.Index(fields=["birth_date"], name="patient_birth_date"),
            models.Index(fields=["created_at"], name="patient_registered", condition=Q(merged_into=None)),
        ]

    def __str__(self):
        return self.name

    def search_words(self):
        return self.name, self.number, self.number.replace("-", ""), self.email

    def sound_words(self):
        return (self.name,)

    @property
    def contact_email(self):
        """Where mail for this person goes: the account's address, else the one reception wrote down."""
        return self.user.email if self.user_id else self.email
