"""Every write of accounts: people, invitations, messages, the audit trail's seals."""

from accounts.errors import AccountConflict, AccountRefused
from accounts.services.consents import answer, discard_draft, has_changed, publish, register_answers, save_draft
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
    "answer",
    "block",
    "change_password",
    "check_password",
    "close",
    "confirm_email",
    "create_user",
    "discard_draft",
    "edit",
    "find_invitation",
    "has_changed",
    "invite",
    "normalised",
    "publish",
    "register",
    "register_answers",
    "rename",
    "resend",
    "retry",
    "revoke",
    "save_draft",
    "set_groups",
    "set_role",
    "unblock",
]
