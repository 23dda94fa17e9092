"""Asking for a list as a file."""

from django import forms
from django.utils.translation import gettext_lazy as _

from hms.lib.forms import PageForm
from records.models import Export
from records.services import FORMATS

CHOICES = [(form.value, form.label) for form in FORMATS[Export.Kind.APPOINTMENTS]]


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
