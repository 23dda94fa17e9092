"""Leaving for good: an account is closed, and the ways to reach its owner are forgotten. Nobody reopens it.

The row stays, since what its owner did refers to it; it has no name, no address and no password any more. The address
is free again for somebody who registers. The audit trail keeps what it wrote.
"""

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit, notices
from accounts.errors import AccountConflict, AccountRefused
from accounts.models import Message, MessagePreference, MessageState, Role
from accounts.services.people import locked

NOBODY = "Closed account"  # what is left of the name; data, so not translated
NOWHERE = "closed-{pk}@closed.invalid"  # RFC 2606: nothing is ever delivered there
NOT_OUT = [
    MessageState.DUE,
    MessageState.FAILED,
    MessageState.IN_DOUBT,
    MessageState.GIVEN_UP,
    MessageState.NOT_SENDABLE,
]
# Functions of an account that is being closed, added by upper apps in AppConfig.ready(): they forget what they hold.
on_close = []


@transaction.atomic
def close_account(user, *, by, reason=""):
    """Close a patient's account for good: it cannot sign in, every session ends, name and address go.

    A last mail says so. Doctors and staff are blocked instead: others rely on what they wrote. AccountConflict when
    it is closed already.
    """
    fresh = locked(user)
    if fresh.role != Role.PATIENT:
        raise AccountRefused(_("Accounts of doctors and staff are blocked, not closed."))
    if fresh.is_closed:
        raise AccountConflict(_("This account is closed already."))
    audit.record(by, "account.closed", fresh, detail={"reason": reason} if reason else None)
    for forget in on_close:
        forget(fresh)
    forget_messages(recipient=fresh)
    MessagePreference.objects.filter(user=fresh).delete()
    notices.account_closed(fresh)
    EmailAddress.objects.filter(user=fresh).delete()
    fresh.name, fresh.email = NOBODY, NOWHERE.format(pk=fresh.pk)
    fresh.is_active, fresh.closed_at = False, timezone.now()
    fresh.session_epoch = F("session_epoch") + 1
    fresh.set_unusable_password()
    fresh.save()
    fresh.refresh_from_db()
    return fresh


def forget_messages(**which):
    """Take name, address and text out of the messages that match. What is not out yet is not sent any more.

    What kind of message it was, when it went and what became of it stays.
    """
    found = Message.everything.filter(**which)
    found.filter(state__in=NOT_OUT).update(state=MessageState.OBSOLETE)
    found.update(recipient_name="", address="", text="", html="", attachments=[])
