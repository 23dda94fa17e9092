"""The account library's other forms, with the labels that our own forms have (settings name them)."""

from allauth.account.forms import AddEmailForm, ChangePasswordForm, ResetPasswordForm, ResetPasswordKeyForm
from django.utils.translation import gettext_lazy as _

LABELS = {
    "email": _("E-mail address"),
    "login": _("E-mail address"),
    "oldpassword": _("Current password"),
    "password1": _("New password"),
    "password2": _("New password, once more"),
}


class InOurWords:
    """One name for one thing, whoever wrote the form."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = LABELS.get(name, field.label)
            field.widget.attrs.pop("placeholder", None)


class NewAddressForm(InOurWords, AddEmailForm):
    """Another e-mail address, which replaces the one before once it is confirmed."""


class NewPasswordForm(InOurWords, ChangePasswordForm):
    """Another password, by who knows the one before."""


class ForgottenPasswordForm(InOurWords, ResetPasswordForm):
    """Where the link for a new password is sent."""


class PasswordByLinkForm(InOurWords, ResetPasswordKeyForm):
    """A new password, by who has the link."""
