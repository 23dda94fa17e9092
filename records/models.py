"""What happened: encounters and what was found, prescribed and measured. Read by patients and who treats them."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from clinic.models import Doctor, Patient
from scheduling.models import Appointment


def charts_of(user):
    """Patients whose chart this person may read: one's own, or those one treats. Never by reception or administration."""
    if getattr(user, "role", None) in {Role.PATIENT, Role.DOCTOR}:
        return Patient.objects.visible_to(user)
    return Patient.objects.none()


class ChartQuerySet(models.QuerySet):
    """Clinical rows with a `patient`."""

    def visible_to(self, user):
        """Rows of the charts this person may read."""
        return self.filter(patient__in=charts_of(user))


class EncounterQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Encounters of the charts one may read; patients read signed ones; doctors keep what they wrote themselves."""
        match getattr(user, "role", None):
            case Role.PATIENT:
                return self.filter(patient__in=charts_of(user)).exclude(signed_at=None)
            case Role.DOCTOR:
                return self.filter(Q(patient__in=charts_of(user)) | Q(doctor__user=user))
        return self.none()


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
    signed_at = models.DateTimeField(_("signed"), null=True, blank=True)
    import_ref = models.CharField(max_length=80, null=True, blank=True, unique=True, editable=False)

    objects = EncounterQuerySet.as_manager()

    class Meta:
        verbose_name = _("encounter")
        verbose_name_plural = _("encounters")
        ordering = ["-started_at", "-pk"]
        default_permissions = ()
        permissions = [
            ("read_chart", "Can read the charts that are open to them"),
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
        return self.words


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
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    import_ref = models.CharField(max_length=80, null=True, blank=True, unique=True, editable=False)

    objects = OfEncounterQuerySet.as_manager()

    class Meta:
        verbose_name = _("prescription line")
        verbose_name_plural = _("prescription lines")
        ordering = ["pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=~Q(medicine=""), name="prescription_has_medicine"),
            models.CheckConstraint(condition=Q(system__in=CodeSystem.values), name="prescription_system_known"),
        ]

    def __str__(self):
        return self.medicine


class Vitals(models.Model):
    """One measurement or answer (FHIR: Observation), coded by LOINC where a code is known."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="vitals")
    encounter = models.ForeignKey(Encounter, on_delete=models.PROTECT, null=True, blank=True, related_name="vitals")
    measured_at = models.DateTimeField(_("measured"))
    category = models.CharField(_("category"), max_length=40, default="vital-signs")
    system = models.CharField(max_length=8, choices=CodeSystem, default=CodeSystem.LOINC)
    code = models.CharField(_("code"), max_length=20, blank=True)
    label = models.CharField(_("measurement"), max_length=400)
    number = models.DecimalField(_("value"), max_digits=16, decimal_places=6, null=True, blank=True)
    words = models.CharField(_("value in words"), max_length=500, blank=True)
    unit = models.CharField(_("unit"), max_length=40, blank=True)
    import_ref = models.CharField(max_length=80, null=True, blank=True, unique=True, editable=False)

    objects = ChartQuerySet.as_manager()

    class Meta:
        verbose_name = _("vitals")
        verbose_name_plural = _("vitals")
        ordering = ["-measured_at", "pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(number__isnull=False) | ~Q(words=""), name="vitals_has_value"),
            models.CheckConstraint(condition=Q(system__in=CodeSystem.values), name="vitals_system_known"),
        ]
        indexes = [models.Index(fields=["patient", "code", "-measured_at"], name="vitals_patient_code")]

    def __str__(self):
        return self.label


