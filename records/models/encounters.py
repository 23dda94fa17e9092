"""What happened at a visit: what was found and what was prescribed."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from clinic.models import Doctor, Guardianship, Patient
from hms.lib.search import SearchField
from records.models import reading
from scheduling.models import Appointment


def charts_of(user):
    """Patients whose chart this person may read: one's own and those one reads for; for staff reading.opened_to."""
    if getattr(user, "role", None) == Role.PATIENT:
        return Patient.objects.standing().of_family(user, Guardianship.objects.reading())
    return reading.opened_to(user)


def charts_as_own(user):
    """Charts that are one's own, or a child's whose parent reads in its place: also downloaded, openings shown."""
    return charts_of(user).of_family(user, Guardianship.objects.raising())


def charts_written_by(user):
    """Patients in whose chart this person may write: one's own, a child's without account, those one treats.

    Break-glass, grants and an adult's guardian only read.
    """
    if getattr(user, "role", None) == Role.PATIENT:
        return charts_as_own(user).filter(Q(user=user) | Q(user=None))
    return reading.treated_by(user)


def charts_exported_by(user):
    """Patients whose chart may leave as a file: one's own, a child's, those one treats, those a grant says so of.

    An adult's guardian reads and takes nothing away.
    """
    if getattr(user, "role", None) == Role.PATIENT:
        return charts_as_own(user)
    treated, granted = reading.treated_by(user), reading.granted_to(user, exporting=True)
    return Patient.objects.filter(Q(pk__in=treated.order_by().values("pk")) | Q(pk__in=granted.order_by().values("pk")))


class EncounterQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Signed encounters of the charts one may read; doctors keep what they wrote themselves, drafts too."""
        readable = Q(patient__in=charts_of(user), signed_at__isnull=False)
        return self.filter(readable | Q(doctor__user=user) if getattr(user, "role", None) == Role.DOCTOR else readable)

    def written_by(self, user):
        """What this doctor wrote, drafts too."""
        return self.filter(doctor__user=user) if getattr(user, "role", None) == Role.DOCTOR else self.none()

    def signed(self):
        """Those that stand: a draft is nobody's but its author's."""
        return self.filter(signed_at__isnull=False)

    def with_content(self):
        """For pages that show whole encounters: everything below them in a fixed number of queries."""
        return self.select_related("patient", "doctor__department", "appointment__department").prefetch_related(
            "diagnoses", "prescriptions", "vitals"
        )


class Encounter(models.Model):
    """What happened at one visit. Signed once; amended afterwards, with the earlier text kept in EncounterVersion."""

    appointment = models.OneToOneField(
        Appointment, on_delete=models.PROTECT, null=True, blank=True, related_name="encounter"
    )
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="encounters")
    doctor = models.ForeignKey(Doctor, on_delete=models.PROTECT, null=True, blank=True, related_name="encounters")
    started_at = models.DateTimeField(_("began"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=20, blank=True)
    complaint = models.TextField(_("complaint"), max_length=5000, blank=True)
    notes = models.TextField(_("notes"), max_length=20000, blank=True)
    next_visit_on = models.DateField(_("next visit"), null=True, blank=True)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    saves = models.PositiveIntegerField(default=0, editable=False)  # a form that has seen an older number is refused
    signed_at = models.DateTimeField(_("signed"), null=True, blank=True)
    import_ref = models.CharField(max_length=80, null=True, blank=True, unique=True, editable=False)
    search = SearchField()

    objects = EncounterQuerySet.as_manager()

    class Meta:
        verbose_name = _("encounter")
        verbose_name_plural = _("encounters")
        ordering = ["-started_at", "-pk"]
        default_permissions = ()
        permissions = [
            ("read_chart", "Can read the charts that are open to them"),
            ("read_visits", "Can read their own visits with what was found and prescribed"),
            ("write_encounter", "Can write and sign encounters"),
            ("export_history", "Can export the charts that are open to them"),
            ("read_openings", "Can see who opened their own chart"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")), name="encounter_end_after_start"
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "-started_at"], name="encounter_patient"),
            models.Index(fields=["doctor", "-started_at"], name="encounter_doctor"),
        ]

    def __str__(self):
        return f"{self.pk}"

    def search_words(self):
        return [self.complaint]

    @property
    def is_signed(self):
        return self.signed_at is not None


class EncounterVersion(models.Model):
    """An encounter as it read before an amendment: the whole content, who amended it, when and why."""

    encounter = models.ForeignKey(Encounter, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"))
    content = models.JSONField(encoder=DjangoJSONEncoder)
    replaced_at = models.DateTimeField(_("amended"), default=timezone.now)
    replaced_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    replaced_by_name = models.CharField(_("by"), max_length=200)
    reason = models.CharField(_("reason"), max_length=300)

    class Meta:
        verbose_name = _("encounter version")
        verbose_name_plural = _("encounter versions")
        ordering = ["number"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["encounter", "number"], name="encounter_version_once")]

    def __str__(self):
        return f"{self.encounter_id} v{self.number}"


class CodeSystem(models.TextChoices):
    """Where a code comes from."""

    ICD10 = "icd10", "ICD-10"
    SNOMED = "snomed", "SNOMED CT"
    LOINC = "loinc", "LOINC"
    RXNORM = "rxnorm", "RxNorm"
    NONE = "none", _("No code")


class OfEncounterQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Rows of the encounters this person may read."""
        return self.filter(encounter__in=Encounter.objects.visible_to(user))


