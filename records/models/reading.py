"""Why staff may read a chart: they treat the patient, broke the glass, or hold a grant. Asked with every request."""

from dataclasses import dataclass

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Role
from clinic.models import CareRelationship, Patient
from records.models.breakglass import BreakGlass
from records.models.grants import ClinicalGrant
from scheduling.models import Appointment, Status


class Because(models.TextChoices):
    """What a chart was opened for, as it stands in the audit trail."""

    OWN = "own", _("It is their own")
    TREATING = "treating", _("They treat the patient")
    GUARDIAN = "guardian", _("They act for the patient")
    AUTHOR = "author", _("They wrote it")
    BREAK_GLASS = "break_glass", _("Break-glass")
    GRANT = "grant", _("A clinical grant")


@dataclass(frozen=True)
class Ground:
    """Why a person may read a chart now. `row` is the care relationship, the break-glass or the grant behind it."""

    because: str
    row: models.Model | None = None

    @property
    def is_break_glass(self):
        return self.because == Because.BREAK_GLASS

    @property
    def is_grant(self):
        return self.because == Because.GRANT

    @property
    def seconds_left(self):
        """Whole seconds until the chart closes; None where no clock runs."""
        if not (self.is_break_glass or self.is_grant):
            return None
        return max(0, int((self.row.until - timezone.now()).total_seconds()))

    def as_detail(self):
        """For the audit trail, in plain values."""
        match self.because:
            case Because.TREATING:
                return {"because": str(self.because), "since": self.row.since.isoformat(timespec="minutes")}
            case Because.BREAK_GLASS:
                return {"because": str(self.because), "number": self.row.pk, "kind": str(self.row.kind)}
            case Because.GRANT:
                return {"because": str(self.because), "number": self.row.pk}
        return {"because": str(self.because)}


def treated_by(user):
    """Patients whom a doctor treats."""
    return Patient.objects.treated_by(user) if getattr(user, "role", None) == Role.DOCTOR else Patient.objects.none()


def granted_to(user, *, exporting=False):
    """Patients within the grants that a person holds at this moment; with `exporting`, those whose charts may leave."""
    grants = ClinicalGrant.objects.held_by(user)
    if exporting:
        grants = grants.filter(may_export=True)
    visits = Appointment.objects.exclude(status=Status.CANCELLED).filter(patient=OuterRef("pk"))
    return Patient.objects.filter(
        Exists(grants.filter(patient=OuterRef("pk")))
        | Exists(visits.filter(department__in=grants.filter(scope="department").values("department")))
        | Exists(grants.filter(scope="hospital"))
    )


def opened_to(user):
    """Patients whose chart a person of the hospital may read: treated, opened by break-glass, or granted."""
    granted = granted_to(user)
    if getattr(user, "role", None) != Role.DOCTOR:
        return granted
    glass = BreakGlass.objects.current().filter(doctor__user=user, patient=OuterRef("pk"))
    care = CareRelationship.objects.current().filter(doctor__user=user, patient=OuterRef("pk"))
    return Patient.objects.filter(Exists(care) | Exists(glass) | Q(pk__in=granted.order_by().values("pk")))


def ground_of(user, patient):
    """Why this person may read this chart now, the plainest reason first."""
    if patient.user_id is not None and patient.user_id == user.pk:
        return Ground(Because.OWN)
    if user.role == Role.PATIENT:
        return Ground(Because.GUARDIAN)
    is_doctor = user.role == Role.DOCTOR
    care = CareRelationship.objects.current().filter(doctor__user=user, patient=patient).first() if is_doctor else None
    if care:
        return Ground(Because.TREATING, care)
    if grant := grant_over(user, patient):
        return Ground(Because.GRANT, grant)
    glass = BreakGlass.objects.current().filter(doctor__user=user, patient=patient).first() if is_doctor else None
    return Ground(Because.BREAK_GLASS, glass) if glass else Ground(Because.AUTHOR)


def grant_over(user, patient):
    """The grant that opens this chart to this person now, the narrowest first; None when none does."""
    visits = Appointment.objects.exclude(status=Status.CANCELLED).filter(patient=patient)
    covering = Q(patient=patient) | Q(department__in=visits.order_by().values("department")) | Q(scope="hospital")
    held = ClinicalGrant.objects.held_by(user).filter(covering)
    order = list(ClinicalGrant.Scope.values)
    return min(held, key=lambda grant: order.index(grant.scope), default=None)
