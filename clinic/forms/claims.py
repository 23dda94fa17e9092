"""Patients whom reception has registered come to an account of their own."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import PasswordForm
from clinic.models import believable_birth_date
from hms.lib.forms import PageForm


class ClaimAskForm(PageForm, forms.Form):
    """Asking for a link by the address that reception wrote down."""

    verb = _("Send me a link")
    autocomplete = {"email": "email"}

    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, help_text=_("The one that you told the reception.")
    )
    number = forms.CharField(
        label=_("Patient number"),
        required=False,
        max_length=20,
        help_text=_("Like K7M-2QX-94B. Only needed where a family shares one address."),
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters"}),
    )


class ClaimForm(PasswordForm):
    """Who they are, and the password they choose; no password where the address has an account already."""

    autocomplete = {"birth_date": "bday"}

    birth_date = forms.DateField(
        label=_("Date of birth"),
        validators=[believable_birth_date],
        help_text=_("So that nobody but you gets in with this link."),
    )
    field_order = ["birth_date", "password1", "password2"]

    def __init__(self, *args, has_account, **kwargs):
        super().__init__(*args, **kwargs)
        if has_account:
            del self.fields["password1"], self.fields["password2"]
