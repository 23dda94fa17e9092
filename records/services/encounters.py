"""Writing, signing and amending what happened at a visit."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from records import notices
from records.allergens import meets
from records.errors import AllergyConflict, RecordConflict, RecordRefused
from records.models import Allergy, Encounter, EncounterVersion
from records.services import content as contents
from records.services.chart import lock_patient
from scheduling.models import PLANNED, Appointment, Status
from scheduling.services import complete, guard


@transaction.atomic
def save_draft(appointment, *, by, seen=None, **content):
    """Keep what a doctor has written so far; nobody else reads it. `seen` is the number of savings the form knew of.

    Raises RecordConflict when another window was faster, unless it says the same. Returns the Encounter.
    """
    wanted = contents.normal(**content)
    encounter = _locked(appointment, by)
    if contents.is_same(contents.content_of(encounter), wanted) and encounter.saves:
        return encounter
    _require_unsigned(encounter)
    _require_seen(encounter, seen)
    contents.write(encounter, wanted)
    audit.record(by, "encounter.drafted", encounter, patient=encounter.patient)
    return encounter


@transaction.atomic
def sign_encounter(appointment, *, by, seen=None, **content):
    """Write the record of a visit for good and complete the visit, both or neither.

    The content is what `content.normal` takes: complaint, notes, diagnoses, prescriptions, vitals, next_visit_on.
    Signing the same a second time is signing once. Raises AllergyConflict when a medicine meets an allergy and its
    line gives no reason; RecordConflict when another window was faster; BookingRefused when the visit cannot be
    completed (cancelled, still to come). Returns the Encounter.
    """
    wanted = contents.normal(**content)
    encounter = _locked(appointment, by)
    same = contents.is_same(contents.content_of(encounter), wanted)
    if encounter.is_signed and same:
        return encounter
    _require_unsigned(encounter)
    if not same:
        _require_seen(encounter, seen)
    _require_no_allergy(encounter.patient, wanted["prescriptions"])
    encounter.signed_at = timezone.now()
    contents.write(encounter, wanted)
    if encounter.appointment.status != Status.COMPLETED:
        complete(encounter.appointment, by=by)
    audit.record(by, "encounter.signed", encounter, patient=encounter.patient)
    notices.summary_ready(encounter)
    return encounter


@transaction.atomic
def amend_encounter(encounter, *, by, reason, seen=None, **content):
    """Replace what a signed record says; how it read before is kept whole, with who, when and why."""
    wanted = contents.normal(**content)
    lock_patient(encounter.patient)  # before the row itself, like everybody who writes into a chart
    encounter = Encounter.objects.select_for_update(of=("self",)).select_related("appointment").get(pk=encounter.pk)
    _require_author(encounter.doctor, by)
    require_amendable(encounter)
    before = contents.content_of(encounter)
    if contents.is_same(before, wanted):
        if seen in {None, encounter.saves}:
            raise RecordRefused(_("Nothing was changed, so there is nothing to amend."))
        return encounter
    _require_seen(encounter, seen)
    _require_no_allergy(encounter.patient, wanted["prescriptions"])
    EncounterVersion.objects.create(
        encounter=encounter,
        number=encounter.version,
        content=before,
        replaced_by=by,
        replaced_by_name=by.name[:200],
        reason=reason,
    )
    encounter.version += 1
    contents.write(encounter, wanted)
    audit.record(by, "encounter.amended", encounter, patient=encounter.patient, detail={"version": encounter.version})
    notices.summary_amended(encounter)
    return encounter


def allergy_conflicts(patient, lines):
    """{index of a prescription line: the patient's allergens it meets}, without lines that give a reason."""
    allergies = Allergy.objects.filter(patient=patient).current(contents.today())
    substances = list(allergies.values_list("substance", flat=True))
    found = {
        index: meets(line["medicine"], substances)
        for index, line in enumerate(lines)
        if not line.get("override_reason", "").strip()
    }
    return {index: met for index, met in found.items() if met}


def require_amendable(encounter):
    """What is not signed yet is simply written on; what came from elsewhere stays as it came."""
    if not encounter.is_signed:
        raise RecordRefused(_("This record is not signed yet, so it can still be changed without an amendment."))
    if encounter.import_ref is not None:
        raise RecordRefused(_("This record came from another system. It can be corrected there, not here."))


def _locked(appointment, by):
    """The encounter of a visit, made when there is none yet, locked and read again; the people of the visit first."""
    appointment = Appointment.objects.select_related("doctor", "patient").get(pk=appointment.pk)
    _require_author(appointment.doctor, by)
    guard.lock_visit(appointment)
    if appointment.status not in {*PLANNED, Status.COMPLETED} - {Status.HELD}:
        raise RecordConflict(
            _("This visit stands at “%(status)s”, so no record can be written for it.")
            % {"status": appointment.get_status_display()}
        )
    first = {
        "patient_id": appointment.patient_id,
        "doctor_id": appointment.doctor_id,
        "started_at": appointment.starts_at,
    }
    made, _created = Encounter.objects.get_or_create(appointment=appointment, defaults=first)
    return Encounter.objects.select_for_update(of=("self",)).select_related("appointment", "patient").get(pk=made.pk)


def _require_author(doctor, by):
    """The views have asked before: this is for whoever calls a service some other way."""
    if doctor is None or doctor.user_id != by.pk or not by.has_perm("records.write_encounter"):
        raise PermissionDenied


def _require_unsigned(encounter):
    if encounter.is_signed:
        raise RecordConflict(_("This record has already been signed. To change it, amend it."))


def _require_seen(encounter, seen):
    """Compare and set: who has not seen the latest saving would overwrite it unread."""
    if seen is not None and seen != encounter.saves:
        raise RecordConflict(_("This record has been saved in another window since you opened it here."))


def _require_no_allergy(patient, lines):
    if conflicts := allergy_conflicts(patient, lines):
        raise AllergyConflict(conflicts)
