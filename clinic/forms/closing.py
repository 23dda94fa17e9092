"""Leaving: one's own account with the password, somebody else's on their written request."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from clinic.services.closing import LONGEST_REASON
from hms.lib.forms import PageForm


class CloseOwnForm(PageForm, forms.Form):
    """The password says that it is you, the box that you know it is for good."""

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )
    final = forms.BooleanField(label=_("I know that this cannot be undone"))

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self):
        if not self.user.check_password(self.cleaned_data["password"]):
            raise ValidationError(_("This is not your password."))
        return self.cleaned_data["password"]


class ClosePatientForm(PageForm, forms.Form):
    """Why an administrator does it."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=LONGEST_REASON,
        help_text=_("When and how the patient asked for it, like “Letter of 3 March”. Kept in the audit trail."),
    )
