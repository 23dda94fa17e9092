"""What people say who wait for an earlier time: when they can, and until when they wait."""

from django import forms
from django.utils.translation import gettext_lazy as _

from hms.lib.forms import PageForm
from scheduling.models import Part, Weekday


class WaitlistForm(PageForm, forms.Form):
    """Days and parts of the day are ticked; all of them to begin with."""

    verb = _("Join the waiting list")

    weekdays = forms.TypedMultipleChoiceField(
        label=_("Days that suit"), coerce=int, choices=Weekday.choices, widget=forms.CheckboxSelectMultiple
    )
    parts = forms.TypedMultipleChoiceField(
        label=_("Parts of the day that suit"),
        coerce=int,
        choices=Part.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Morning is before 12, evening from 17 o'clock."),
    )
    until = forms.DateField(label=_("Until"), help_text=_("The last day on which you would come."))
    patient = forms.IntegerField(required=False, widget=forms.HiddenInput)

    @property
    def wishes(self):
        """What the service takes: bits for days and parts, and the last day."""
        data = self.cleaned_data
        return {
            "weekdays": sum(1 << day for day in set(data["weekdays"])),
            "parts": sum(set(data["parts"])),
            "until": data["until"],
        }
