"""Guardianships: how one begins, and what a guardian changes. See docs/decisions/0014."""

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts import services as accounts
from accounts.models import Role, User
from clinic import notices
from clinic.majority import moment_of_majority
from clinic.models import Guardianship, Hospital, Kind, Origin, Patient, Scope
from clinic.services.endings import FamilyRefused, is_of_age, lock_patient
from clinic.services.patients import register_patient, update_patient

CONTACT = ("phone", "address", "emergency_name", "emergency_phone")
MOST_CHILDREN = 20  # that one account registers; a bigger family comes to the desk


@transaction.atomic
def add_child(*, by, name, birth_date, **fields):
    """Register a child who is not known here yet; who does it becomes the guardian until the child comes of age.

    Always a new patient: typing somebody's name and birth date opens nothing that is there. Only the same press twice
    is once. Raises FamilyRefused. Returns the guardianship.
    """
    if moment_of_majority(birth_date, Hospital.current().zone) <= timezone.now():
        raise FamilyRefused(
            _("This person is of age, so they ask you themselves: in their own account, under Family, “Ask somebody”. "
              "Without an account, please come to the desk together."),
            "birth_date",
        )  # fmt: skip
    child = register_patient(name=name, birth_date=birth_date, by=by, once=True, **fields)
    if (first := Guardianship.objects.current().filter(guardian=by, patient=child).first()) is not None:
        return first
    if Guardianship.objects.filter(guardian=by, origin=Origin.ADDED).count() >= MOST_CHILDREN:
        raise FamilyRefused(_("You have registered many children already. Please ask at the desk for more."))
    return begin(child, by, kind=Kind.PARENT, scope=Scope.READ, origin=Origin.ADDED, by=by)


@transaction.atomic
def record_guardianship(patient, *, email, kind, scope, note, by, until=None):
    """At the desk: somebody showed papers for a child, or for an adult who cannot ask by themselves.

    `note` says what was seen and why. Raises FamilyRefused. The patient's own account, if there is one, is told.
    """
    if not by.has_perm("clinic.add_guardianship"):
        raise PermissionDenied
    note = " ".join(note.split())
    if not note:
        raise FamilyRefused(_("Write down which paper you saw, and why they act for the patient."), "note")
    guardian = User.objects.filter(email=accounts.normalised(email), role=Role.PATIENT, is_active=True).first()
    if guardian is None:
        raise FamilyRefused(
            _("No patient signs in with this address. A guardian needs a patient's account of their own: "
              "they register first. Doctors and staff register a second one, under another address."),
            "email",
        )  # fmt: skip
    guardianship = begin(
        patient, guardian, kind=kind, scope=scope, origin=Origin.DESK, until=until, note=note[:300], by=by
    )
    notices.family.recorded(guardianship)
    return guardianship


def begin(patient, guardian, *, kind, scope, origin, by, until=None, note=""):
    """Let somebody act for a patient from now on, for a child at most until it comes of age.

    Call it in a transaction. Raises FamilyRefused when the pair does not fit, or stands already.
    """
    patient = lock_patient(patient)
    _require_pair(patient, guardian)
    now, ends = timezone.now(), moment_of_majority(patient.birth_date, Hospital.current().zone)
    if ends > now:
        until = min(until or ends, ends)
    elif kind == Kind.PARENT:
        raise FamilyRefused(_("%(name)s is of age, so nobody is their guardian as a parent.") % _named(patient), "kind")
    if until is not None and until <= now:
        raise FamilyRefused(_("This day is over."), "until")
    if kind == Kind.PARENT:
        until = ends
    _close_lapsed(patient, guardian)
    try:
        with transaction.atomic():
            guardianship = Guardianship.objects.create(
                guardian=guardian, patient=patient, kind=kind, scope=scope, origin=origin, until=until, note=note
            )
    except IntegrityError as error:
        raise FamilyRefused(
            _("%(guardian)s acts for %(name)s already. End that first.") % _named(patient, guardian), "email"
        ) from error
    detail = {"guardian": guardian.name, "scope": scope, "kind": kind, "until": until}
    audit.record(by, "guardianship.begun", guardianship, patient=patient, detail=detail)
    return guardianship


def _named(patient, guardian=None):
    return {"name": patient.name, "guardian": guardian.name if guardian else ""}


def _require_pair(patient, guardian):
    """Two people, both alive to the hospital: one with a patient's account and of age, the other not dead."""
    if patient.user_id == guardian.pk:
        raise FamilyRefused(_("Nobody is their own guardian."), "email")
    if guardian.role != Role.PATIENT or not guardian.is_active:
        raise FamilyRefused(_("A guardian needs a patient's account."), "email")
    own = Patient.objects.filter(user=guardian).first()
    if own is not None and (own.died_on or not is_of_age(own)):
        raise FamilyRefused(_("A guardian must be of age."), "email")
    if patient.died_on:
        raise FamilyRefused(_("%(name)s has died.") % _named(patient))


def _close_lapsed(patient, guardian):
    """What ended by its date makes room for a new one of the same pair."""
    for row in Guardianship.objects.filter(patient=patient, guardian=guardian, ended_at=None):
        if not row.is_current:
            Guardianship.objects.filter(pk=row.pk).update(ended_at=row.until)


@transaction.atomic
def update_contact(guardianship, *, by, seen="", **fields):
    """A guardian changes how the patient is reached: phone, address, emergency contact; nothing else.

    Only for patients without an account, who cannot do it themselves. Raises FamilyRefused, or ChangedMeanwhile when
    it does not say any more what the form had shown (`seen`).
    """
    patient = lock_patient(guardianship.patient)
    if not Guardianship.objects.acting().filter(pk=guardianship.pk, guardian=by).exists():
        raise PermissionDenied
    if patient.user_id:
        raise FamilyRefused(_("%(name)s has an account and keeps this up to date there.") % _named(patient))
    return update_patient(patient, by=by, seen=seen, **{name: fields[name] for name in CONTACT if name in fields})
