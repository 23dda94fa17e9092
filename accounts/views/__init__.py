"""The pages of accounts."""

from accounts.views.invitations import (
    invitation_accept,
    invitation_create,
    invitation_list,
    invitation_resend,
    invitation_revoke,
)
from accounts.views.outbox import message_close, message_list, message_retry
from accounts.views.people import user_block, user_detail, user_edit, user_list, user_unblock
from accounts.views.trail import audit_download, audit_list

__all__ = [
    "audit_download",
    "audit_list",
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
