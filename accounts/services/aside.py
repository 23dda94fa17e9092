"""Two accounts of one person: one of them is set aside, and brought back when that was a mistake."""

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.services.people import locked, set_blocked


@transaction.atomic
def set_aside(user, *, reason, by):
    """Keep an account out, because its person signs in with another one. Whether that changed anything.

    One that is blocked already stays so for its own reason. (Unlike block(), this locks no administrator's row.)
    """
    fresh = locked(user)
    if fresh.is_blocked:
        return False
    set_blocked(fresh, timezone.now(), reason[:300])
    audit.record(by, "account.blocked", fresh, detail={"reason": reason[:300]})
    return True


@transaction.atomic
def bring_back(user, *, because, reason, by):
    """Let an account in again that was set aside `because` of something; one blocked for anything else stays so."""
    fresh = locked(user)
    if fresh.is_blocked and fresh.blocked_reason == because[:300]:
        set_blocked(fresh, None, "")
        audit.record(by, "account.unblocked", fresh, detail={"reason": reason[:300]})
    return fresh
