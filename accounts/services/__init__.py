"""Every write of accounts: people, invitations, messages, the audit trail's seals."""

from accounts.errors import AccountConflict, AccountRefused
from accounts.services.desk import close, retry
from accounts.services.invitations import accept, find_invitation, invite, resend, revoke
from accounts.services.people import (
    block,
    change_password,
    check_password,
    confirm_email,
    create_user,
    edit,
    normalised,
    register,
    rename,
    set_groups,
    set_role,
    unblock,
)
from accounts.services.reading import note_download

__all__ = [
    "AccountConflict",
    "AccountRefused",
    "accept",
    "block",
    "change_password",
    "check_password",
    "close",
    "confirm_email",
    "create_user",
    "edit",
    "find_invitation",
    "invite",
    "normalised",
    "note_download",
    "register",
    "rename",
    "resend",
    "retry",
    "revoke",
    "set_groups",
    "set_role",
    "unblock",
]
