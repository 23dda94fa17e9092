"""Ending sessions: one, all others, or all of somebody. A session that has ended is never honoured again."""

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts import audit
from accounts.errors import AccountRefused
from accounts.models import Session, User


def end_all(user, *, keep=""):
    """End the sessions of somebody in the caller's transaction, but the one with the key `keep`.

    The rows go at once. The epoch ends what a request under way may still write; who keeps a session has to renew
    its proof (django.contrib.auth.update_session_auth_hash). Returns how many there were.
    """
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    user.refresh_from_db(fields=["session_epoch"])
    return forget(user, keep=keep)


def forget(user, *, keep=""):
    """Delete the rows of sessions that a changed password or epoch has ended already."""
    ended, _kinds = Session.objects.filter(user=user).exclude(session_key=keep).delete()
    return ended


@transaction.atomic
def end_session(user, *, handle, by):
    """End one session of somebody, named by its handle. Raises AccountRefused when there is none like that."""
    found = next((row for row in Session.objects.filter(user=user) if row.handle == handle), None)
    if found is None:
        raise AccountRefused(_("That session has ended already."))
    found.delete()
    audit.record(by, "account.session_ended", user, detail={"device": found.device})


@transaction.atomic
def sign_out_everywhere(user, *, by, keep=""):
    """End the sessions of somebody; the one with the key `keep` goes on. Returns how many have ended."""
    ended = end_all(user, keep=keep)
    audit.record(by, "account.sessions_ended", user, detail={"sessions": ended})
    return ended


@transaction.atomic
def end_by_limit(user, session, *, why):
    """End a session that was idle or has lasted as long as the rule of the role allows."""
    audit.record(user, "account.session_ended", user, detail={"limit": why})
    session.flush()
