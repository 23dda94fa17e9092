"""A patient leaves: the account is closed and contact data go; name, number and the record stay, as the law asks."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts import services as accounts
from clinic.models import Claim, Patient
from clinic.services.claims import living_claim
from clinic.services.parting import acted_for, leave_family
from clinic.services.rows import ClinicConflict, ClinicRefused

CONTACT = ("phone", "email", "address", "emergency_name", "emergency_phone")
LONGEST_REASON = 300

# Functions of a patient, added by upper apps in AppConfig.ready(): a sentence that stands against leaving, or "".
before_close = []
# Functions of a patient who leaves, added likewise: they forget addresses in what they hold.
on_close = []


def why_not_close(patient):
    """A sentence on what stands against leaving (visits still planned); empty when nothing does."""
    return " ".join(str(sentence) for check in before_close if (sentence := check(patient)))


def has_contact(patient):
    """Whether anything is left to close or to remove."""
    return patient.user_id is not None or any(getattr(patient, name) for name in CONTACT)


@transaction.atomic
def close_patient(patient, *, by, reason=""):
    """Close the patient's account, if there is one, and remove contact data. For good. Returns the Patient.

    Who does it for somebody else says why. ClinicRefused while visits are planned, or without a reason;
    ClinicConflict when it is done already.
    """
    reason = " ".join(reason.split())
    fresh = _locked_with_family(patient)
    account, own = fresh.user, fresh.user_id is not None and fresh.user_id == by.pk
    if not own and not reason:
        raise ClinicRefused(_("Say why: the reason is kept in the audit trail."))
    if len(reason) > LONGEST_REASON:
        raise ClinicRefused(_("The reason is too long."))
    if not has_contact(fresh):
        raise ClinicConflict(_("There is no account, and no contact data, any more."))
    if objection := why_not_close(fresh):
        raise ClinicRefused(objection)
    removed = [name for name in CONTACT if getattr(fresh, name)]
    audit.record(by, "patient.closed", fresh, patient=fresh, detail={"removed": removed, "reason": reason})
    leave_family(fresh, by=by)
    _forget(fresh)
    if account is not None:
        accounts.close_account(account, by=by, reason=reason)
    return fresh


def _locked_with_family(patient):
    """The patient, locked together with those for whom they act, always in the same order."""
    ids = {patient.pk, *acted_for(patient.user_id).values_list("patient", flat=True)}
    rows = Patient.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=ids).order_by("pk")
    return next(row for row in rows if row.pk == patient.pk)


def _forget(patient):
    for forget in on_close:
        forget(patient)
    if living := living_claim(patient):
        living.revoked_at = timezone.now()
        living.save(update_fields=["revoked_at"])
    claims = Claim.objects.filter(patient=patient)
    ids = list(claims.values_list("pk", flat=True))
    accounts.forget_messages(about_type=Claim._meta.label_lower, about_id__in=ids)
    claims.update(email="")
    patient.user, patient.left_at = None, timezone.now()
    for name in CONTACT:
        setattr(patient, name, "")
    patient.save()
