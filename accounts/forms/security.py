"""A person's own security, and the hospital's rules for signing in."""

from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.forms.people import ReasonForm
from accounts.forms.sign_in import UNREADABLE
from accounts.models import SignInRule
from hms.lib.forms import PageForm
from hms.lib.seen import SeenForm


class AppForm(PageForm, forms.Form):
    """The first code of an authenticator app, to see that it holds the secret."""

    verb = _("Switch it on")
    autocomplete = {"code": "one-time-code"}

    code = forms.CharField(
        label=_("Code that the app shows"), max_length=30, widget=forms.TextInput({"inputmode": "numeric"})
    )


class PasskeyForm(PageForm, AddWebAuthnForm):
    """A new passkey. The browser fills in the credential."""

    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        required=False,
        help_text=_("So that you know it again: my telephone, key at work."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields.pop("passwordless", None)
        self.fields["credential"].error_messages["required"] = _("The browser has made no passkey.")

    def clean(self):
        try:
            return super().clean()
        except UNREADABLE as error:
            raise ValidationError(_now("The passkey could not be read. Please try again.")) from error


class SecondFactorResetForm(ReasonForm):
    """Why a second factor is taken away. Its owner is told that it was."""


class SignInRuleForm(SeenForm, PageForm, forms.ModelForm):
    """What signing in asks of a role."""

    units = {"idle_minutes": _("minutes"), "absolute_hours": _("hours"), "remember_days": _("days")}

    class Meta:
        model = SignInRule
        fields = ["second_factor", "idle_minutes", "absolute_hours", "remember_days"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.instance.can_require:
            del self.fields["second_factor"]
