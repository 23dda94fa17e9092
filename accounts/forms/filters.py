"""Searches that live in the URL."""

from datetime import date

import django_filters
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from accounts import audit, kinds, trail
from accounts.models import Channel, Invitation, MessageState, Role
from hms.lib.forms import PageForm
from hms.lib.lists import AsField, ListFilter, NarrowedList, SpanForm, choice_field, column, search_field

CALENDAR = [MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(2200, 1, 1))]


class Filter(PageForm, forms.Form):
    """A search of what is no table of the database: nothing is required; what cannot be read finds nothing."""

    quiet = True

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = False

    @property
    def given(self):
        """What is asked for and could be read, by name; as ListFilter says it."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}


def search_input(label):
    return forms.CharField(label=label, max_length=100, widget=forms.TextInput({"type": "search"}))


class UserFilter(NarrowedList):
    q = search_field(_("Name or e-mail address"))
    role = choice_field(_("Role"), [("", _("All roles")), *Role.choices])
    state = choice_field(
        _("State"),
        [
            ("", _("All")),
            ("active", _("Active")),
            ("invited", _("Invited, no password yet")),
            ("blocked", _("Blocked")),
            ("closed", _("Closed")),
        ],
    )
    columns = (
        column("name", _("Name")),
        column("email", _("E-mail address")),
        column("role", _("Role"), "role", "name"),
        column("seen", _("Last sign-in"), "last_login", empty=True),
    )
    first = "name"


class InvitationFilter(NarrowedList):
    q = search_field(_("Name or e-mail address"))
    state = choice_field(_("State"), [("", _("All")), *Invitation.State.choices])
    columns = (
        column("name", _("Name"), "user__name"),
        column("email", _("E-mail address"), "user__email"),
        column("role", _("Role"), "user__role", "user__name"),
        column("invited", _("Invited"), "created_at"),
    )
    first = "-invited"


def kinds_by_title():
    named = sorted((str(kind.title) or name, name) for name, kind in kinds.every().items())
    return [(name, title) for title, name in named]


def actions_by_words():
    return [(action, words) for words, action in sorted((str(words), action) for action, words in audit.actions())]


OUTGOING = [choice for choice in Channel.choices if choice[0] != Channel.INBOX]


class MessageFilter(NarrowedList):
    q = search_field(_("Name, address or subject"))
    state = choice_field(_("State"), [("", _("Not delivered")), ("all", _("All")), *MessageState.choices])
    channel = choice_field(_("Channel"), [("", _("All")), *OUTGOING])
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=kinds_by_title, empty_label=_("All"))
    columns = (
        column("written", _("When written"), "created_at"),
        column("person", _("Person"), "recipient_name", "created_at"),
        column("kind", _("Kind"), "kind", "created_at"),
    )
    first = "-written"


class AuditFilter(ListFilter):
    """What `user` may see of the trail. The newest first or last: other orders would read all of it."""

    q = search_field(_("Who or what"))
    action = django_filters.ChoiceFilter(label=_("Action"), choices=actions_by_words, empty_label=_("All"))
    patient = search_field(_("Patient"))
    address = AsField(forms.GenericIPAddressField, label=_("From address"), max_length=45)
    outcome = choice_field(_("Outcome"), [("", _("All")), ("done", _("Done")), ("failed", _("Failed or refused"))])
    actor = AsField(forms.IntegerField, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)
    since = django_filters.DateFilter(label=_("From"), validators=CALENDAR, widget=forms.DateInput)
    until = django_filters.DateFilter(label=_("Until"), validators=CALENDAR, widget=forms.DateInput)
    columns = (column("when", _("When"), "at"),)
    first = "-when"
    size = 50

    class Meta:
        form = SpanForm

    def __init__(self, data, *, user):
        self.user = user
        super().__init__(data, trail.search(user, {}))

    def filter_queryset(self, _queryset):
        return trail.search(self.user, self.given)
