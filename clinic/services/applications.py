"""Doctors apply: the address is confirmed first, then an administrator decides, once."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit, limits
from accounts import services as accounts
from clinic import notices
from clinic.models import Application
from clinic.services.doctors import create_doctor
from clinic.services.rows import SAME_PRESS, ClinicConflict, ClinicRefused
from hms.lib import tokens

VALID_FOR = timedelta(days=3)  # how long the link confirms an address
UNCONFIRMED_KEPT = timedelta(days=7)
DECLINED_KEPT = timedelta(days=180)  # as long as somebody may ask why
MAILS, MAIL_SECONDS = 3, 60 * 60  # to one address, whoever asks for them
State = Application.State


def apply(*, name, email, **fields):
    """Take down an application and mail its owner a link that confirms the address. Nothing tells what was there.

    Who has not confirmed yet may apply again: the newest text and link stand. Once an application waits for an
    administrator it stays as it is, and its owner is told so by mail. A double click is one application.
    """
    fields |= {"name": " ".join(name.split()), "email": accounts.normalised(email)}
    if limits.is_too_much("application-mail", fields["email"], most=MAILS, seconds=MAIL_SECONDS):
        return
    try:
        with transaction.atomic():
            _take_down(fields)
    except IntegrityError as error:
        if "application_one_at_a_time" not in str(error) and "clinic_application.email" not in str(error):
            raise


def _take_down(fields):
    found = Application.objects.select_for_update().undecided().filter(email=fields["email"]).first()
    if found and found.is_waiting:
        notices.people.application_known(found)
        return
    if found and _is_same_press(found, fields):
        return
    token, token_hash = tokens.new_token()
    application = found or Application()
    for field, value in fields.items():
        setattr(application, field, value)
    application.token_hash, application.created_at = token_hash, timezone.now()
    application.expires_at = timezone.now() + VALID_FOR
    application.save()
    audit.record(None, "application.sent", name=_("Somebody who was not signed in"))
    notices.people.confirm_application(application, token)


def _is_same_press(found, fields):
    """Whether this is the button pressed twice."""
    same = all(getattr(found, field) == value for field, value in fields.items())
    return same and timezone.now() - found.created_at < SAME_PRESS


def find_application(token):
    """The application whose address a link confirms; None when the link is used, expired, replaced or was never one."""
    return Application.objects.confirmable().filter(token_hash=tokens.hash_of(token)).first()


@transaction.atomic
def confirm_application(token):
    """The address is theirs: from now on administrators read it. ClinicConflict when the link opens nothing."""
    found = find_application(token)
    now = timezone.now()
    mine = Application.objects.confirmable().filter(token_hash=tokens.hash_of(token))
    if found is None or not mine.update(state=State.WAITING, confirmed_at=now):
        raise ClinicConflict(_("This link has been used already, or does not work any more."))
    audit.record(None, "application.confirmed", found, name=found.name)
    return found


@transaction.atomic
def approve_application(application, *, department, email, by):
    """Take the applicant in as a doctor of a department, with an invitation to `email`. Returns the Doctor.

    ClinicConflict when somebody has decided meanwhile, ClinicRefused when the department is retired, AccountRefused
    when the address has an account.
    """
    fresh = _decide(application, State.APPROVED, by=by)
    doctor = create_doctor(
        department=department,
        name=fresh.name,
        email=email,
        by=by,
        specialization=fresh.specialization,
        qualification=fresh.qualification,
        experience_years=fresh.experience_years,
        languages=fresh.languages,
        phone=fresh.phone,
        accepting_patients=False,  # until hours are set and the profile is looked at
    )
    Application.objects.filter(pk=fresh.pk).update(doctor=doctor)
    audit.record(by, "application.approved", fresh, detail={"doctor": doctor.pk})
    notices.people.application_approved(fresh, doctor)
    return doctor


@transaction.atomic
def decline_application(application, *, reason, by):
    """Turn the applicant down, with a reason that is mailed. ClinicConflict when somebody has decided meanwhile."""
    reason = reason.strip()
    if not reason:
        raise ClinicRefused(_("Say why: the applicant reads it."))
    fresh = _decide(application, State.DECLINED, by=by, reason=reason)
    audit.record(by, "application.declined", fresh)
    notices.people.application_declined(fresh)
    return fresh


def _decide(application, state, *, by, reason=""):
    """Compare and set: of two administrators, the first one's word stands."""
    waiting = Application.objects.waiting().filter(pk=application.pk)
    decision = {"decided_at": timezone.now(), "decided_by": by, "decided_by_name": by.name, "reason": reason}
    if not waiting.update(state=state, **decision):
        raise ClinicConflict(_("Somebody has decided on this application already."))
    return Application.objects.select_related("department").get(pk=application.pk)


@transaction.atomic
def purge_applications():
    """Delete what was never confirmed and what was declined long ago, with the mails about it. Returns how many."""
    ids = list(_old_applications().select_for_update().values_list("pk", flat=True))
    if ids:
        accounts.forget_messages(about_type=Application._meta.label_lower, about_id__in=ids)
        Application.objects.filter(pk__in=ids).delete()
        audit.record(None, "application.purged", detail={"number": len(ids)})
    return len(ids)


def applications_to_purge():
    """How many applications have had their time."""
    return _old_applications().count()


def _old_applications():
    now = timezone.now()
    return Application.objects.filter(
        Q(state=State.UNCONFIRMED, created_at__lte=now - UNCONFIRMED_KEPT)
        | Q(state=State.DECLINED, decided_at__lte=now - DECLINED_KEPT)
    )
