"""How each kind of row is told in the JSON document: plain values under names that do not change."""

from clinic.models import Patient
from records.services.chart import HISTORY_FIELDS

ABOUT_PATIENT = (
    "number",
    "name",
    "birth_date",
    "gender",
    "phone",
    "email",
    "address",
    "blood_group",
    "emergency_name",
    "emergency_phone",
    "died_on",
    "created_at",
)


def some(row, *names):
    """These attributes of a row; telephone numbers and choices as their plain text."""
    told = {name: getattr(row, name) for name in names}
    return {name: str(value) if "phone" in name else value for name, value in told.items()}


def named(row):
    """A doctor, a department or nobody, by name."""
    return row.name if row else ""


def patient(row: Patient):
    return some(row, *ABOUT_PATIENT)


def account(user):
    address = user.emailaddress_set.filter(primary=True).first()
    confirmed = bool(address and address.verified)
    return some(user, "email", "name", "role", "date_joined", "last_login") | {"email_confirmed": confirmed}


def care(row):
    return {"doctor": row.doctor.name, "department": named(row.doctor.department), **some(row, "since", "until")}


def visit(row):
    told = some(row, "reference", "starts_at", "ends_at", "status", "reason", "fee", "overbook_reason", "created_at")
    events = [some(event, "at", "kind", "status", "starts_at", "by_name", "reason") for event in row.events.all()]
    return told | {"doctor": row.doctor.name, "department": row.department.name, "events": events}


def waiting(row):
    offers = [
        some(offer, "made_at", "expires_at", "outcome") | some(offer.freed, "starts_at") for offer in row.offers.all()
    ]
    told = some(row, "joined_at", "until", "weekdays", "parts", "ended_at", "outcome")
    return told | {"doctor": named(row.doctor), "department": row.department.name, "offers": offers}


def encounter(row):
    told = some(row, "started_at", "ended_at", "kind", "complaint", "notes", "next_visit_on", "version", "signed_at")
    return told | {
        "visit": row.appointment.reference if row.appointment else "",
        "doctor": named(row.doctor),
        "diagnoses": [diagnosis(each) for each in row.diagnoses.all()],
        "prescriptions": [prescription(each) for each in row.prescriptions.all()],
        "measurements": [measurement(each) for each in row.vitals.all()],
        "earlier_versions": [
            some(each, "number", "replaced_at", "replaced_by_name", "reason", "content") for each in row.versions.all()
        ],
    }


def diagnosis(row):
    return some(row, "system", "code", "words", "onset_on", "resolved_on")


def prescription(row):
    names = "medicine system code dose route frequency duration instructions override_reason"
    dates = "starts_on ends_on stopped_on stopped_by_name stopped_reason"
    return some(row, *names.split(), *dates.split())


def measurement(row):
    return some(row, "measured_at", "category", "system", "code", "label", "number", "words", "unit")


def allergy(row):
    names = "substance system code category reaction severity noted_on ended_on recorded_by_name"
    return some(row, *names.split()) | {"corrected": row.corrected_by_id is not None}


def history(row):
    return some(row, "written_at", "written_by_name", "reviewed_at", *HISTORY_FIELDS)


def message(row):
    """A link that signs somebody in is nobody's to read later, not even in a copy of one's own."""
    told = some(row, "created_at", "kind", "channel", "address", "subject", "state", "sent_at", "read_at")
    return told | {"text": "" if row.secret else row.text}


def message_preference(row):
    return some(row, "chosen", "chat_address", "quiet_from", "quiet_until", "language", "changed_at")


def opening(row):
    """Somebody's act on the record, as records.openings describes it."""
    told = some(row, "at", "who", "visit_at") | {"role": str(row.role), "what": str(row.what), "why": str(row.why)}
    return told | {"as_guardian": row.is_guardian}


def event(row):
    return some(row, "at", "action", "actor_name", "address", "detail")


def link(row):
    return some(row, "email", "created_at", "expires_at", "tries", "used_at", "revoked_at")


def download(row):
    return some(row, "kind", "state", "requested_at", "finished_at", "expires_at")


def grant(row):
    told = some(row, "reason", "may_export", "starts_at", "until", "confirmed_at", "revoked_at")
    return {"for": row.user.name} | told


def guardianship(row):
    names = "kind scope origin note since until ended_at ended_reason"
    return {"guardian": row.guardian.name, "patient": row.patient.name, **some(row, *names.split())}


def guardian_request(row):
    names = "address scope until asked_at expires_at answer answered_at"
    return {"patient": row.patient.name, **some(row, *names.split())}


def consent(row):
    told = {"kind": row.text.kind, "version": row.text.number, "text": row.text.text}
    return told | some(row, "given", "at", "how") | {"written_by": named(row.by)}


def merge(row):
    return {"kept": row.survivor.number, "merged": row.absorbed.number, **some(row, "merged_at", "reason", "undone_at")}


def session(row):
    return some(row, "device", "address", "began_at", "seen_at", "remembered")


def second_factor(row):
    """When it was set up and used. What proves it stays where it is."""
    return some(row, "type", "created_at", "last_used_at") | {"name": row.data.get("name", "")}
