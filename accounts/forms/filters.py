"""Searches that live in the URL."""

from datetime import date

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from accounts import audit, kinds
from accounts.models import Channel, MessageState, Role
from hms.lib.forms import PageForm

CALENDAR = [MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(2200, 1, 1))]


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
            ("closed", _("Closed")),
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
    channel = forms.ChoiceField(label=_("Channel"), choices=[("", _("All")), *Channel.choices])
    kind = forms.ChoiceField(label=_("Kind"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        named = [(str(kind.title) or name, name) for name, kind in kinds.every().items()]
        self.fields["kind"].choices = [("", _("All")), *((name, title) for title, name in sorted(named))]


class AuditFilter(Filter):
    q = search_field(_("Who or what"))
    action = forms.ChoiceField(label=_("Action"))
    patient = search_field(_("Patient"))
    address = forms.GenericIPAddressField(label=_("From address"), max_length=45)
    outcome = forms.ChoiceField(
        label=_("Outcome"), choices=[("", _("All")), ("done", _("Done")), ("failed", _("Failed or refused"))]
    )
    actor = forms.IntegerField(min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)
    since = forms.DateField(label=_("From"), validators=CALENDAR)
    until = forms.DateField(label=_("Until"), validators=CALENDAR)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        named = [(str(words), action) for action, words in audit.actions()]
        self.fields["action"].choices = [("", _("All")), *((action, words) for words, action in sorted(named))]
