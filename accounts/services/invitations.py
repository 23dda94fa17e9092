"""Inviting doctors and staff by mail: an expiring, single-use link by which they choose their own password."""

import hashlib
import secrets
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit, notices
from accounts.errors import AccountConflict, AccountRefused
from accounts.models import ConsentKind, How, Invitation
from accounts.services.consents import register_answers
from accounts.services.people import check_password, create_user, locked, normalised

VALID_FOR = timedelta(days=7)


def _hash(token):
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def invite(*, email, name, role, by):
    """Make an account without a password and mail its owner a link to choose one. Returns the User.

    Raises AccountRefused when the address is taken.
    """
    waiting = Invitation.objects.filter(user__email=normalised(email), accepted_at=None)
    if waiting.exists():
        raise AccountRefused(_("This address was invited already. Send that invitation again instead."))
    user = create_user(email=email, name=name, role=role, by=by)
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        user=user, token_hash=_hash(token), invited_by=by, expires_at=timezone.now() + VALID_FOR
    )
    audit.record(by, "invitation.sent", user, detail={"email": user.email, "role": role})
    notices.invited(invitation, token)
    return user


@transaction.atomic
def resend(invitation, *, by):
    """Mail a new link; the one before stops working. Also opens a revoked or expired invitation again."""
    fresh = _unaccepted(invitation)
    token = secrets.token_urlsafe(32)
    fresh.token_hash, fresh.expires_at, fresh.revoked_at = _hash(token), timezone.now() + VALID_FOR, None
    fresh.save(update_fields=["token_hash", "expires_at", "revoked_at"])
    audit.record(by, "invitation.resent", fresh.user, detail={"email": fresh.user.email})
    notices.invited(fresh, token)
    return fresh


@transaction.atomic
def revoke(invitation, *, by):
    """Take an invitation back: its link stops working."""
    fresh = _unaccepted(invitation)
    if fresh.revoked_at is None:
        fresh.revoked_at = timezone.now()
        fresh.save(update_fields=["revoked_at"])
        audit.record(by, "invitation.revoked", fresh.user, detail={"email": fresh.user.email})
    return fresh


def _unaccepted(invitation):
    fresh = Invitation.objects.select_for_update(of=["self"]).select_related("user").get(pk=invitation.pk)
    if fresh.accepted_at is not None:
        raise AccountConflict(_("%(name)s has accepted this invitation already.") % {"name": fresh.user.name})
    if fresh.user.is_blocked:
        raise AccountConflict(_("This account is blocked. Unblock it first."))
    return fresh


def find_invitation(token):
    """The invitation that a link opens, or None when the link is used, revoked, expired or was never one."""
    return (
        Invitation.objects.open()
        .select_related("user")
        .filter(token_hash=_hash(token), user__is_active=True, user__blocked_at=None)
        .first()
    )


@transaction.atomic
def accept(*, token, password):
    """Choose the password of an invited account; having the link shows that the address is theirs. Returns the User.

    Whoever begins accepts the privacy notice of today: the page says so.

    Raises AccountRefused when the link does not open anything (any more), or the password is too weak.
    """
    found = find_invitation(token)
    if found is None:
        raise AccountRefused(_("This invitation cannot be used any more. Ask for a new one."))
    check_password(password, found.user)
    user = locked(found.user)
    now = timezone.now()
    taken = Invitation.objects.open().filter(pk=found.pk, token_hash=found.token_hash).update(accepted_at=now)
    if not taken:
        raise AccountConflict(_("This invitation has just been used."))
    user.set_password(password)
    user.save(update_fields=["password"])
    EmailAddress.objects.filter(user=user, email=user.email).update(verified=True)
    audit.record(user, "invitation.accepted", user)
    register_answers(user, {ConsentKind.PRIVACY: True}, how=How.INVITATION)
    return user
