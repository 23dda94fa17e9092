"""Who opened a patient's record, and why they could, in plain words for the patient."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import AuditEvent, Role
from clinic.inname import GUARDIAN
from clinic.models import Patient, PatientMerge
from hms.lib import when
from records.models import BreakGlass, ClinicalGrant, Encounter
from records.models.reading import Because

READING = {
    "chart.opened": gettext_lazy("Opened the medical record"),
    "history.opened": gettext_lazy("Opened the medical history"),
    "encounter.opened": gettext_lazy("Opened the record of a visit"),
    "visits.opened": gettext_lazy("Opened the list of visits with treatments"),
    "medicines.opened": gettext_lazy("Looked at the current medicines on the first page"),
    "break_glass.opened": gettext_lazy("Unlocked the medical record for 30 minutes"),
    "export.requested": gettext_lazy("Asked for a file with the medical history"),
    "export.downloaded": gettext_lazy("Downloaded a file with the medical history"),
    "export.listed": gettext_lazy("Took something of the medical record along in a list"),
    "copy.requested": gettext_lazy("Asked for a copy of everything held"),
    "copy.downloaded": gettext_lazy("Downloaded a copy of everything held"),
}
WRITING = {
    "encounter.drafted": gettext_lazy("Wrote on the record of a visit"),
    "encounter.signed": gettext_lazy("Signed the record of a visit"),
    "encounter.amended": gettext_lazy("Corrected the record of a visit"),
    "history.saved": gettext_lazy("Saved the medical history"),
    "history.reviewed": gettext_lazy("Read and confirmed the medical history"),
    "allergy.recorded": gettext_lazy("Recorded an allergy"),
    "allergy.corrected": gettext_lazy("Corrected an allergy"),
    "allergy.ended": gettext_lazy("Ended an allergy"),
    "prescription.stopped": gettext_lazy("Stopped a medicine"),
}
WORDS = READING | WRITING


@dataclass(frozen=True)
class Opening:
    """One act on a record: who, in which role or as guardian, when, what, why; `visit_at` where it was about one."""

    who: str
    role: str
    at: object
    what: str
    visit_at: object = None
    why: str = ""
    is_own: bool = False
    is_unusual: bool = False  # neither the patient's own nor by somebody who treats them
    is_guardian: bool = False


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


def acts_within(events, glass):
    """What a doctor did on a chart while it stood open by break-glass, among some events: the first thing first."""
    during = events.filter(patient_id=glass.patient_id, actor_id=glass.doctor.user_id, at__gte=glass.opened_at)
    return described(during.filter(at__lte=glass.closed_at).order_by("at", "pk")[:200], glass.patient)


def described(events, patient):
    """Openings for some audit events of a patient, in their order."""
    events = list(events)
    ids = [event.target_id for event in events if event.target_type == Encounter._meta.label_lower]
    visits = dict(Encounter.objects.filter(patient=patient, pk__in=ids).values_list("pk", "started_at"))
    roles, own, reasons = dict(Role.choices), accounts_of(patient), reasons_of_grants(events)
    return [
        Opening(
            who=event.actor_name,
            role=roles.get(event.actor_role, ""),
            at=event.at,
            what=WORDS[event.action],
            visit_at=visits.get(event.target_id) if event.target_type == Encounter._meta.label_lower else None,
            why=why(event, reasons),
            is_own=event.actor_id in own,
            is_unusual=event.detail.get("because") in {Because.BREAK_GLASS, Because.GRANT} or is_unlocking(event),
            is_guardian=event.detail.get("as") == GUARDIAN,
        )
        for event in events
    ]


def is_unlocking(event):
    return event.action == "break_glass.opened"


def reasons_of_grants(events):
    """{number of a grant: why it was given} for the grants that events tell of."""
    numbers = {event.detail.get("number") for event in events if event.detail.get("because") == Because.GRANT}
    return dict(ClinicalGrant.objects.filter(pk__in=numbers).values_list("pk", "reason"))


def why(event, reasons):
    """Why somebody could open a record, as the audit trail keeps it; empty for one's own and for older entries."""
    detail = event.detail
    if is_unlocking(event):
        return without_treating(detail.get("kind"))
    match detail.get("because"):
        case Because.TREATING:
            return treating(detail.get("since"))
        case Because.AUTHOR:
            return _("wrote it")
        case Because.BREAK_GLASS:
            return without_treating(detail.get("kind"))
        case Because.GRANT:
            reason = reasons.get(detail.get("number"), "")
            return _("with a permission that two administrators gave: %(reason)s") % {"reason": reason or "–"}
    return ""


def without_treating(kind):
    """The kind of reason that a doctor gave for breaking the glass."""
    if kind == BreakGlass.Kind.EMERGENCY:
        return _("in an emergency, without treating you")
    words = str(dict(BreakGlass.Kind.choices).get(kind, ""))
    return _("without treating you: %(kind)s") % {"kind": words[:1].lower() + words[1:]}


def treating(since):
    """Has treated you since a day; plainly "treats you" where none was kept."""
    if not since:
        return _("treats you")
    day = timezone.localtime(datetime.fromisoformat(since)).date()
    return _("treats you, since %(day)s") % {"day": when.day(day, timezone.localdate())}
