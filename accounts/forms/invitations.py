"""Asking somebody in, and coming in."""

from django import forms
from django.contrib.auth.password_validation import password_validators_help_text_html
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.forms.consents import ShowsTexts
from accounts.forms.people import STAFF_CHOICES
from accounts.models import ConsentKind, User
from hms.lib.forms import PageForm


class InvitationForm(PageForm, forms.Form):
    """Somebody who is to work at the desk or in administration."""

    verb = _("Send the invitation")
    autocomplete = {"name": "off", "email": "off"}

    name = forms.CharField(label=_("Name"), max_length=User._meta.get_field("name").max_length)
    email = forms.EmailField(label=_("E-mail address"), max_length=User._meta.get_field("email").max_length)
    role = forms.ChoiceField(label=_("Role"), choices=STAFF_CHOICES, widget=forms.RadioSelect)


class NewPasswordForm(PageForm, forms.Form):
    """A password chosen, twice the same."""

    verb = _("Begin")

    password1 = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=password_validators_help_text_html(),
    )
    password2 = forms.CharField(
        label=_("Password, once more"), strip=False, widget=forms.PasswordInput({"autocomplete": "new-password"})
    )

    def clean_password2(self):
        if self.cleaned_data.get("password1") != self.cleaned_data["password2"]:
            raise ValidationError(_("The two passwords are not the same."))
        return self.cleaned_data["password2"]


class PasswordForm(NewPasswordForm, ShowsTexts):
    """The password that an invited person chooses; by beginning they accept the privacy notice."""

    shown = (ConsentKind.PRIVACY,)
