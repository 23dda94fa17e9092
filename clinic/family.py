"""What the Family page shows: for whom one acts, who acts for oneself, and what was done in one's name."""

from collections import defaultdict
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import AuditEvent, User
from clinic.inname import GUARDIAN
from clinic.merging import Objection
from clinic.models import GuardianRequest, Guardianship, Patient

LATEST = 20


@dataclass(frozen=True)
class Act:
    """What a guardian did in somebody's name."""

    who: str
    what: str
    at: object


def own_patient(user):
    """A person's own row as a patient; None when the profile is not complete."""
    return Patient.objects.filter(user=user).select_related("user").first()


def members(user):
    """For whom this person can act now: oneself first, then the others by name."""
    found = Patient.objects.of_family(user).select_related("user")
    return sorted(found, key=lambda patient: (patient.user_id != user.pk, patient.name, patient.pk))


def acting_for(user):
    """The guardianships this person has as a guardian."""
    return Guardianship.objects.acting().filter(guardian=user).with_people().order_by("patient__name", "pk")


def seen_by(own, acting):
    """The ids that Patient.objects.visible_to comes to, of a patient's own row, if any, and their guardianships."""
    people = [*([own] if own else []), *(guardianship.patient for guardianship in acting)]
    return sorted({patient.pk for patient in people if patient.merged_into_id is None})


def guardians_of(patient):
    """The current guardianships of a patient, also of guardians who cannot sign in at the moment."""
    return Guardianship.objects.current().filter(patient=patient).with_people().order_by("guardian__name", "pk")


@dataclass(frozen=True)
class Addressee:
    """Whom a message about a patient goes to: an account, or an address without one."""

    account: User | None
    address: str
    name: str
    is_guardian: bool = False


def addressees(patient, *, reading=False):
    """Who is told what concerns a patient: the patient's own account; without one, who acts for the patient now.

    Nobody acts: the address that reception wrote down, maybe an empty one. `reading`: only who may read the record.
    """
    return addressees_of([patient], reading=reading)[patient.pk]


def addressees_of(patients, *, reading=False):
    """{patient's id: the same} for many patients, whose accounts are loaded: one query, however many there are."""
    acting = defaultdict(list)
    alone = [patient.pk for patient in patients if patient.user is None]
    if alone:
        rows = Guardianship.objects.acting().filter(patient__in=alone).select_related("guardian").order_by("pk")
        for row in rows.reading() if reading else rows:
            acting[row.patient_id].append(row.guardian)
    return {patient.pk: _told(patient, acting[patient.pk], reading=reading) for patient in patients}


def _told(patient, acting, *, reading):
    if patient.user is not None:
        return [Addressee(patient.user, patient.user.email, patient.name)]
    found = [Addressee(guardian, guardian.email, guardian.name, is_guardian=True) for guardian in acting]
    return found if found or reading else [Addressee(None, patient.email, patient.name)]


def is_party(account, patient, *, reading=False):
    """Whether an account is the patient's own or acts for the patient now: asked when a message goes out."""
    acting = Guardianship.objects.acting().filter(patient=patient, guardian=account)
    return patient.user_id == account.pk or (acting.reading() if reading else acting).exists()


def requests_of(user):
    """(requests one can answer, requests one waits for)."""
    waiting = GuardianRequest.objects.waiting().select_related("patient")
    return waiting.to(user).filter(patient__died_on=None), waiting.filter(patient__user=user)


def done_for(patient):
    """The latest acts of others in this patient's name, in plain words."""
    events = AuditEvent.objects.filter(patient_id=patient.pk, detail__as=GUARDIAN)
    return [Act(event.actor_name, audit.words_for(event.action), event.at) for event in events[:LATEST]]


def guardians_of_themselves(survivor, absorbed):
    """What stands against merging two patients of whom one acts for the other: nobody is their own guardian."""
    users = [patient.user_id for patient in (survivor, absorbed) if patient.user_id]
    between = Guardianship.objects.current().filter(patient__in=[survivor, absorbed], guardian__in=users)
    if not (rows := list(between.with_people())):
        return []
    links = [(row.patient.number, reverse("clinic:patient-detail", args=[row.patient_id])) for row in rows]
    return [Objection(_("One of the two acts for the other. If it is one person, end that first."), links)]
