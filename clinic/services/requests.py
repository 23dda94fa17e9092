"""A patient asks somebody to act for them; whoever signs in with that address accepts or declines."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts import services as accounts
from accounts.models import Role
from clinic import notices
from clinic.models import Answer, GuardianRequest, Guardianship, Kind, Origin
from clinic.services.endings import FamilyRefused, is_of_age, lock_patient
from clinic.services.family import begin

VALID_FOR = timedelta(days=14)
MOST_WAITING = 5
MOST_A_DAY = 10


@transaction.atomic
def ask_guardian(patient, *, email, scope, by, until=None):
    """Ask by mail, whether or not an account has that address: the answer and the work are the same.

    Asking the same address again while it has not answered is asking once. Raises FamilyRefused.
    """
    if patient.user_id != by.pk:
        raise PermissionDenied
    patient, address, now = lock_patient(patient), accounts.normalised(email), timezone.now()
    _require_may_ask(patient, address, until, now)
    GuardianRequest.objects.filter(patient=patient, answer="", expires_at__lte=now).update(
        answer=Answer.EXPIRED, answered_at=now
    )
    waiting = GuardianRequest.objects.filter(patient=patient, answer="")
    if (same := waiting.filter(address=address).first()) is not None:
        return same
    lately = GuardianRequest.objects.filter(patient=patient, asked_at__gt=now - timedelta(days=1))
    if waiting.count() >= MOST_WAITING or lately.count() >= MOST_A_DAY:
        raise FamilyRefused(_("Several people have not answered yet. Wait for them, or take requests back."))
    try:
        with transaction.atomic():
            request = GuardianRequest.objects.create(
                patient=patient, address=address, scope=scope, until=until, expires_at=now + VALID_FOR
            )
    except IntegrityError as error:
        raise FamilyRefused(_("You have just asked this person."), "email") from error
    audit.record(by, "guardianship.asked", request, patient=patient, detail={"scope": scope, "until": until})
    notices.family.asked(request)
    return request


def _require_may_ask(patient, address, until, now):
    if address == patient.user.email:
        raise FamilyRefused(_("This is your own address."), "email")
    if not is_of_age(patient):
        raise FamilyRefused(_("Until you are of age, your parents come to the desk with you."))
    if until is not None and until <= now:
        raise FamilyRefused(_("This day is over."), "until")
    if Guardianship.objects.current().filter(patient=patient, guardian__email=address).exists():
        raise FamilyRefused(_("They act for you already. End that first, then ask again."), "email")


@transaction.atomic
def accept_request(request, *, by):
    """Whoever has the address becomes the guardian. Raises FamilyRefused when it cannot be answered any more."""
    fresh = _answerable(request, by)
    guardianship = begin(
        fresh.patient, by, kind=Kind.RELATIVE, scope=fresh.scope, origin=Origin.AGREED, until=fresh.until, by=by
    )
    _answer(fresh, Answer.ACCEPTED)
    notices.family.accepted(guardianship)
    return guardianship


@transaction.atomic
def decline_request(request, *, by):
    """No. The patient is told, without a reason."""
    fresh = _answerable(request, by)
    _answer(fresh, Answer.DECLINED)
    audit.record(by, "guardianship.declined", fresh)
    notices.family.declined(fresh, by=by)


@transaction.atomic
def withdraw_request(request, *, by):
    """The patient takes a request back. Twice is once."""
    fresh = _locked(request)
    if fresh.patient.user_id != by.pk:
        raise PermissionDenied
    if fresh.answer == Answer.WITHDRAWN:
        return
    _require_waiting(fresh)
    _answer(fresh, Answer.WITHDRAWN)
    audit.record(by, "guardianship.withdrawn", fresh, patient=fresh.patient)


def _locked(request):
    patient = lock_patient(request.patient)
    fresh = GuardianRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    fresh.patient = patient
    return fresh


def _answerable(request, by):
    fresh = _locked(request)
    if by.role != Role.PATIENT or by.email != fresh.address or fresh.patient.user_id == by.pk:
        raise PermissionDenied
    _require_waiting(fresh)
    return fresh


def _require_waiting(request):
    if not request.is_waiting:
        raise FamilyRefused(_("This request has been answered, taken back, or has run out."))


def _answer(request, answer):
    request.answer, request.answered_at = answer, timezone.now()
    request.save(update_fields=["answer", "answered_at"])
