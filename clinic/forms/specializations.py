"""The list of specializations, and the input that offers it."""

from operator import attrgetter

from django import forms
from django.db.models import Q
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from clinic import services, specialized
from clinic.forms.base import ClinicForm
from clinic.models import Specialization
from hms.lib.forms import PageForm
from hms.lib.lists import ListFilter, choice_field, column, search_field
from hms.lib.search import fold
from hms.lib.seen import SeenForm


class Offering(forms.TextInput):
    """An input of one line that offers words and takes others as well."""

    def __init__(self, offered, attrs=None):
        super().__init__(attrs)
        self.offered = offered

    def render(self, name, value, attrs=None, renderer=None):
        place = f"offered-{name}"
        shown = super().render(name, value, {**(attrs or {}), "list": place}, renderer)
        options = format_html_join("", '<option value="{}"></option>', ((words,) for words in self.offered))
        return format_html('{}<datalist id="{}">{}</datalist>', shown, place, options)


def offer_specializations(form):
    """Let the form's field `specialization` offer the hospital's list. Other words are taken, too."""
    field = form.fields["specialization"]
    offered = Specialization.objects.offered().values_list("name", flat=True)
    field.widget = Offering(offered, field.widget.attrs)
    field.help_text = field.help_text or _("Choose one of the hospital's list, or write another one.")


class SpecializationFilter(ListFilter):
    """Of the words that doctors are specialized in (specialized.Entry, no rows of a table) those that are asked for."""

    STATES = {
        "used": (_("In use"), lambda entry: entry.doctors),
        "unused": (_("Not in use"), lambda entry: not entry.doctors),
        "retired": (specialized.STATES[specialized.RETIRED], lambda entry: entry.state == specialized.RETIRED),
        "other": (specialized.STATES[specialized.OTHER], lambda entry: entry.state == specialized.OTHER),
    }

    q = search_field(_("Specialization"))
    state = choice_field(_("State"), [("", _("All")), *((state, words) for state, (words, _test) in STATES.items())])
    columns = (
        column("name", _("Specialization")),
        column("doctors", _("Doctors")),
        column("state", _("State")),
    )
    first = "name"
    size = 50

    def __init__(self, data, entries):
        self.entries = entries
        super().__init__(data, Specialization.objects.none())

    def filter_queryset(self, _queryset):
        words = fold(self.given.get("q", ""))
        _label, is_asked = self.STATES.get(self.given.get("state"), ("", lambda _entry: True))
        return [entry for entry in self.entries if words in fold(entry.name) and is_asked(entry)]

    def in_order(self, entries):
        key, backwards = self.sort.removeprefix("-"), self.sort.startswith("-")
        by_name = sorted(entries, key=lambda entry: fold(entry.name), reverse=backwards and key == "name")
        return by_name if key == "name" else sorted(by_name, key=attrgetter(key), reverse=backwards)


class SpecializationForm(SeenForm, ClinicForm, forms.ModelForm):
    """The words of one specialization."""

    class Meta:
        model = Specialization
        fields = ["name"]
        help_texts = {"name": _("As patients read it in a doctor's profile.")}

    def write(self):
        if self.instance.pk:
            return services.rename_specialization(self.instance, by=self.by, **self.cleaned_data)
        return services.create_specialization(by=self.by, **self.cleaned_data)

    def field_of(self, refusal):
        return "name"


class MergeSpecializationForm(PageForm, forms.Form):
    """Which words stay of two that mean the same."""

    verb = _("Merge")
    into = forms.ModelChoiceField(Specialization.objects.none(), label=_("Words that stay"))

    def __init__(self, *args, specialization, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["into"].queryset = Specialization.objects.filter(~Q(pk=specialization.pk))
