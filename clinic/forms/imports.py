"""Bringing a list of doctors or patients: the file, how it is read, which column is what."""

import django_filters
from django import forms
from django.template.defaultfilters import filesizeformat, truncatechars
from django.utils.functional import lazy
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts import audit
from clinic.importing import targets
from clinic.importing.values import DATE_ORDERS
from clinic.models import Department, Import
from clinic.services.importfiles import LARGEST
from clinic.services.imports import edition_of
from hms.lib.csvfile import DELIMITERS, ENCODINGS
from hms.lib.forms import PageForm
from hms.lib.lists import ListFilter, choice_field, column
from hms.lib.seen import Difference

COLUMN = "column_"  # how the names of the fields begin that say which column is what


def _most():
    return _now("CSV with commas, semicolons, tabs or bars, up to %(size)s.") % {"size": filesizeformat(LARGEST)}


class ImportFilter(ListFilter):
    """Of what was brought the files that are asked for."""

    q = django_filters.CharFilter(
        field_name="file_name",
        lookup_expr="icontains",
        label=_("File"),
        max_length=100,
        widget=forms.TextInput({"type": "search"}),
    )
    kind = choice_field(_("What"), [("", _("All")), *Import.Kind.choices])
    state = choice_field(_("State"), [("", _("All")), *Import.State.choices])
    columns = (
        column("file", _("File"), "file_name"),
        column("kind", _("What"), "kind", "file_name"),
        column("owner", _("Brought by"), "owner__name", "requested_at", empty=True),
        column("when", _("Last step"), "requested_at"),
    )
    first = "-when"
    size = 50


class BringForm(PageForm, forms.Form):
    """What the list holds, and the file."""

    verb = _("Go on")
    kind = forms.ChoiceField(
        label=_("What stands in the list?"), choices=Import.Kind.choices, initial="patients", widget=forms.RadioSelect
    )
    file = forms.FileField(
        label=_("File"),
        help_text=lazy(_most, str)(),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv,text/tab-separated-values,text/plain"}),
    )


class ReadingForm(PageForm, forms.Form):
    """How bytes become cells."""

    verb = _("Read it again")
    encoding = forms.ChoiceField(label=_("Encoding"), choices=list(ENCODINGS.items()))
    delimiter = forms.ChoiceField(label=_("Between the cells"), choices=list(DELIMITERS.items()))
    has_heading = forms.BooleanField(label=_("The first row names the columns"), required=False)


class MatchForm(PageForm, forms.Form):
    """Which of the file's columns becomes which of our fields, and what is to be done with doubtful rows."""

    verb = _("Check the file")
    quiet = True  # nearly all of it is optional: what is needed is said beside it
    differences = ()
    changed_by = None
    seen = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    dates = forms.ChoiceField(label=_("Dates are written like"), choices=list(DATE_ORDERS.items()))
    source = forms.CharField(
        label=_("Name of the other system"),
        max_length=12,
        required=False,
        help_text=_("Only where lists come from several systems whose numbers could be the same ones. Like: north"),
    )
    alike = forms.ChoiceField(
        label=_("Rows that look like somebody who is there"),
        choices=Import.Alike.choices,
        widget=forms.RadioSelect,
        initial=Import.Alike.LEAVE,
    )
    department = forms.ModelChoiceField(
        Department.objects.none(),
        label=_("Department of rows that name none"),
        required=False,
        empty_label=_("None: such rows are wrong"),
    )
    unknown_departments = forms.ChoiceField(
        label=_("Departments that are not there yet"),
        choices=Import.Departments.choices,
        widget=forms.RadioSelect,
        initial=Import.Departments.REFUSE,
    )

    def __init__(self, *args, imported, rows, **kwargs):
        super().__init__(*args, **kwargs)
        self.imported = imported
        self.fields["department"].queryset = Department.objects.open()
        if imported.kind == Import.Kind.PATIENTS:
            del self.fields["department"], self.fields["unknown_departments"]
        choices = [("", _("– not in the file –")), *columns_of(imported, rows)]
        for target in targets.OF[imported.kind]:
            field = forms.TypedChoiceField(
                label=target.label, choices=choices, coerce=int, empty_value=None, required=False, help_text=target.help
            )
            self.fields[COLUMN + target.name] = field
            self.initial.setdefault(COLUMN + target.name, imported.mapping.get(target.name, ""))
        for name in ("dates", "source", "alike", "unknown_departments", "department"):
            if name in self.fields:
                self.initial.setdefault(name, getattr(imported, name))
        self.initial["seen"] = edition_of(imported)

    @property
    def status(self):
        """The status of the page that shows the form."""
        return 409 if self.differences else 422 if self.errors else 200

    def show_both(self, changed):
        """What somebody else has chosen meanwhile, beside what was chosen here; sending it again replaces theirs."""
        theirs = changed.row.mapping
        self.data = self.data.copy()
        self.data["seen"] = edition_of(changed.row)
        for name, mine in self.cleaned_data.items():
            said = (
                theirs.get(name.removeprefix(COLUMN)) if name.startswith(COLUMN) else getattr(changed.row, name, mine)
            )
            if said != mine:
                words = (self._in_words(name, said), self._in_words(name, mine))
                self.differences = [*self.differences, Difference(self.fields[name].label, *words)]
        self.changed_by = audit.last_change(changed.row)

    def _in_words(self, name, value):
        """A choice as it stands on the page."""
        known = {str(key): words for key, words in getattr(self.fields[name], "choices", ())}
        return known.get("" if value is None else str(getattr(value, "pk", value)), value)

    @property
    def sections(self):
        columns = [name for name in self.fields if name.startswith(COLUMN)]
        choices = [name for name in self.fields if not name.startswith(COLUMN) and name != "seen"]
        return ((_("Which column is what"), columns), (_("How to take them over"), choices))

    @property
    def mapping(self):
        """{field: index of the column}."""
        chosen = {
            name.removeprefix(COLUMN): value for name, value in self.cleaned_data.items() if name.startswith(COLUMN)
        }
        return {name: index for name, index in chosen.items() if index is not None}

    @property
    def options(self):
        return {name: value for name, value in self.cleaned_data.items() if not name.startswith(COLUMN)}

    def clean(self):
        data = super().clean()
        for field, sentence in missing(self.imported.kind, self.mapping, data.get("department")):
            if COLUMN + field not in self.errors:
                self.add_error(COLUMN + field, sentence)
        return data


def missing(kind, mapping, department=None):
    """(field, sentence) of what has to be matched and is not."""
    if not {"name", "first_name", "last_name"} & set(mapping):
        yield "name", _("Choose the column with the names, or those with their parts.")
    if kind == Import.Kind.PATIENTS and "birth_date" not in mapping:
        yield "birth_date", _("Choose the column with the dates of birth.")
    if kind == Import.Kind.DOCTORS and "department" not in mapping and department is None:
        yield "department", _("Choose a column, or below the department of rows that name none.")


def columns_of(imported, rows):
    """(index, name with an example) of each column."""
    for index, name in enumerate(imported.columns):
        texts = (row[index].strip() for row in rows if index < len(row))
        example = truncatechars(next(filter(None, texts), ""), 28)
        yield index, f"{name}: {example}" if example else name
