"""Who opened a patient's record, in plain words for the patient."""

from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEvent, Role
from clinic.models import Patient, PatientMerge
from records.models import Encounter

READING = {
    "chart.opened": _("Opened the medical record"),
    "history.opened": _("Opened the medical history"),
    "encounter.opened": _("Opened the record of a visit"),
    "visits.opened": _("Opened the list of visits with treatments"),
    "export.requested": _("Asked for a file with the medical history"),
    "export.downloaded": _("Downloaded a file with the medical history"),
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
    """The audit events that tell of this patient's record, the latest first; the patient's own only when asked for.

    Events are never rewritten. So those of a record that was merged into this one count, and, where a merge was undone,
    those of the other patient for as long as both were one.
    """
    mine = Q(patient_id=patient.pk) | Q(patient_id__in=patient.absorbed.values("pk"))
    for other, since, until in times_as_one(patient):
        mine |= Q(patient_id=other, at__gte=since, at__lt=until)
    events = AuditEvent.objects.filter(mine, action__in=WORDS)
    return events if own else events.exclude(actor_id__in=accounts_of(patient))


def times_as_one(patient):
    """(the other patient's id, from, until) of merges into another record that were undone."""
    undone = PatientMerge.objects.filter(absorbed=patient, undone_at__isnull=False)
    return undone.values_list("survivor_id", "merged_at", "undone_at")


def accounts_of(patient):
    """The ids of the accounts that are the patient's own, those closed by a merge too."""
    theirs = Patient.objects.filter(Q(pk=patient.pk) | Q(merged_into=patient), user__isnull=False)
    return theirs.order_by().values_list("user_id", flat=True)


def described(events, patient):
    """Openings for some audit events of a patient, in their order."""
    ids = [event.target_id for event in events if event.target_type == Encounter._meta.label_lower]
    visits = dict(Encounter.objects.filter(patient=patient, pk__in=ids).values_list("pk", "started_at"))
    roles, own = dict(Role.choices), set(accounts_of(patient))
    return [
        Opening(
            who=event.actor_name,
            role=roles.get(event.actor_role, ""),
            at=event.at,
            what=WORDS[event.action],
            visit_at=visits.get(event.target_id) if event.target_type == Encounter._meta.label_lower else None,
            is_own=event.actor_id in own,
        )
        for event in events
    ]