class Allergy(models.Model):
    """What a patient must not be given or exposed to (FHIR: AllergyIntolerance)."""

    class Severity(models.TextChoices):
        MILD = "mild", _("Mild")
        MODERATE = "moderate", _("Moderate")
        SEVERE = "severe", _("Severe")
        UNKNOWN = "unknown", _("Not known")

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="allergies")
    encounter = models.ForeignKey(Encounter, on_delete=models.PROTECT, null=True, blank=True, related_name="allergies")
    substance = models.CharField(_("substance"), max_length=300)
    system = models.CharField(max_length=8, choices=CodeSystem, default=CodeSystem.NONE)
    code = models.CharField(_("code"), max_length=20, blank=True)
    category = models.CharField(_("category"), max_length=40, blank=True)
    reaction = models.CharField(_("reaction"), max_length=500, blank=True)
    severity = models.CharField(_("severity"), max_length=8, choices=Severity, default=Severity.UNKNOWN)
    noted_on = models.DateField(_("noted"), null=True, blank=True)
    ended_on = models.DateField(_("ended"), null=True, blank=True)
    recorded_by_name = models.CharField(_("recorded by"), max_length=200, blank=True)
    import_ref = models.CharField(max_length=80, null=True, blank=True, unique=True, editable=False)

    objects = ChartQuerySet.as_manager()

    class Meta:
        verbose_name = _("allergy")
        verbose_name_plural = _("allergies")
        ordering = ["ended_on", "substance", "pk"]
        default_permissions = ()
        permissions = [("write_allergy", "Can record allergies")]
        constraints = [
            models.CheckConstraint(condition=~Q(substance=""), name="allergy_has_substance"),
            models.CheckConstraint(condition=Q(system__in=CodeSystem.values), name="allergy_system_known"),
        ]
        indexes = [models.Index(fields=["patient", "ended_on"], name="allergy_patient")]

    def __str__(self):
        return self.substance


class MedicalHistory(models.Model):
    """A patient's standing history in the patient's own words. Each saving is a new row; the newest is current."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="medical_histories")
    illnesses = models.TextField(_("illnesses, now and earlier"), max_length=5000, blank=True)
    operations = models.TextField(_("operations and hospital stays"), max_length=5000, blank=True)
    medicines = models.TextField(_("medicines taken regularly"), max_length=5000, blank=True)
    family = models.TextField(_("illnesses in the family"), max_length=5000, blank=True)
    habits = models.TextField(_("smoking, alcohol, exercise"), max_length=5000, blank=True)
    other = models.TextField(_("anything else the doctor should know"), max_length=5000, blank=True)
    written_at = models.DateTimeField(_("written"), default=timezone.now)
    written_by_name = models.CharField(_("by"), max_length=200)
    reviewed_at = models.DateTimeField(_("reviewed"), null=True, blank=True)
    reviewed_by = models.ForeignKey(Doctor, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = ChartQuerySet.as_manager()

    class Meta:
        verbose_name = _("medical history")
        verbose_name_plural = _("medical histories")
        ordering = ["-written_at", "-pk"]
        default_permissions = ()
        permissions = [
            ("write_history", "Can write their own medical history"),
            ("review_history", "Can review a patient's medical history"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(reviewed_at=None, reviewed_by=None)
                | Q(reviewed_at__isnull=False, reviewed_by__isnull=False),
                name="history_review_paired",
            )
        ]
        indexes = [models.Index(fields=["patient", "-written_at"], name="history_patient")]

    def __str__(self):
        return f"{self.patient_id} {self.written_at:%Y-%m-%d}"


class ExportQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own exports alone, whatever the role."""
        return self.filter(owner=user) if getattr(user, "pk", None) else self.none()


class Export(models.Model):
    """A file that a worker makes for one person: what, how far, where, until when."""

    class Kind(models.TextChoices):
        HISTORY = "history", _("Medical history")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")
        EXPIRED = "expired", _("Expired")

    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="exports")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    rows_done = models.PositiveIntegerField(default=0)
    rows_total = models.PositiveIntegerField(null=True, blank=True)
    file_name = models.CharField(max_length=80, blank=True)
    error = models.CharField(max_length=300, blank=True)
    requested_at = models.DateTimeField(_("requested"), default=timezone.now)
    claimed_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-requested_at", "-pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running", "ready", "failed", "expired"]), name="export_state_known"
            )
        ]
        indexes = [
            models.Index(fields=["owner", "-requested_at"], name="export_owner"),
            models.Index(fields=["state", "requested_at"], name="export_state"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.pk}"
