"""Forms of accounts: they guard the boundary; services decide."""

from accounts.forms.consents import AskForm, DeskForm, DraftForm, ShowsTexts, consent_box, link_to, privacy_box
from accounts.forms.filters import AuditFilter, Filter, InvitationFilter, MessageFilter, UserFilter, search_field
from accounts.forms.invitations import InvitationForm, PasswordForm
from accounts.forms.outbox import CloseForm
from accounts.forms.people import OptionalReasonForm, ReasonForm, UserForm

__all__ = [
    "AskForm",
    "AuditFilter",
    "CloseForm",
    "DeskForm",
    "DraftForm",
    "Filter",
    "InvitationFilter",
    "InvitationForm",
    "MessageFilter",
    "OptionalReasonForm",
    "PasswordForm",
    "ReasonForm",
    "ShowsTexts",
    "UserFilter",
    "UserForm",
    "consent_box",
    "link_to",
    "privacy_box",
    "search_field",
]
