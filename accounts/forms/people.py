"""Changing, blocking and unblocking accounts."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services.people import STAFF
from hms.lib.forms import PageForm
from hms.lib.seen import SeenForm

STAFF_CHOICES = [(role.value, role.label) for role in STAFF]


class UserForm(SeenForm, PageForm, forms.Form):
    """An account's name; for staff, the role too."""

    name = forms.CharField(label=_("Name"), max_length=User._meta.get_field("name").max_length)
    role = forms.ChoiceField(label=_("Role"), choices=STAFF_CHOICES)

    def __init__(self, *args, user, **kwargs):
        self.instance = user
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
