"""Links by which patients whom reception has registered make an account of their own.

Having the link shows that the address is theirs, the date of birth that they are who was registered. A wrong date
counts; after TRIES of them the link is dead, and only staff send another one.

There is no link to a child's record: its address is mostly a parent's, who acts for the child as a guardian until it
is of age. Then the desk looks at an identity card before it sends one.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import audit, limits
from accounts import services as accounts
from accounts.models import ConsentKind, How, Role, User
from clinic import notices
from clinic.models import TRIES, Claim, Guardianship, Kind, Patient
from clinic.numbers import as_number
from clinic.services.endings import is_of_age
from clinic.services.rows import SAME_PRESS, ClinicConflict, ClinicRefused
from hms.lib import tokens

VALID_FOR = timedelta(days=7)
ASKED, ASKED_SECONDS = 3, 60 * 60  # requests that one address may cause
SHARED = 5  # patients with one address, like a family's, who get a link each


class ClaimGone(ClinicConflict):
    """The link opens nothing any more."""


class WrongBirthDate(ClinicRefused):
    """Not the date of birth that was written down."""


@transaction.atomic
def send_claim(patient, *, by):
    """Mail a patient without an account a link to one; the link before stops working. A double click is one mail.

    ClinicRefused, or ClinicConflict when there is an account by now.
    """
    fresh = locked_patient(patient.pk)
    if fresh.user_id:
        raise ClinicConflict(_("%(name)s has an account by now.") % {"name": fresh.name})
    if fresh.died_on:
        raise ClinicRefused(_("%(name)s has died.") % {"name": fresh.name})
    if not is_of_age(fresh):
        raise ClinicRefused(_("%(name)s is a child. Record a parent as guardian instead.") % {"name": fresh.name})
    if not fresh.email:
        raise ClinicRefused(_("Write down an e-mail address first."))
    living = living_claim(fresh)
    if living and living.sent_by_id == by.pk and timezone.now() - living.created_at < SAME_PRESS:
        return living
    return _send(fresh, by=by)


def ask_for_claim(*, email, number=""):
    """Somebody says on the public page that they have been here: mail links to who was registered with this address.

    Nothing comes back, whoever was found, and it takes as long for nobody as for somebody. Where dates of birth were
    tried out, staff have to send the next link.
    """
    email = accounts.normalised(email)
    allowed = not limits.is_too_much("claim-mail", email, most=ASKED, seconds=ASKED_SECONDS)
    with transaction.atomic():
        audit.record(None, "claim.asked", name=_("Somebody who was not signed in"))
        found = _asked_for(email, number) if allowed else []
        if not found:
            _send_to_nobody(email)
        for pk in found:
            patient = locked_patient(pk)
            newest = patient.claims.first()
            if patient.user_id is None and not (newest and newest.state == "locked"):
                _send(patient, by=None)


def _send_to_nobody(email):
    """What sending a link takes; nothing of it stays. Who watches the clock learns nothing."""
    token, token_hash = tokens.new_token()
    patient = Patient(name=_("Somebody who was not signed in"))
    decoy = Claim(patient=patient, email=email, token_hash=token_hash, expires_at=timezone.now() + VALID_FOR)
    with transaction.atomic():
        audit.record(None, "claim.sent", patient)
        notices.people.claim_sent(decoy, token)
        transaction.set_rollback(True)


def _asked_for(email, number):
    """The ids of the patients without an account who have this address, in the order in which they are locked.

    Neither children nor who was one here: the address may still be a parent's.
    """
    raised = Guardianship.objects.filter(kind=Kind.PARENT).values("patient")
    found = Patient.objects.filter(user=None, died_on=None, email__iexact=email).exclude(pk__in=raised)
    if number.strip():
        found = found.filter(number=as_number(number) or "")
    return [patient.pk for patient in found.order_by("pk")[: SHARED * 2] if is_of_age(patient)][:SHARED]


def _send(patient, *, by):
    if living := living_claim(patient):
        living.revoked_at = timezone.now()
        living.save(update_fields=["revoked_at"])
    token, token_hash = tokens.new_token()
    claim = Claim.objects.create(
        patient=patient,
        email=accounts.normalised(patient.email),
        token_hash=token_hash,
        sent_by=by,
        expires_at=timezone.now() + VALID_FOR,
    )
    nobody = _("Somebody who was not signed in")
    audit.record(by, "claim.sent", patient, patient=patient, name="" if by else nobody)
    notices.people.claim_sent(claim, token)
    return claim


@transaction.atomic
def revoke_claim(patient, *, by):
    """Take a link back. ClinicConflict when it was used, or taken back already."""
    fresh = locked_patient(patient.pk)
    living = living_claim(fresh)
    if living is None:
        raise ClinicConflict(_("There is no link that could be taken back."))
    living.revoked_at = timezone.now()
    living.save(update_fields=["revoked_at"])
    audit.record(by, "claim.revoked", fresh, patient=fresh)
    return living


def locked_patient(pk):
    """The row that everybody shares who sends, uses or takes back this patient's links."""
    return Patient.objects.select_for_update(no_key=True, of=("self",)).get(pk=pk)


