"""Forms of accounts: they guard the boundary; services decide."""

from accounts.forms.consents import (
    AskForm,
    DeskForm,
    DraftForm,
    ShowsTexts,
    consent_box,
    link_to,
    privacy_box,
)
from accounts.forms.filters import (
    AuditFilter,
    Filter,
    InvitationFilter,
    MessageFilter,
    UserFilter,
    search_input,
)
from accounts.forms.inbox import PreferenceForm, ReadAllForm
from accounts.forms.invitations import (
    InvitationForm,
    NewPasswordForm,
    PasswordForm,
)
from accounts.forms.outbox import (
    CloseForm,
)
from accounts.forms.people import (
    OptionalReasonForm,
    ReasonForm,
    UserForm,
)
from accounts.forms.security import (
    AppForm,
    PasskeyForm,
    SecondFactorResetForm,
    SignInRuleForm,
)
from accounts.forms.sign_in import (
    CodeAgainForm,
    CodeForm,
    PasskeyAgainForm,
    PasskeySignInForm,
    PasskeyStepForm,
    PasswordAgainForm,
    SignInForm,
)
from accounts.forms.texts import MessageTextFilter, MessageTextForm

__all__ = [
    "AppForm",
    "AskForm",
    "AuditFilter",
    "CloseForm",
    "CodeAgainForm",
    "CodeForm",
    "DeskForm",
    "DraftForm",
    "Filter",
    "InvitationFilter",
    "InvitationForm",
    "MessageFilter",
    "MessageTextFilter",
    "MessageTextForm",
    "NewPasswordForm",
    "OptionalReasonForm",
    "PasskeyAgainForm",
    "PasskeyForm",
    "PasskeySignInForm",
    "PasskeyStepForm",
    "PasswordAgainForm",
    "PasswordForm",
    "PreferenceForm",
    "ReadAllForm",
    "ReasonForm",
    "SecondFactorResetForm",
    "ShowsTexts",
    "SignInForm",
    "SignInRuleForm",
    "UserFilter",
    "UserForm",
    "consent_box",
    "link_to",
    "privacy_box",
    "search_input",
]
