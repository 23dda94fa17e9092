"""The base of every form: one column, labels above, optional fields say so, inputs that fit the data.

    class DoctorForm(PageForm, forms.ModelForm):
        verb = _("Save")                              # the button
        units = {"slot_minutes": _("minutes")}        # beside the input
        autocomplete = {"phone": "tel"}               # only where people fill in their own data

In the template: {% load crispy_forms_tags %}{% crispy form %}. Errors, the summary on top and the button come with it.
"""

import unicodedata

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Fieldset, Layout, LayoutObject
from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

NATIVE = {
    forms.DateField: ("date", "%Y-%m-%d", forms.DateInput),
    forms.TimeField: ("time", "%H:%M", forms.TimeInput),
    forms.DateTimeField: ("datetime-local", "%Y-%m-%dT%H:%M", forms.DateTimeInput),
}
UNSEEN = {"Cc", "Zl", "Zp"}  # Unicode's controls and its two separators of lines; Django answers for NUL


class PageForm:
    """Mixin for Form and ModelForm. Presentation only: what is right is decided by fields, clean and services."""

    verb = _("Save")
    danger = False  # the button of what cannot be undone
    preview = ""  # the words of a second button, `action=preview`: the page shows in #preview what saving would do
    back = ""  # where "Cancel" leads; usually given by the view: Form(..., back=url)
    method = "post"
    long = False  # takes a while to write: the browser asks before it is left unsaved (with js/unsaved.js)
    quiet = False  # a search: nothing says "optional"
    units = {}
    autocomplete = {}
    sections = ()  # ((title, [field, ...]), ...): fieldsets; fields not named follow at the end

    def __init__(self, *args, back="", verb="", **kwargs):
        super().__init__(*args, **kwargs)
        self.back = back or self.back
        self.verb = verb or self.verb
        for name, field in self.fields.items():
            make_native(field)
            if isinstance(field, forms.CharField) and isinstance(field.widget, forms.TextInput) and not self.quiet:
                field.validators.append(one_line)
            field.unit = self.units.get(name, "")
            if name in self.autocomplete:
                field.widget.attrs["autocomplete"] = self.autocomplete[name]

    @property
    def helper(self):
        """What {% crispy form %} renders: a whole form with summary of errors, fields and buttons."""
        helper = FormHelper()
        helper.form_method = self.method
        helper.form_class = "page-form"
        helper.attrs = {"data-keep": ""} if self.long else {}
        helper.layout = Layout(Differences(), *self.rows(), Buttons())
        return helper

    def rows(self):
        """The fields in order, in fieldsets when `sections` are named. Hidden ones stay where they are."""
        left = list(self.fields)
        rows = []
        for title, names in self.sections:
            names = [name for name in names if name in left]
            left = [name for name in left if name not in names]
            if names:
                rows.append(Fieldset(title, *names))
        return [*rows, *(Field(name) for name in left)]

    def refuse(self, refusal, field=None):
        """Show why a service refused, above the form or beside a field; what was typed stays."""
        self.add_error(field if field in self.fields else None, str(refusal))


class Differences(LayoutObject):
    """What somebody else has saved meanwhile (hms/lib/seen.py), above the fields."""

    def render(self, form, context, template_pack=None, **kwargs):
        found = getattr(form, "differences", ())
        return render_to_string("partials/_differences.html", {"form": form}) if found else ""


class Buttons(LayoutObject):
    """The form's verb and the way back."""

    def render(self, form, context, template_pack=None, **kwargs):
        return render_to_string("partials/_form_buttons.html", {"form": form})


def one_line(text):
    """Refuse what an input of one line never sends by itself: line breaks, bells, escapes. Names end up in mails."""
    if any(unicodedata.category(letter) in UNSEEN and letter != "\0" for letter in str(text)):
        raise ValidationError(_("This holds characters that cannot be shown."), code="unseen")


def make_native(field):
    """Give dates and times the browser's own inputs, texts four lines, and decimals the right keyboard."""
    for kind, (input_type, format_, widget) in NATIVE.items():
        if isinstance(field, kind) and type(field.widget) is widget:
            field.widget = widget(format=format_, attrs={**field.widget.attrs, "type": input_type})
            field.widget.is_required = field.required
            field.input_formats = [format_, *field.input_formats]
    if isinstance(field.widget, forms.Textarea) and field.widget.attrs.get("rows") == "10":  # Django's own default
        field.widget.attrs["rows"] = 4
    if isinstance(field, forms.DecimalField) and field.widget.input_type == "number":
        field.widget.attrs.setdefault("inputmode", "decimal")
