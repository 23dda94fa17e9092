"""Which days and which department the figures are of. All of it in the address."""

from datetime import timedelta

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.models import Department
from hms.lib.forms import PageForm
from hms.lib.kept import KeptByRole
from records.months import Range, shifted
from scheduling.forms.desk import sensible

USUAL = 28  # days up to today
LONGEST = 731  # days: two years with a leap day
DEPARTMENTS = KeptByRole(lambda user: Department.objects.visible_to(user).order_by("name").values_list("pk", "name"))


class RangeForm(PageForm, forms.Form):
    """The last four weeks of the whole hospital, unless something else is asked for."""

    quiet = True
    method = "get"

    from_day = forms.DateField(label=gettext_lazy("From"), required=False, validators=[sensible])
    to_day = forms.DateField(label=gettext_lazy("To"), required=False, validators=[sensible])
    department = forms.ModelChoiceField(
        Department.objects.none(),
        label=gettext_lazy("Department"),
        required=False,
        empty_label=gettext_lazy("The whole hospital"),
    )

    def __init__(self, data, *, user, today, **options):
        """What the address leaves out stands in the fields, so that one sees which days are shown."""
        self.today = today
        first, last = usual(today)
        given = {"from_day": first.isoformat(), "to_day": last.isoformat()} if not is_asked(data) else {}
        super().__init__({**data.dict(), **given}, **options)
        field = self.fields["department"]
        field.queryset = Department.objects.visible_to(user).order_by("name")
        self.departments = dict(DEPARTMENTS(user).rows(user.pk))
        field.choices = [("", field.empty_label), *self.departments.items()]  # asked for once

    def clean(self):
        cleaned = super().clean()
        first, last = cleaned.get("from_day"), cleaned.get("to_day")
        if "from_day" in self.errors or "to_day" in self.errors:
            return cleaned
        last = last or max(first, self.today)
        first = first or last - timedelta(days=USUAL - 1)
        if last < first:
            self.add_error("to_day", _("This day comes before the first one."))
        elif (last - first).days >= LONGEST:
            self.add_error("to_day", _("That is too long: figures are shown for two years at most."))
        cleaned["days"] = first, last
        return cleaned

    def range(self, zone):
        """The days, once the form is valid."""
        return Range(*self.cleaned_data["days"], zone)

    @cached_property
    def asked(self):
        """What was chosen, as a query: without the days that nobody asked for."""
        return {name: value for name, value in self.data.items() if name in self.fields and value}


def is_asked(data):
    """Whether the address names days."""
    return any(data.get(name, "").strip() for name in ("from_day", "to_day"))


def usual(today):
    """The first and the last of the usual days."""
    return today - timedelta(days=USUAL - 1), today


def presets(today):
    """[(label, first day, last day)] of what is asked for often."""
    month = today.replace(day=1)
    return [
        (_("This week"), (monday := today - timedelta(days=today.weekday())), monday + timedelta(days=6)),
        (_("Last 4 weeks"), *usual(today)),
        (_("This month"), month, shifted(month, 1) - timedelta(days=1)),
        (_("Last 12 months"), shifted(month, -11), today),
    ]
