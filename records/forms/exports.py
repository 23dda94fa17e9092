"""Asking for a list as a file."""

import django_filters
from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hms.lib.forms import PageForm
from hms.lib.lists import ListFilter, column
from records.models import Export
from records.services import FORMATS

CHOICES = [(form.value, form.label) for form in FORMATS[Export.Kind.APPOINTMENTS]]


class ExportFilter(ListFilter):
    """Of one's own files those that are asked for; a file whose time is over is expired, whether or not it is gone."""

    kind = django_filters.ChoiceFilter(label=_("What"), choices=Export.Kind.choices, empty_label=_("All"))
    state = django_filters.ChoiceFilter(
        method="standing", label=_("State"), choices=Export.State.choices, empty_label=_("All")
    )
    columns = (
        column("when", _("Asked for"), "requested_at"),
        column("kind", _("What"), "kind", "requested_at"),
    )
    first = "-when"

    def __init__(self, data, exports, *, now):
        self.now = now
        super().__init__(data, exports)

    def standing(self, exports, _name, state):
        over = Q(state=Export.State.EXPIRED) | Q(state=Export.State.READY, expires_at__lte=self.now)
        if state == Export.State.EXPIRED:
            return exports.filter(over)
        return exports.filter(Q(state=state) & ~over)


class ListForm(PageForm, forms.Form):
    """In which form, and whether with clinical columns: only who holds a grant to download is asked."""

    verb = _("Make the file")
    format = forms.ChoiceField(label=_("Format"), choices=CHOICES, initial=Export.Format.CSV, widget=forms.RadioSelect)
    clinical = forms.BooleanField(
        label=_("With clinical columns"),
        required=False,
        help_text=_(
            "Reason, complaint and diagnoses, or blood group, allergies and diagnoses, of those patients whose records "
            "you have a grant to download. Each of them sees it."
        ),
    )

    def __init__(self, *args, may_clinical, **kwargs):
        super().__init__(*args, **kwargs)
        if not may_clinical:
            del self.fields["clinical"]
