"""What lists of records are narrowed by."""

from datetime import date, datetime, time, timedelta

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from hms.lib.forms import PageForm
from hms.lib.lists import ListFilter, SpanForm, column
from records.search import encounters_with
from scheduling import wall
from scheduling.forms.desk import sensible
from scheduling.models import Status


class PeriodFilter(PageForm, forms.Form):
    """Words and a span of days; what cannot be read finds nothing, and the form says why."""

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
        return not self.is_valid() or any(self.given(name) for name in self.fields if name != "patient")


class EncounterFilter(ListFilter):
    """For a doctor's own records; days are those of `zone`."""

    STATES = (("", _("All")), ("signed", _("Signed")), ("draft", _("Not signed yet")))

    q = django_filters.CharFilter(
        method="with_words",
        label=_("Search"),
        max_length=100,
        widget=forms.TextInput({"placeholder": _("Patient, complaint, diagnosis, medicine")}),
    )
    since = django_filters.DateFilter(method="from_day", label=_("From"), widget=forms.DateInput, validators=[sensible])
    until = django_filters.DateFilter(method="to_day", label=_("Until"), widget=forms.DateInput, validators=[sensible])
    state = django_filters.ChoiceFilter(
        method="in_state", label=_("State"), choices=STATES[1:], empty_label=STATES[0][1]
    )
    columns = (
        column("patient", _("Patient"), "patient__name", "started_at"),
        column("visit", _("Visit"), "started_at"),
    )
    first = "-visit"
    size = 20

    class Meta:
        form = SpanForm

    def __init__(self, data, queryset, *, zone):
        super().__init__(data, queryset)
        self.zone = zone

    def with_words(self, encounters, _name, text):
        return encounters_with(encounters, text)

    def from_day(self, encounters, _name, day):
        return encounters.filter(started_at__gte=wall.day_begins(day, self.zone))

    def to_day(self, encounters, _name, day):
        return encounters.filter(started_at__lt=wall.day_ends(day, self.zone))

    def in_state(self, encounters, _name, state):
        return encounters.filter(signed_at__isnull=state == "draft")


class VisitFilter(PeriodFilter):
    """For a patient's own visits, or (`patient`) those of somebody they read for."""

    status = forms.ChoiceField(label=_("Status"), choices=[("", _("All")), *Status.choices], required=False)
    patient = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.data.get("patient"):
            del self.fields["patient"]
        self.fields["q"].widget.attrs["placeholder"] = _("Doctor, complaint, diagnosis, medicine")
