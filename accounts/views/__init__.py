"""The pages of accounts."""

from accounts.views.consent_texts import (
    consent_text_discard,
    consent_text_edit,
    consent_text_list,
    consent_text_publish,
)
from accounts.views.consents import consent_ask, consent_give, consent_list, consent_text, consent_withdraw
from accounts.views.invitations import (
    invitation_accept,
    invitation_create,
    invitation_list,
    invitation_resend,
    invitation_revoke,
)
from accounts.views.outbox import message_close, message_list, message_retry
from accounts.views.people import user_block, user_detail, user_edit, user_list, user_unblock
from accounts.views.trail import audit_list

__all__ = [
    "audit_list",
    "consent_ask",
    "consent_give",
    "consent_list",
    "consent_text",
    "consent_text_discard",
    "consent_text_edit",
    "consent_text_list",
    "consent_text_publish",
    "consent_withdraw",
    "invitation_accept",
    "invitation_create",
    "invitation_list",
    "invitation_resend",
    "invitation_revoke",
    "message_close",
    "message_list",
    "message_retry",
    "user_block",
    "user_detail",
    "user_edit",
    "user_list",
    "user_unblock",
]
