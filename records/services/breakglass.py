"""Opening the chart of somebody one does not treat, ending that early, and saying afterwards whether it was right.

Every try is in the audit trail, also what found nobody: that is what the tries are counted by, so no cache can forget
them. What is typed finds one patient or nobody, and nobody looks the same whoever is registered here.
"""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import AuditEvent, Role, User
from clinic.models import Patient
from clinic.numbers import as_number
from hms.lib.search import fold, words_in
from records import notices
from records.errors import NotOnRecord, RecordConflict, RecordRefused, TooManyTries
from records.models import BreakGlass, Verdict
from records.models.breakglass import FINAL
from records.models.reading import granted_to, treated_by

OPEN_FOR = timedelta(minutes=30)
# (action, how many, within what time): more tries than that are not even looked up.
LIMITS = (
    ("break_glass.refused", 5, timedelta(minutes=15)),
    ("break_glass.opened", 20, timedelta(hours=1)),
)


class OpenAnyway(RecordRefused):
    """The doctor treats this patient or holds a grant: no glass is broken."""

    def __init__(self, patient):
        super().__init__(_("This record is open to you anyway."))
        self.patient = patient


def break_glass(*, by, kind, reason, number="", name="", birth_date=None):
    """Open a chart for half an hour: of the patient with this number, or with this name and date of birth.

    Opening what is open already gives the same BreakGlass back. Raises RecordRefused when that is not one patient,
    TooManyTries, OpenAnyway, and NotOnRecord when the try cannot be written down: then nothing opens.
    """
    typed = {"number": number} if number else {"name": name, "birth_date": str(birth_date or "")}
    try:
        with transaction.atomic():
            done = _attempt(by, kind, reason, typed, birth_date)
    except DatabaseError as error:
        raise NotOnRecord from error
    if isinstance(done, RecordRefused):
        raise done  # outside the transaction, so that the try stays on record
    return done


def _attempt(by, kind, reason, typed, birth_date):
    """The BreakGlass, or what to refuse the try with. The doctor's account is locked: one try at a time."""
    User.objects.select_for_update().get(pk=by.pk)
    doctor = getattr(by, "doctor", None)
    if doctor is None or not by.has_perm("records.break_glass"):
        raise PermissionDenied
    if wait := _wait(by):
        audit.record(by, "break_glass.throttled", detail={"kind": str(kind), "seconds": wait})
        return TooManyTries(wait)
    patient = find_one(**typed | {"birth_date": birth_date})
    if patient is None:
        audit.record(by, "break_glass.refused", detail={"kind": str(kind), "typed": " ".join(typed.values())[:100]})
        return RecordRefused(
            _("That is not one patient of this hospital. Check what you typed, or use the patient number.")
        )
    if treated_by(by).filter(pk=patient.pk).exists() or granted_to(by).filter(pk=patient.pk).exists():
        audit.record(by, "break_glass.not_needed", patient, patient=patient)
        return OpenAnyway(patient)
    return _open(doctor, patient, by=by, kind=kind, reason=reason)


def _open(doctor, patient, *, by, kind, reason):
    now = timezone.now()
    if already := BreakGlass.objects.current().filter(doctor=doctor, patient=patient).first():
        return already
    glass = BreakGlass.objects.create(
        doctor=doctor, patient=patient, kind=kind, reason=reason, opened_at=now, until=now + OPEN_FOR
    )
    audit.record(by, "break_glass.opened", glass, patient=patient, detail={"kind": str(kind)})
    notices.break_glass_opened(glass)
    return glass


def _wait(by):
    """Seconds until this person may try again; 0 for now."""
    now, waits = timezone.now(), [0]
    for action, most, within in LIMITS:
        tries = AuditEvent.objects.filter(actor_id=by.pk, action=action, at__gt=now - within).order_by("-at")
        if oldest := tries[most - 1 : most].first():
            waits.append(int((oldest.at + within - now).total_seconds()) + 1)
    return max(waits)


def find_one(*, number="", name="", birth_date=None):
    """The one patient with this number; or born that day and with these whole words, at least two, in the name.

    A record that was merged is not a second patient, and its number leads to the one who stands for it.
    """
    standing = Patient.objects.standing()
    if number:
        return standing.standing_for(number=as_number(number) or number.strip().upper()).first()
    words = set(fold(name).split())
    if not words or birth_date is None:
        return None
    alike = standing.filter(words_in(name), birth_date=birth_date)
    found = [patient for patient in alike[:50] if _is_name_of(words, fold(patient.name).split())]
    return found[0] if len(found) == 1 else None


def _is_name_of(words, names):
    """Whether somebody typed a person's name and not just a part of it: "Maria Schmidt" for Maria Anna Schmidt."""
    return words <= set(names) and len(words) >= min(2, len(set(names)))


@transaction.atomic
def end_break_glass(glass, *, by):
    """The doctor is done before time. Ending twice is ending once."""
    now = timezone.now()
    ended = BreakGlass.objects.filter(pk=glass.pk, doctor__user=by, ended_at=None, until__gt=now).update(ended_at=now)
    if ended:
        audit.record(by, "break_glass.ended", glass, patient=glass.patient)
    return bool(ended)


@transaction.atomic
def review_break_glass(glass, *, by, verdict, note="", seen=""):
    """Say whether an opening was right. `seen` is the verdict that the reviewer's page showed.

    Raises RecordConflict when another administrator was faster, RecordRefused for one's own opening or a missing note.
    """
    if by.role != Role.ADMIN or not by.has_perm("records.review_breakglass"):
        raise PermissionDenied
    fresh = BreakGlass.objects.select_for_update(of=("self",)).select_related("doctor", "patient").get(pk=glass.pk)
    if fresh.doctor.user_id == by.pk:
        raise RecordRefused(_("Somebody else has to review what you opened yourself."))
    if fresh.verdict in FINAL or fresh.verdict != seen:
        raise RecordConflict(_("Another administrator has just reviewed this opening."))
    if verdict != Verdict.JUSTIFIED and not note:
        raise RecordRefused(_("Say what is wrong or what there is to talk about: the doctor reads it."))
    fresh.verdict, fresh.note = verdict, note
    fresh.reviewed_by, fresh.reviewed_at = by, timezone.now()
    fresh.save(update_fields=["verdict", "note", "reviewed_by", "reviewed_at"])
    audit.record(by, "break_glass.reviewed", fresh, patient=fresh.patient, detail={"verdict": str(verdict)})
    if verdict != Verdict.JUSTIFIED:
        notices.break_glass_questioned(fresh)
    return fresh
