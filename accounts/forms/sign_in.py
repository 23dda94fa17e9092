"""Signing in: password, code, passkey. Forms of allauth with our counts and our words (settings name them)."""

from allauth.account.forms import LoginForm
from allauth.account.forms import ReauthenticateForm as PasswordForm
from allauth.account.internal.flows.login import perform_password_login
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm, LoginWebAuthnForm, ReauthenticateWebAuthnForm
from cryptography.exceptions import InvalidSignature
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts import limits, locked, sessions
from accounts.forms.library import InOurWords
from accounts.services import second_factor

# What a credential that was made up, cut or signed with another key makes the library raise.
UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, InvalidSignature)


class SignInForm(InOurWords, LoginForm):
    """E-mail address and password. How long it lasts is decided when the last step is done (accounts.sessions)."""

    remember = forms.BooleanField(
        label=_("Remember me on this device"),
        required=False,
        help_text=_("Not on a device that others use. For some roles the hospital does not allow it."),
    )

    def _login_with_password(self, request, redirect_url, credentials):
        request.session.cycle_key()  # whoever knew the number of this session before knows nothing now
        request.session[sessions.WISHED] = self.cleaned_data["remember"]
        self._login.redirect_url = redirect_url
        return perform_password_login(request, credentials, self._login)


class _Code:
    """A code of an app, or a recovery code: counted, and good for one time."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        code = self.fields["code"]
        code.max_length, code.label, code.help_text = 30, _("Code"), _("From the app, or one of your recovery codes.")
        code.widget.attrs = {"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": 30, "autofocus": ""}

    def clean_code(self):
        try:
            self.authenticator = second_factor.check_code(self.user, code=self.cleaned_data["code"])
        except limits.TooMany as many:
            page = locked.page(context.request, seconds=limits.CODE_SECONDS, codes=True)
            raise ImmediateHttpResponse(page) from many
        if self.authenticator is None:
            raise ValidationError(_now("That code does not fit, or was used before. Type the one the app shows now."))
        self.authenticator.user = self.user
        return self.cleaned_data["code"]


class CodeForm(_Code, AuthenticateForm):
    """The second step of signing in."""


class _Again:
    """Before something sensitive. Whoever shows again who they are goes on under a new number of the session."""

    def clean(self):
        cleaned = super().clean()
        if not self.errors:
            context.request.session.cycle_key()
        return cleaned


class PasswordAgainForm(_Again, PasswordForm):
    """By the password."""


class CodeAgainForm(_Again, _Code, ReauthenticateForm):
    """By a code."""


class _Passkey:
    def clean_credential(self):
        try:
            return super().clean_credential()
        except (ValidationError, *UNREADABLE) as error:
            second_factor.note_failed_passkey(self.user)
            if isinstance(error, ValidationError):
                raise
            raise ValidationError(_now("The passkey did not fit. Please try again.")) from error


class PasskeyStepForm(_Passkey, AuthenticateWebAuthnForm):
    """The second step of signing in."""


class PasskeyAgainForm(_Again, _Passkey, ReauthenticateWebAuthnForm):
    """By a passkey."""


class PasskeySignInForm(_Passkey, LoginWebAuthnForm):
    """Without a password: the passkey knows who, and its device has asked for finger, face or PIN."""
