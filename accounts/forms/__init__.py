"""Forms of accounts: they guard the boundary; services decide."""

from accounts.forms.filters import AuditFilter, Filter, InvitationFilter, MessageFilter, UserFilter, search_field
from accounts.forms.invitations import InvitationForm, PasswordForm
from accounts.forms.outbox import CloseForm
from accounts.forms.people import OptionalReasonForm, ReasonForm, UserForm

__all__ = [
    "AuditFilter",
    "CloseForm",
    "Filter",
    "InvitationFilter",
    "InvitationForm",
    "MessageFilter",
    "OptionalReasonForm",
    "PasswordForm",
    "ReasonForm",
    "UserFilter",
    "UserForm",
    "search_field",
]
