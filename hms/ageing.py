"""What makes kept pages old: every change of a row that stands on them, whoever writes it, however it is written.

Two nets, so that no service has to think of it. Rows that are saved or deleted one by one tell so themselves, also from
the admin site or a shell (the one place where Django's signals are used). What services write past these (`update()`,
`bulk_create()`) tells through the audit trail, where they put it on record. Only loaders of many rows, who do neither,
call `cached.after_commit` themselves. (docs/decisions/0022)
"""

from django.db.models.signals import post_delete, post_save

from accounts import audit
from accounts.models import Role, User
from clinic import topics
from clinic.models import Department, Doctor, Patient, PatientMerge
from hms.lib import cached
from records.models import Allergy, Diagnosis, Encounter, MedicalHistory, PrescriptionLine, Vitals
from scheduling.models import Appointment

# {model: the ids of the patients on whose pages its row stands}
SHOWN = {
    Patient: lambda row: (row.pk, row.merged_into_id),
    PatientMerge: lambda row: (row.survivor_id, row.absorbed_id),
    Appointment: lambda row: (row.patient_id,),
    Encounter: lambda row: (row.patient_id,),
    Diagnosis: lambda row: (row.encounter.patient_id,),
    PrescriptionLine: lambda row: (row.encounter.patient_id,),
    Vitals: lambda row: (row.patient_id,),
    Allergy: lambda row: (row.patient_id,),
    MedicalHistory: lambda row: (row.patient_id,),
}
_RIGHT = "a right: the database is asked for it with every request"
_ELSEWHERE = "stands on no page that is kept"
_COMING = "about visits to come, which are never kept"
# {model with a patient, directly or through one other row: why its rows make nothing old}
NOT_SHOWN = {
    "clinic.CareRelationship": _RIGHT,
    "clinic.Guardianship": _RIGHT,
    "records.BreakGlass": _RIGHT,
    "records.ClinicalGrant": _RIGHT,
    "clinic.Claim": _ELSEWHERE,
    "clinic.DuplicatePair": _ELSEWHERE,
    "clinic.GuardianRequest": _ELSEWHERE,
    "records.EncounterVersion": _ELSEWHERE,
    "records.Export": _ELSEWHERE,
    "scheduling.AppointmentEvent": _ELSEWHERE,
    "records.FirstVisit": "counted from visits, which tell themselves",
    "scheduling.PhoneCall": _COMING,
    "scheduling.Proposal": _COMING,
    "scheduling.VisitLink": _COMING,
    "scheduling.WaitlistEntry": _COMING,
    "scheduling.WaitlistOffer": _COMING,
}


def register():
    """For AppConfig.ready()."""
    for model in SHOWN:
        _watch(model, _row_of_patients)
    for model in (Department, Doctor):
        _watch(model, _row_of_clinic)
    post_save.connect(_account, sender=User, dispatch_uid="hms.ageing")
    audit.tell(_on_record)


def _watch(model, receiver):
    for signal in (post_save, post_delete):
        signal.connect(receiver, sender=model, dispatch_uid="hms.ageing")


def of_patients(*ids):
    """What is kept of these patients is old once the transaction has committed."""
    if named := {topics.patient(pk) for pk in ids if pk}:
        cached.after_commit(*named)


def _row_of_patients(sender, instance, **_):
    of_patients(*SHOWN[sender](instance))


def _row_of_clinic(**_):
    cached.after_commit(topics.CLINIC)


def _account(instance, update_fields=None, **_):
    """A doctor who is blocked is listed no more. Signing in changes nothing."""
    if instance.role == Role.DOCTOR and (update_fields is None or "is_active" in update_fields):
        cached.after_commit(topics.CLINIC)


def _on_record(event):
    if not event.action.endswith(audit.READING):
        of_patients(event.patient_id, event.target_type == Patient._meta.label_lower and event.target_id)
