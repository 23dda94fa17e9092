"""Every write of accounts: people, sign-in, invitations, messages, the audit trail's seals."""

from accounts.errors import AccountConflict, AccountRefused
from accounts.services.aside import bring_back, set_aside
from accounts.services.beginning import begin
from accounts.services.closing import close_account, forget_messages, on_close
from accounts.services.consents import answer, discard_draft, has_changed, publish, register_answers, save_draft
from accounts.services.desk import close, retry
from accounts.services.inbox import mark_all_read, mark_read
from accounts.services.invitations import accept, find_invitation, invite, resend, revoke
from accounts.services.people import (
    block,
    change_password,
    check_password,
    confirm_email,
    create_user,
    edit,
    normalised,
    note_registered_again,
    register,
    rename,
    set_groups,
    set_role,
    unblock,
)
from accounts.services.preferences import set_preferences
from accounts.services.reading import note_download, note_list
from accounts.services.rules import change_rule
from accounts.services.sessions import end_by_limit, end_session, sign_out_everywhere
from accounts.services.texts import change_text, restore_text, send_test

__all__ = [
    "AccountConflict",
    "AccountRefused",
    "accept",
    "answer",
    "begin",
    "block",
    "bring_back",
    "change_password",
    "change_rule",
    "change_text",
    "check_password",
    "close",
    "close_account",
    "confirm_email",
    "create_user",
    "discard_draft",
    "edit",
    "end_by_limit",
    "end_session",
    "find_invitation",
    "forget_messages",
    "has_changed",
    "invite",
    "mark_all_read",
    "mark_read",
    "normalised",
    "note_download",
    "note_list",
    "note_registered_again",
    "on_close",
    "publish",
    "register",
    "register_answers",
    "rename",
    "resend",
    "restore_text",
    "retry",
    "revoke",
    "save_draft",
    "send_test",
    "set_aside",
    "set_groups",
    "set_preferences",
    "set_role",
    "sign_out_everywhere",
    "unblock",
]
