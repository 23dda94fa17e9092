"""Searches of pages that span the apps."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import Filter, search_input
from accounts.models import Role
from hms.history import KINDS


class SearchForm(Filter):
    """The one box for everything. As long as the lists' own searches, which take the same words."""

    q = forms.CharField(
        label=_("Search"),
        max_length=100,
        widget=forms.TextInput(
            {"type": "search", "class": "form-control", "data-search-box": "", "aria-keyshortcuts": "/"}
        ),
    )


class AccessFilter(Filter):
    """The table of who may open what."""

    q = search_input(_("Address or permission"))
    role = forms.ChoiceField(label=_("Role"), choices=[("", _("All roles")), *Role.choices])


class HistoryFilter(Filter):
    """Which settings' history; `row` narrows it to one of them and comes with a link."""

    what = forms.ChoiceField(
        label=_("Setting"),
        choices=[("", _("All settings")), *((kind, words) for kind, (words, _rows) in KINDS.items())],
    )
    row = forms.IntegerField(min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)
