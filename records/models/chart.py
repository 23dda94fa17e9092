"""What belongs to the patient rather than to one visit: measurements, allergies, the standing history."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.models import Doctor, Patient
from records.models.encounters import CodeSystem, Encounter, charts_of


class ChartQuerySet(models.QuerySet):
    """Clinical rows with a `patient`."""

    def visible_to(self, user):
        """Rows of the charts this person may read."""
        return self.filter(patient__in=charts_of(user))


class VitalsQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Measurements of the charts one may read, except those of somebody else's unsigned draft."""
        of_draft = Q(encounter__isnull=False, encounter__signed_at=None)
        return self.filter(patient__in=charts_of(user)).exclude(of_draft & ~Q(encounter__doctor__user=user))


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

    objects = VitalsQuerySet.as_manager()

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
        return f"{self.pk}"


class AllergyQuerySet(ChartQuerySet):
    def current(self, today):
        """Allergies that hold on that day: neither ended before it nor corrected by a later entry."""
        return self.filter(Q(ended_on=None) | Q(ended_on__gt=today), corrected_by=None)


class Allergy(models.Model):
    """What a patient must not be given or exposed to (FHIR: AllergyIntolerance).

    A correction is a new row; the old one points to it.
    """

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
    corrected_by = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrects"
    )
    recorded_by_name = models.CharField(_("recorded by"), max_length=200, blank=True)
    import_ref = models.CharField(max_length=80, null=True, blank=True, unique=True, editable=False)

    objects = AllergyQuerySet.as_manager()

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
        return f"{self.pk}"


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

    @property
    def said(self):
        """[(what, text)] of the parts that say something."""
        parts = ("illnesses", "operations", "medicines", "family", "habits", "other")
        return [(self._meta.get_field(name).verbose_name, getattr(self, name)) for name in parts if getattr(self, name)]
