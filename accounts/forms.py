"""Forms of accounts: they guard the boundary; services decide."""

from datetime import date

from django import forms
from django.contrib.auth.password_validation import password_validators_help_text_html
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from accounts import audit
from accounts.models import Message, MessageState, Role, User
from accounts.services.people import STAFF
from hms.lib.forms import PageForm

CALENDAR = [MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(2200, 1, 1))]
STAFF_CHOICES = [(role.value, role.label) for role in STAFF]


class Filter(PageForm, forms.Form):
    """A search that lives in the URL: nothing is required, and what cannot be read filters nothing."""

    quiet = True

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = False

    @property
    def chosen(self):
        """What was chosen and could be read, by name."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}


def search_field(label):
    return forms.CharField(label=label, max_length=100, widget=forms.TextInput({"type": "search"}))


class UserFilter(Filter):
    q = search_field(_("Name or e-mail address"))
    role = forms.ChoiceField(label=_("Role"), choices=[("", _("All roles")), *Role.choices])
    state = forms.ChoiceField(
        label=_("State"),
        choices=[
            ("", _("All")),
            ("active", _("Active")),
            ("invited", _("Invited, no password yet")),
            ("blocked", _("Blocked")),
        ],
    )


class InvitationFilter(Filter):
    q = search_field(_("Name or e-mail address"))
    state = forms.ChoiceField(
        label=_("State"),
        choices=[
            ("", _("All")),
            ("open", _("Open")),
            ("expired", _("Expired")),
            ("accepted", _("Accepted")),
            ("revoked", _("Taken back")),
        ],
    )


class MessageFilter(Filter):
    q = search_field(_("Name, address or subject"))
    state = forms.ChoiceField(
        label=_("State"), choices=[("", _("Not delivered")), ("all", _("All")), *MessageState.choices]
    )


class AuditFilter(Filter):
    q = search_field(_("Who or what"))
    action = forms.ChoiceField(label=_("Action"))
    actor = forms.IntegerField(min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)
    since = forms.DateField(label=_("From"), validators=CALENDAR)
    until = forms.DateField(label=_("Until"), validators=CALENDAR)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        named = [(str(words), action) for action, words in audit.actions()]
        self.fields["action"].choices = [("", _("All")), *((action, words) for words, action in sorted(named))]


class UserForm(PageForm, forms.Form):
    """An account's name; for staff, the role too."""

    name = forms.CharField(label=_("Name"), max_length=User._meta.get_field("name").max_length)
    role = forms.ChoiceField(label=_("Role"), choices=STAFF_CHOICES)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, initial={"name": user.name, "role": user.role}, **kwargs)
        if user.role not in STAFF:
            del self.fields["role"]


class ReasonForm(PageForm, forms.Form):
    """Why an account is blocked. Its owner does not see it."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=User._meta.get_field("blocked_reason").max_length,
        help_text=_("Kept with the account and in the audit trail; its owner does not see it. Nothing clinical."),
    )


class OptionalReasonForm(ReasonForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = False


class InvitationForm(PageForm, forms.Form):
    """Somebody who is to work at the desk or in administration."""

    verb = _("Send the invitation")
    autocomplete = {"name": "off", "email": "off"}

    name = forms.CharField(label=_("Name"), max_length=User._meta.get_field("name").max_length)
    email = forms.EmailField(label=_("E-mail address"), max_length=User._meta.get_field("email").max_length)
    role = forms.ChoiceField(label=_("Role"), choices=STAFF_CHOICES, widget=forms.RadioSelect)


class PasswordForm(PageForm, forms.Form):
    """The password that an invited person chooses."""

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


class CloseForm(PageForm, forms.Form):
    """What was done about a message that did not get through."""

    note = forms.CharField(
        label=_("What was done"),
        max_length=Message._meta.get_field("note").max_length,
        help_text=_("For example: called her, she knows."),
    )
