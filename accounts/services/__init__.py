"""Every write of accounts: people, invitations, messages, the audit trail's seals."""

from accounts.errors import AccountConflict, AccountRefused
from accounts.services.closing import close_account, forget_messages, on_close
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

__all__ = [
    "AccountConflict",
    "AccountRefused",
    "accept",
    "block",
    "change_password",
    "check_password",
    "close",
    "close_account",
    "confirm_email",
    "create_user",
    "edit",
    "find_invitation",
    "forget_messages",
    "invite",
    "normalised",
    "on_close",
    "register",
    "rename",
    "resend",
    "retry",
    "revoke",
    "set_groups",
    "set_role",
    "unblock",
]
