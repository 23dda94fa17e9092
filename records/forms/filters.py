"""What lists of records are narrowed by."""

from datetime import date, datetime, time, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from hms.lib.forms import PageForm
from scheduling.models import Status


class PeriodFilter(PageForm, forms.Form):
    """Words and a span of days; what cannot be read narrows nothing and says so."""

    method = "get"
    quiet = True

    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    since = forms.DateField(label=_("From"), required=False)
    until = forms.DateField(label=_("Until"), required=False)

    def given(self, name):
        """The value of a field, if there is one that could be read."""
        self.is_valid()
        return self.cleaned_data.get(name)

    def span(self, zone):
        """The instants at which the chosen days begin and end in a zone; None for an open end."""
        since, until = self.given("since"), self.given("until")
        return (
            datetime.combine(since, time.min, tzinfo=zone) if since else None,
            datetime.combine(until + timedelta(days=1), time.min, tzinfo=zone) if until and until < date.max else None,
        )

    @property
    def narrows(self):
        """Whether anything is asked for but whose visits they are."""
        return any(self.given(name) for name in self.fields if name != "patient")


class EncounterFilter(PeriodFilter):
    """For a doctor's own records."""

    STATES = (("", _("All")), ("signed", _("Signed")), ("draft", _("Not signed yet")))

    state = forms.ChoiceField(label=_("State"), choices=STATES, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["q"].widget.attrs["placeholder"] = _("Patient, complaint, diagnosis, medicine")


class VisitFilter(PeriodFilter):
    """For a patient's own visits, or (`patient`) those of somebody they read for."""

    status = forms.ChoiceField(label=_("Status"), choices=[("", _("All")), *Status.choices], required=False)
    patient = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.data.get("patient"):
            del self.fields["patient"]
        self.fields["q"].widget.attrs["placeholder"] = _("Doctor, complaint, diagnosis, medicine")