class Diagnosis(models.Model):
    """A condition found at an encounter: code system, code, words."""

    encounter = models.ForeignKey(Encounter, on_delete=models.PROTECT, related_name="diagnoses")
    system = models.CharField(_("code system"), max_length=8, choices=CodeSystem, default=CodeSystem.ICD10)
    code = models.CharField(_("code"), max_length=20, blank=True)
    words = models.CharField(_("diagnosis"), max_length=300)
    onset_on = models.DateField(_("since"), null=True, blank=True)
    resolved_on = models.DateField(_("until"), null=True, blank=True)
    import_ref = models.CharField(max_length=80, null=True, blank=True, unique=True, editable=False)
    search = SearchField()

    objects = OfEncounterQuerySet.as_manager()

    class Meta:
        verbose_name = _("diagnosis")
        verbose_name_plural = _("diagnoses")
        ordering = ["pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(system__in=CodeSystem.values), name="diagnosis_system_known"),
            models.CheckConstraint(condition=~Q(words=""), name="diagnosis_has_words"),
        ]
        indexes = [models.Index(fields=["system", "code"], name="diagnosis_code")]

    def __str__(self):
        return f"{self.pk}"  # never the words: labels travel into logs and the audit trail

    def search_words(self):
        return [self.words, self.code]


class PrescriptionLine(models.Model):
    """One medicine prescribed at an encounter."""

    encounter = models.ForeignKey(Encounter, on_delete=models.PROTECT, related_name="prescriptions")
    medicine = models.CharField(_("medicine"), max_length=300)
    system = models.CharField(_("code system"), max_length=8, choices=CodeSystem, default=CodeSystem.NONE)
    code = models.CharField(_("code"), max_length=20, blank=True)
    dose = models.CharField(_("dose"), max_length=100, blank=True)
    route = models.CharField(_("route"), max_length=60, blank=True)
    frequency = models.CharField(_("frequency"), max_length=100, blank=True)
    duration = models.CharField(_("duration"), max_length=100, blank=True)
    instructions = models.CharField(_("instructions"), max_length=500, blank=True)
    override_reason = models.CharField(_("reason in spite of an allergy"), max_length=300, blank=True)
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    stopped_on = models.DateField(_("stopped"), null=True, blank=True)
    stopped_by_name = models.CharField(_("stopped by"), max_length=200, blank=True)
    stopped_reason = models.CharField(_("reason for stopping"), max_length=300, blank=True)
    import_ref = models.CharField(max_length=80, null=True, blank=True, unique=True, editable=False)
    search = SearchField()

    objects = OfEncounterQuerySet.as_manager()

    class Meta:
        verbose_name = _("prescription line")
        verbose_name_plural = _("prescription lines")
        ordering = ["pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=~Q(medicine=""), name="prescription_has_medicine"),
            models.CheckConstraint(condition=Q(system__in=CodeSystem.values), name="prescription_system_known"),
            models.CheckConstraint(
                condition=Q(stopped_on=None, stopped_by_name="")
                | (Q(stopped_on__isnull=False) & ~Q(stopped_by_name="")),
                name="prescription_stop_paired",
            ),
        ]

    def __str__(self):
        return f"{self.pk}"

    def search_words(self):
        return [self.medicine]

    def is_current(self, today):
        """Whether it is to be taken on that day, as far as is known: neither run out nor stopped."""
        return self.stopped_on is None and (self.ends_on is None or self.ends_on >= today)
