"""The second factor: added and taken away by its owner, checked at sign-in, reset by an administrator.

Codes, keys and their ceremonies are allauth's; what is written is written here, with its audit row and its mail.
"""

import logging

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from allauth.mfa.webauthn.internal.auth import WebAuthn
from cryptography.fernet import InvalidToken
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit, limits, notices
from accounts.errors import AccountConflict, AccountRefused
from accounts.models import User
from accounts.models.people import second_factors
from accounts.services.people import locked
from accounts.services.sessions import end_all

log = logging.getLogger(__name__)
Kind = Authenticator.Type


@transaction.atomic
def add_app(user, *, secret, code, by, keep=""):
    """Take an authenticator app as second factor; a code shows that it holds the secret. Other sessions end.

    Raises AccountRefused when the code does not fit, AccountConflict when there is an app already.
    """
    locked(user)
    if Authenticator.objects.filter(user=user, type=Kind.TOTP).exists():
        raise AccountConflict(_("There is an authenticator app already. Remove it before you add another one."))
    counter = counter_of(code, secret=secret, after=-1)
    if counter is None:
        raise AccountRefused(_("That code does not fit. Type the one that the app shows now."))
    app = TOTP.activate(user, secret).instance
    app.data["counter"] = counter
    app.save(update_fields=["data"])
    _added(user, "account.app_added", by, keep)
    return app


@transaction.atomic
def add_passkey(user, *, name, credential, by, keep=""):
    """Take a passkey whose credential was checked against the challenge. Other sessions end."""
    locked(user)
    passkey = WebAuthn.add(user, name, credential).instance
    _added(user, "account.passkey_added", by, keep, name=name)
    return passkey


def _added(user, action, by, keep, **detail):
    RecoveryCodes.activate(user)
    end_all(user, keep=keep)
    audit.record(by, action, user, detail=detail)
    notices.security_changed(user, action)


@transaction.atomic
def remove(authenticator, *, by, keep=""):
    """Take away an app or a passkey; with the last one the recovery codes go too. Other sessions end."""
    user = locked(authenticator.user)
    gone, _kinds = second_factors().filter(pk=authenticator.pk, user=user).delete()
    if not gone:
        raise AccountConflict(_("It was removed already."))
    if not second_factors().filter(user=user).exists():
        Authenticator.objects.filter(user=user).delete()
    end_all(user, keep=keep)
    action = "account.app_removed" if authenticator.type == Kind.TOTP else "account.passkey_removed"
    name = authenticator.data.get("name")
    audit.record(by, action, user, detail={"name": name} if name else None)
    notices.security_changed(user, action)


@transaction.atomic
def renew_recovery_codes(user, *, by):
    """Make ten new recovery codes; the ones before are worth nothing any more."""
    locked(user)
    if not second_factors().filter(user=user).exists():
        raise AccountConflict(_("Recovery codes come with a second factor. Add one first."))
    Authenticator.objects.filter(user=user, type=Kind.RECOVERY_CODES).delete()
    RecoveryCodes.activate(user)
    audit.record(by, "account.recovery_codes_made", user)
    notices.security_changed(user, "account.recovery_codes_made")


@transaction.atomic
def reset(user, *, reason, by):
    """Take away all that is a second factor of somebody who has lost it. They are signed out everywhere."""
    reason = " ".join(str(reason).split())
    fresh = locked(user)
    if by is not None and by.pk == fresh.pk:
        raise AccountRefused(_("Another administrator has to do that to your account."))
    if not reason:
        raise AccountRefused(_("Say why: the reason is kept in the audit trail."))
    gone, _kinds = Authenticator.objects.filter(user=fresh).delete()
    if not gone:
        raise AccountConflict(_("There is no second factor on this account."))
    end_all(fresh, keep="")
    limits.forget_codes(fresh.pk)
    audit.record(by, "account.second_factor_reset", fresh, detail={"reason": reason[:300]})
    notices.security_changed(fresh, "account.second_factor_reset")


@transaction.atomic
def check_code(user, *, code):
    """The app or set of recovery codes that a code belongs to; None when it belongs to none.

    A code counts once: a recovery code is used up, and an app's code must be later than the last one that counted.
    Raises limits.TooMany, with nothing looked at, after too many that were wrong.
    """
    User.objects.select_for_update().get(pk=user.pk)
    if limits.codes_exhausted(user.pk):
        raise limits.TooMany
    found = _app_with(user, code) or _recovery_codes_with(user, code)
    if found is None:
        audit.record(user, "account.second_factor_failed", user)
        if limits.note_wrong_code(user.pk):
            notices.security_changed(user, "account.second_factor_failed")
        return None
    limits.forget_codes(user.pk)
    return found


def note_failed_passkey(user):
    """Write down that a passkey did not fit; `user` is None where it alone was to say who it is."""
    if user is None:
        nobody = _("Somebody who was not signed in")
        audit.record(None, "account.sign_in_failed", detail={"second_factor": Kind.WEBAUTHN.value}, name=nobody)
    else:
        audit.record(user, "account.second_factor_failed", user, detail={"second_factor": Kind.WEBAUTHN.value})


def _app_with(user, code):
    app = Authenticator.objects.filter(user=user, type=Kind.TOTP).first()
    if app is None:
        return None
    try:
        secret = decrypt(app.data["secret"])
    except InvalidToken:  # SECRET_KEY was replaced and the one before is not among the fallbacks
        log.error("The authenticator app of account %s cannot be read with this SECRET_KEY.", user.pk)
        return None
    counter = counter_of(code, secret=secret, after=app.data.get("counter", -1))
    if counter is None:
        return None
    app.data["counter"], app.last_used_at = counter, timezone.now()
    app.save(update_fields=["data", "last_used_at"])
    return app


def _recovery_codes_with(user, code):
    codes = Authenticator.objects.filter(user=user, type=Kind.RECOVERY_CODES).first()
    try:
        if codes is None or not codes.wrap().validate_code(code):
            return None
    except InvalidToken:
        log.error("The recovery codes of account %s cannot be read with this SECRET_KEY.", user.pk)
        return None
    left = len(Authenticator.objects.get(pk=codes.pk).wrap().get_unused_codes())
    audit.record(user, "account.recovery_code_used", user, detail={"left": left})
    notices.security_changed(user, "account.recovery_code_used", left=left)
    return codes


def counter_of(code, *, secret, after):
    """The step of time, later than `after`, whose code this is; None when it is no such code."""
    steps = [step for step in yield_hotp_counters_from_time() if step > after]
    return next((step for step in steps if is_code_of(step, code, secret)), None)


def is_code_of(step, code, secret):
    return compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, step)))
