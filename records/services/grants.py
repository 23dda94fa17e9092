"""Clinical grants: asked for by one administrator, confirmed by another, taken back by any."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Role, User
from records import notices
from records.errors import RecordConflict, RecordRefused
from records.models import ClinicalGrant
from records.models.grants import GRANTEES, LONGEST


@transaction.atomic
def ask_grant(*, user, scope, reason, starts_at, until, by, patient=None, department=None, may_export=False):
    """Propose that somebody of the hospital reads charts for a while. Nothing opens before another confirms it.

    Asking the same twice while the first waits gives that one back. Raises RecordRefused for oneself, a patient, a
    blocked account, or a time that is too long or over.
    """
    _require_administrator(by)
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.pk == by.pk:
        raise RecordRefused(_("Nobody grants anything to themselves. Another administrator has to ask for you."))
    if user.role not in GRANTEES or not user.is_active:
        raise RecordRefused(_("Grants are for people who work here and can sign in."))
    if until <= max(starts_at, timezone.now()):
        raise RecordRefused(_("A grant ends after it begins, and not in the past."))
    if until - starts_at > LONGEST:
        raise RecordRefused(_("A grant lasts %(days)d days at most. Ask again when it ends.") % {"days": LONGEST.days})
    said = {"user": user, "scope": scope, "patient": patient, "department": department, "may_export": may_export,
            "reason": reason, "starts_at": starts_at, "until": until}  # fmt: skip
    if same := ClinicalGrant.objects.waiting().filter(**said).first():
        return same
    grant = ClinicalGrant.objects.create(asked_by=by, **said)
    audit.record(by, "grant.asked", grant, patient=patient, detail=_told(grant))
    return grant


@transaction.atomic
def confirm_grant(grant, *, by):
    """Put a grant into force: by an administrator who neither asked for it nor gains by it."""
    _require_administrator(by)
    fresh = _locked(grant)
    if fresh.state != ClinicalGrant.State.WAITING:
        raise RecordConflict(_("This grant does not wait any more: %(state)s.") % {"state": fresh.state.label.lower()})
    if by.pk == fresh.asked_by_id:
        raise RecordRefused(_("You asked for this grant, so another administrator has to confirm it."))
    if by.pk == fresh.user_id:
        raise RecordRefused(_("This grant is for you, so another administrator has to confirm it."))
    fresh.confirmed_by, fresh.confirmed_at = by, timezone.now()
    fresh.save(update_fields=["confirmed_by", "confirmed_at"])
    audit.record(by, "grant.confirmed", fresh, patient=fresh.patient, detail=_told(fresh))
    notices.grant_confirmed(fresh)
    return fresh


@transaction.atomic
def revoke_grant(grant, *, by, reason):
    """Take a grant back, or decline it: what it opened is closed with the next request."""
    _require_administrator(by)
    fresh = _locked(grant)
    if fresh.is_over:
        raise RecordConflict(_("This grant is over already: %(state)s.") % {"state": fresh.state.label.lower()})
    fresh.revoked_by, fresh.revoked_at, fresh.revoked_reason = by, timezone.now(), reason
    fresh.save(update_fields=["revoked_by", "revoked_at", "revoked_reason"])
    audit.record(by, "grant.revoked", fresh, patient=fresh.patient, detail={"reason": reason})
    if fresh.confirmed_at:
        notices.grant_revoked(fresh)
    return fresh


def _require_administrator(by):
    """A composed group may hold the permission; that somebody is an administrator is more than that."""
    if by.role != Role.ADMIN or not by.is_active:
        raise PermissionDenied


def _locked(grant):
    rows = ClinicalGrant.objects.select_for_update(of=("self",)).select_related("user", "patient", "department")
    return rows.get(pk=grant.pk)


def _told(grant):
    """What the audit trail keeps of a grant, so that it outlives the row."""
    return {
        "for": grant.user.name,
        "charts": grant.about,
        "download": grant.may_export,
        "from": grant.starts_at.isoformat(timespec="minutes"),
        "until": grant.until.isoformat(timespec="minutes"),
        "reason": grant.reason,
    }
