"""Opening a chart; the standing history, allergies and medication in it."""

from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from clinic.models import Patient
from hms.lib.search import fold
from hms.lib.seen import require_unchanged
from records.errors import NotOnRecord, RecordConflict, RecordRefused
from records.models import Allergy, MedicalHistory, PrescriptionLine
from records.models.reading import ground_of
from records.services.content import today

HISTORY_FIELDS = ("illnesses", "operations", "medicines", "family", "habits", "other")


def open_chart(patient, *, by, action="chart.opened", target=None):
    """Write down that somebody opens a chart or a part of it, and why they may. Before anything of it is shown.

    Returns the Ground. Raises NotOnRecord when it cannot be written: then the chart stays closed.
    """
    ground = ground_of(by, patient)
    try:
        with transaction.atomic():
            row = patient if target is None else target
            audit.record(by, action, row, patient=patient, detail=ground.as_detail())
    except DatabaseError as error:
        raise NotOnRecord from error
    return ground


def lock_patient(patient):
    """Lock what all who write into one chart share. RecordConflict when it was merged into another one meanwhile."""
    fresh = Patient.objects.select_for_update(no_key=True, of=("self",)).get(pk=patient.pk)
    if fresh.merged_into_id:
        raise RecordConflict(_("This record has been merged with another one meanwhile. Please open that one."))
    return fresh


@transaction.atomic
def save_history(patient, *, by, seen=None, **texts):
    """Keep the patient's own words as a new row; the earlier ones stay. `seen` is the id of the row the form showed.

    Saying the same again writes nothing. Raises RecordConflict when another window was faster. Returns what now holds.
    """
    lock_patient(patient)
    current = MedicalHistory.objects.filter(patient=patient).first()
    if current and all(getattr(current, name) == texts.get(name, "") for name in HISTORY_FIELDS):
        return current
    if seen is not None and seen != (current.pk if current else 0):
        raise RecordConflict(_("Your history has been saved in another window since you opened it here."))
    history = MedicalHistory.objects.create(
        patient=patient, written_by_name=by.name[:200], **{name: texts.get(name, "") for name in HISTORY_FIELDS}
    )
    audit.record(by, "history.saved", history, patient=patient)
    return history


@transaction.atomic
def review_history(history, *, by):
    """A doctor has read this history. Raises RecordConflict when the patient has written a newer one since."""
    lock_patient(history.patient)
    current = MedicalHistory.objects.filter(patient_id=history.patient_id).first()
    if current.pk != history.pk:
        raise RecordConflict(_("The patient has just changed this history. Please read it again."))
    if current.reviewed_at is None:
        current.reviewed_at = timezone.now()
        current.reviewed_by = by.doctor
        current.save(update_fields=["reviewed_at", "reviewed_by"])
        audit.record(by, "history.reviewed", current, patient=history.patient)
    return current


@transaction.atomic
def record_allergy(patient, *, by, substance, **details):
    """Put an allergy into the chart: `details` are reaction, severity, category, noted_on."""
    lock_patient(patient)
    _require_new(patient, substance)
    allergy = Allergy.objects.create(patient=patient, substance=substance, recorded_by_name=by.name[:200], **details)
    audit.record(by, "allergy.recorded", allergy, patient=patient)
    return allergy


@transaction.atomic
def correct_allergy(allergy, *, by, substance, seen="", **details):
    """Say it better: a new row takes the old one's place, and the old one points to it.

    `seen` is what the form had shown: ChangedMeanwhile when somebody else has said it differently since.
    """
    old = _current(allergy)
    require_unchanged(old, seen, {"substance": substance} | details)
    if all(getattr(old, name) == value for name, value in ({"substance": substance} | details).items()):
        return old
    _require_new(old.patient, substance, but=old)
    new = Allergy(
        patient=old.patient, substance=substance, encounter=old.encounter, recorded_by_name=by.name[:200], **details
    )
    if substance == old.substance:
        new.system, new.code = old.system, old.code
    new.save()
    Allergy.objects.filter(pk=old.pk).update(corrected_by=new)
    audit.record(by, "allergy.corrected", new, patient=old.patient, detail={"before": old.pk})
    return new


@transaction.atomic
def end_allergy(allergy, *, by, ended_on):
    """The allergy does not hold any more from that day on."""
    old = _current(allergy)
    if old.noted_on and ended_on < old.noted_on:
        raise RecordRefused(_("An allergy cannot end before it was noted."))
    Allergy.objects.filter(pk=old.pk).update(ended_on=ended_on)
    audit.record(by, "allergy.ended", old, patient=old.patient)


@transaction.atomic
def stop_prescription(line, *, by, reason=""):
    """The patient does not take this any more. Stopping twice is stopping once."""
    patient = lock_patient(line.encounter.patient)
    stopped = PrescriptionLine.objects.filter(pk=line.pk, stopped_on=None).update(
        stopped_on=today(), stopped_by_name=by.name[:200], stopped_reason=reason[:300]
    )
    if stopped:
        audit.record(by, "prescription.stopped", line, patient=patient)


def _current(allergy):
    """The allergy locked and read again; a conflict when somebody has ended or corrected it meanwhile."""
    lock_patient(allergy.patient)
    fresh = Allergy.objects.select_related("patient", "encounter").get(pk=allergy.pk)
    if fresh.ended_on or fresh.corrected_by_id:
        raise RecordConflict(_("Somebody has just changed this allergy. Please look at the chart again."))
    return fresh


def _require_new(patient, substance, but=None):
    others = Allergy.objects.filter(patient=patient).current(today()).exclude(pk=but.pk if but else None)
    if fold(substance) in {fold(name) for name in others.values_list("substance", flat=True)}:
        raise RecordRefused(_("This allergy is in the chart already."))
