"""The pages of accounts."""

from accounts.views.consent_texts import (
    consent_text_discard,
    consent_text_download,
    consent_text_edit,
    consent_text_list,
    consent_text_publish,
)
from accounts.views.consents import consent_ask, consent_give, consent_list, consent_text, consent_withdraw
from accounts.views.inbox import inbox_list, inbox_open, inbox_read, inbox_read_all, message_preferences
from accounts.views.invitations import (
    invitation_accept,
    invitation_create,
    invitation_download,
    invitation_list,
    invitation_resend,
    invitation_revoke,
)
from accounts.views.outbox import message_close, message_download, message_list, message_retry
from accounts.views.people import user_block, user_detail, user_download, user_edit, user_list, user_unblock
from accounts.views.rules import rule_edit, rule_list
from accounts.views.second_factor import (
    app_add,
    app_remove,
    passkey_add,
    passkey_remove,
    passkey_sign_in,
    recovery_codes,
    recovery_codes_download,
    recovery_codes_renew,
    user_reset_second_factor,
)
from accounts.views.security import security, session_end, sessions_end
from accounts.views.texts import message_text_edit, message_text_list, message_text_restore
from accounts.views.trail import audit_download, audit_list

__all__ = [
    "app_add",
    "app_remove",
    "audit_download",
    "audit_list",
    "consent_ask",
    "consent_give",
    "consent_list",
    "consent_text",
    "consent_text_discard",
    "consent_text_download",
    "consent_text_edit",
    "consent_text_list",
    "consent_text_publish",
    "consent_withdraw",
    "inbox_list",
    "inbox_open",
    "inbox_read",
    "inbox_read_all",
    "invitation_accept",
    "invitation_create",
    "invitation_download",
    "invitation_list",
    "invitation_resend",
    "invitation_revoke",
    "message_close",
    "message_download",
    "message_list",
    "message_preferences",
    "message_retry",
    "message_text_edit",
    "message_text_list",
    "message_text_restore",
    "passkey_add",
    "passkey_remove",
    "passkey_sign_in",
    "recovery_codes",
    "recovery_codes_download",
    "recovery_codes_renew",
    "rule_edit",
    "rule_list",
    "security",
    "session_end",
    "sessions_end",
    "user_block",
    "user_detail",
    "user_download",
    "user_edit",
    "user_list",
    "user_reset_second_factor",
    "user_unblock",
]
