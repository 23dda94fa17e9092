"""Who treats whom."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hms.lib.kept import now


class CareRelationshipQuerySet(models.QuerySet):
    def current(self):
        """Those that have not ended: open, or running until a later instant."""
        return self.filter(Q(until=None) | Q(until__gt=now()))


class CareRelationship(models.Model):
    """A doctor treats a patient, until an instant or (null) as long as a visit is planned.

    Written by scheduling's services alone, in the transaction of the visit that opens, extends or closes it.
    """

    doctor = models.ForeignKey("clinic.Doctor", on_delete=models.PROTECT, related_name="care")
    patient = models.ForeignKey("clinic.Patient", on_delete=models.PROTECT, related_name="care")
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
