"""Forms of accounts: they guard the boundary; services decide."""

from accounts.forms.filters import AuditFilter, Filter, InvitationFilter, MessageFilter, UserFilter, search_field
from accounts.forms.invitations import InvitationForm, PasswordForm
from accounts.forms.outbox import CloseForm
from accounts.forms.people import OptionalReasonForm, ReasonForm, UserForm
from accounts.forms.security import AppForm, PasskeyForm, SecondFactorResetForm, SignInRuleForm
from accounts.forms.sign_in import (
    CodeAgainForm,
    CodeForm,
    PasskeyAgainForm,
    PasskeySignInForm,
    PasskeyStepForm,
    SignInForm,
)

__all__ = [
    "AppForm",
    "AuditFilter",
    "CloseForm",
    "CodeAgainForm",
    "CodeForm",
    "Filter",
    "InvitationFilter",
    "InvitationForm",
    "MessageFilter",
    "OptionalReasonForm",
    "PasskeyAgainForm",
    "PasskeyForm",
    "PasskeySignInForm",
    "PasskeyStepForm",
    "PasswordForm",
    "ReasonForm",
    "SecondFactorResetForm",
    "SignInForm",
    "SignInRuleForm",
    "UserFilter",
    "UserForm",
    "search_field",
]