def living_claim(patient):
    """The link that is neither used nor taken back, if there is one; it may have expired."""
    return Claim.objects.filter(patient=patient, used_at=None, revoked_at=None).first()


def find_claim(token):
    """The claim that a link opens; None when it is used, expired, dead or taken back, or the address has changed."""
    found = (
        Claim.objects.open()
        .filter(
            token_hash=tokens.hash_of(token),
            patient__user=None,
            patient__died_on=None,
            patient__email__iexact=F("email"),
        )
        .select_related("patient")
        .first()
    )
    return found if found and is_of_age(found.patient) else None


def has_account(claim):
    """Whether the address has an account already: then there is a second record, for administrators to join."""
    return User.objects.filter(email=claim.email).exists()


def accept_claim(*, token, birth_date, password):
    """Make the account of the patient whom a link belongs to. Returns the User, who may sign in.

    None when the address has an account already: nothing is changed but that the hospital is told, to join the two.
    Raises ClaimGone, WrongBirthDate (which counts), or AccountRefused for a password that is too weak.
    """
    with transaction.atomic():
        claim = _locked_claim(token)
        refusal = _wrong(claim) if claim.patient.birth_date != birth_date else None
        account = None if refusal else _give(claim, password)
    if refusal:
        raise refusal
    return account


def _locked_claim(token):
    found = find_claim(token)
    if found is not None:
        locked_patient(found.patient_id)
        found = find_claim(token)
    if found is None:
        raise ClaimGone(_("This link has been used already, or does not work any more."))
    return found


def _wrong(claim):
    """Count a wrong date of birth. With the last one the link is dead, and staff are told."""
    claim.tries += 1
    claim.save(update_fields=["tries"])
    if claim.tries >= TRIES:
        audit.record(None, "claim.locked", claim.patient, patient=claim.patient)
        notices.people.claim_locked(claim)
        return ClaimGone(_("That was the last try. Please ask the reception for a new link."))
    left = TRIES - claim.tries
    words = ngettext(
        "This is not the date of birth that we have. %(left)d try is left.",
        "This is not the date of birth that we have. %(left)d tries are left.",
        left,
    )
    return WrongBirthDate(words % {"left": left})


def _give(claim, password):
    patient = claim.patient
    if account := User.objects.filter(email=claim.email).first():
        _use(claim, account, is_duplicate=True)
        detail = {"account": account.pk}
        audit.record(None, "claim.duplicate", patient, patient=patient, detail=detail, name=patient.name)
        notices.people.claim_duplicate(claim)
        return None
    accounts.check_password(password, User(email=claim.email, name=patient.name))
    account = accounts.create_user(
        email=claim.email, name=patient.name, role=Role.PATIENT, password=password, verified=True
    )
    _use(claim, account)
    patient.user, patient.email = account, ""  # from now on the account's own
    patient.save(update_fields=["user", "email", "search"])
    audit.record(account, "claim.accepted", patient, patient=patient)
    accounts.register_answers(account, {ConsentKind.PRIVACY: True}, how=How.REGISTRATION)  # as its page says
    return account


def _use(claim, account, *, is_duplicate=False):
    claim.used_at, claim.account, claim.is_duplicate = timezone.now(), account, is_duplicate
    claim.save(update_fields=["used_at", "account", "is_duplicate"])
