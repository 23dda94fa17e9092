"""Searches of pages that span the apps."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import Filter, search_input
from accounts.models import Role


class AccessFilter(Filter):
    """The table of who may open what."""

    q = search_input(_("Address or permission"))
    role = forms.ChoiceField(label=_("Role"), choices=[("", _("All roles")), *Role.choices])
