"""Who opened a patient's record, in plain words for the patient."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEvent, Role
from records.models import Encounter

READING = {
    "chart.opened": _("Opened the medical record"),
    "history.opened": _("Opened the medical history"),
    "encounter.opened": _("Opened the record of a visit"),
    "visits.opened": _("Opened the list of visits with treatments"),
    "export.requested": _("Asked for a file with the medical history"),
    "export.downloaded": _("Downloaded a file with the medical history"),
    "copy.requested": _("Asked for a copy of everything held"),
    "copy.downloaded": _("Downloaded a copy of everything held"),
}
WRITING = {
    "encounter.drafted": _("Wrote on the record of a visit"),
    "encounter.signed": _("Signed the record of a visit"),
    "encounter.amended": _("Corrected the record of a visit"),
    "history.saved": _("Saved the medical history"),
    "history.reviewed": _("Read and confirmed the medical history"),
    "allergy.recorded": _("Recorded an allergy"),
    "allergy.corrected": _("Corrected an allergy"),
    "allergy.ended": _("Ended an allergy"),
    "prescription.stopped": _("Stopped a medicine"),
}
WORDS = READING | WRITING


@dataclass(frozen=True)
class Opening:
    """One act on a record: who, in which role, when, what; `visit_at` where it was about one visit."""

    who: str
    role: str
    at: object
    what: str
    visit_at: object = None
    is_own: bool = False


def of_patient(patient, *, own=False):
    """The audit events that tell of this patient's record, the latest first; the patient's own only when asked for."""
    events = AuditEvent.objects.filter(patient_id=patient.pk, action__in=WORDS)
    return events if own or patient.user_id is None else events.exclude(actor_id=patient.user_id)


def described(events, patient):
    """Openings for some audit events of a patient, in their order."""
    ids = [event.target_id for event in events if event.target_type == Encounter._meta.label_lower]
    visits = dict(Encounter.objects.filter(patient=patient, pk__in=ids).values_list("pk", "started_at"))
    roles = dict(Role.choices)
    return [
        Opening(
            who=event.actor_name,
            role=roles.get(event.actor_role, ""),
            at=event.at,
            what=WORDS[event.action],
            visit_at=visits.get(event.target_id) if event.target_type == Encounter._meta.label_lower else None,
            is_own=patient.user_id is not None and event.actor_id == patient.user_id,
        )
        for event in events
    ]
