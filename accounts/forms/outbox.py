"""Working the list of what could not be delivered."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Message
from hms.lib.forms import PageForm


class CloseForm(PageForm, forms.Form):
    """What was done about a message that did not get through."""

    note = forms.CharField(
        label=_("What was done"),
        max_length=Message._meta.get_field("note").max_length,
        help_text=_("For example: called her, she knows."),
    )
