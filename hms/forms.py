"""Searches of pages that span the apps."""

from operator import itemgetter

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import jobs
from accounts.forms import Filter, search_input
from accounts.forms.filters import CALENDAR
from accounts.models import JobRun, Role
from hms import history
from hms.lib.lists import AsField, ListFilter, SpanForm, choice_field, column, search_field


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


def jobs_by_title():
    return sorted(((task, str(job.title)) for task, job in jobs.every().items()), key=itemgetter(1))


class RunFilter(ListFilter):
    """Of the runs of jobs those of one of them, or with one outcome."""

    job = django_filters.ChoiceFilter(
        field_name="task", label=_("Job"), choices=jobs_by_title, empty_label=_("All jobs")
    )
    outcome = choice_field(_("Outcome"), [("", _("All")), *JobRun.Outcome.choices])
    columns = (column("begun", _("Begun"), "started_at"), column("ended", _("Ended"), "finished_at", empty=True))
    first = "-begun"
    size = 50


class HistoryFilter(ListFilter):
    """Which settings' history, whose acts, when; `row` narrows it to one setting and comes with a link."""

    what = choice_field(
        _("Setting"),
        [("", _("All settings")), *((kind, words) for kind, (words, _rows) in history.KINDS.items())],
    )
    q = search_field(_("Who or what"))
    since = django_filters.DateFilter(label=_("From"), validators=CALENDAR, widget=forms.DateInput)
    until = django_filters.DateFilter(label=_("Until"), validators=CALENDAR, widget=forms.DateInput)
    row = AsField(forms.IntegerField, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)
    columns = (column("when", _("When"), "at"),)
    first = "-when"

    class Meta:
        form = SpanForm

    def __init__(self, data, *, user):
        self.user = user
        super().__init__(data, history.acts(user))

    def filter_queryset(self, _queryset):
        return history.acts(self.user, **self.given)
