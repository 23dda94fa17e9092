"""The form in which a doctor writes what happened at a visit."""

import re
from functools import partial

from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _

from hms.lib.forms import PageForm
from records.forms.fields import LongWords, Words
from records.measures import MEASURES, plain, unit_words
from records.models import CodeSystem

ICD10 = re.compile(r"[A-Z][0-9][0-9A-Z](\.?[0-9A-Z]{1,4})?")
MOST_ROWS = 30
USUAL = {  # offered while typing; anything else can be written
    "route": [_("by mouth"), _("inhaled"), _("on the skin"), _("into the eye"), _("injected")],
    "frequency": [_("once a day"), _("twice a day"), _("three times a day"), _("at night"), _("as needed")],
    "duration": [_("3 days"), _("5 days"), _("7 days"), _("10 days"), _("14 days"), _("1 month"), _("3 months")],
}


def measure_field(measure):
    """An input for one measurement, which refuses what no living person can have."""
    span = {
        "low": plain(measure.low),
        "high": plain(measure.high),
        "unit": unit_words(measure.unit),
    }
    sentence = _("Values between %(low)s and %(high)s %(unit)s are possible.") % span
    field = forms.DecimalField(
        label=measure.label,
        required=False,
        min_value=measure.low,
        max_value=measure.high,
        max_digits=6,
        decimal_places=measure.places,
        error_messages={"min_value": sentence, "max_value": sentence},
    )
    field.measure = measure
    return field


class CanWait:
    """Mixin: a form that shows what was typed without judging it yet."""

    unchecked = False

    def full_clean(self):
        if self.unchecked:
            self._errors, self.cleaned_data = forms.utils.ErrorDict(), {}
        else:
            super().full_clean()


MeasureFields = type("MeasureFields", (forms.Form,), {measure.name: measure_field(measure) for measure in MEASURES})


class MeasuresForm(CanWait, PageForm, MeasureFields):
    """What was measured; each of it optional, which the form says once for all."""

    quiet = True
    units = {measure.name: unit_words(measure.unit) for measure in MEASURES}

    def clean(self):
        data = super().clean()
        upper, lower = data.get("systolic"), data.get("diastolic")
        if upper is not None and lower is not None and lower >= upper:
            self.add_error("diastolic", _("The lower value must be below the upper one."))
        for one, other in (("systolic", "diastolic"), ("diastolic", "systolic")):
            if data.get(one) is not None and data.get(other) is None and other not in self.errors:
                self.add_error(other, _("Blood pressure needs both values."))
        return data

    def vitals(self):
        data = self.cleaned_data
        return [{"code": it.code, "number": data[it.name]} for it in MEASURES if data[it.name] is not None]


class EncounterForm(CanWait, PageForm, forms.Form):
    """Everything of a visit that is not a list."""

    seen = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    complaint = LongWords(
        label=_("Complaint"), max_length=5000, rows=3, help_text=_("What brought the patient here, in a few words.")
    )
    notes = LongWords(
        label=_("Notes"),
        max_length=20000,
        rows=6,
        required=False,
        help_text=_("Findings and advice. The patient reads this after you have signed."),
    )
    next_visit_on = forms.DateField(label=_("Next visit"), required=False)

    def __init__(self, *args, visit_day, draft=False, **kwargs):
        self.visit_day = visit_day
        super().__init__(*args, **kwargs)
        if draft:
            self.fields["complaint"].required = False

    def clean_next_visit_on(self):
        day = self.cleaned_data["next_visit_on"]
        if day and day <= self.visit_day:
            raise ValidationError(_("The next visit comes after this one."))
        if day and (day - self.visit_day).days > 366 * 5:
            raise ValidationError(_("That is more than five years away."))
        return day


class AmendForm(EncounterForm):
    """The same, with the reason for changing what was signed."""

    reason = Words(
        label=_("Reason for the amendment"), max_length=300, help_text=_("The patient sees it beside the change.")
    )


class RowForm(CanWait, PageForm, forms.Form):
    """One row of a list. A row in which nothing is written says nothing and is left out."""

    quiet = True
    written = ()  # the fields that make a row

    def has_changed(self):
        return any(self[name].data and str(self[name].data).strip() for name in self.written)


class DiagnosisForm(RowForm):
    written = ("words", "code")

    words = Words(label=_("Diagnosis"), max_length=300)
    code = Words(label=_("Code"), max_length=20, required=False)
    system = forms.ChoiceField(
        label=_("Code system"),
        required=False,  # what is left out is ICD-10
        initial=CodeSystem.ICD10,
        choices=[(system.value, system.label) for system in (CodeSystem.ICD10, CodeSystem.SNOMED)],
    )

    def clean(self):
        data = super().clean()
        code = data.get("code", "")
        data["system"] = data.get("system") or CodeSystem.ICD10
        if code and data.get("system") == CodeSystem.ICD10:
            data["code"] = code.upper()
            if not ICD10.fullmatch(data["code"]):
                self.add_error("code", _("An ICD-10 code looks like J06.9."))
        if code and data.get("system") == CodeSystem.SNOMED and not (code.isdecimal() and 6 <= len(code) <= 18):
            self.add_error("code", _("A SNOMED CT code has 6 to 18 digits."))
        return data


class LineForm(RowForm):
    written = ("medicine", "dose", "route", "frequency", "duration", "instructions")

    medicine = Words(label=_("Medicine"), max_length=300)
    dose = Words(label=_("Dose"), max_length=100, required=False)
    route = Words(label=_("Route"), max_length=60, required=False)
    frequency = Words(label=_("How often"), max_length=100, required=False)
    duration = Words(label=_("How long"), max_length=100, required=False)
    instructions = Words(label=_("Instructions"), max_length=500, required=False)
    override_reason = Words(label=_("Reason to prescribe it in spite of the allergy"), max_length=300, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.meets = []
        for name in ("route", "frequency", "duration"):
            self.fields[name].widget.attrs["list"] = f"usual-{name}"

    def refuse_allergy(self, substances):
        """Ask for a reason beside the medicine that meets an allergy."""
        self.meets = substances
        sentence = _("The patient is allergic to %(substances)s. Choose another medicine, or give a reason below.")
        self.add_error("medicine", sentence % {"substances": ", ".join(substances)})

    @property
    def asks_reason(self):
        return bool(self.meets or self["override_reason"].value())


class Rows(BaseFormSet):
    """A list of rows that may all be emptied: what was saved before is no more required than what is new."""

    def initial_form_count(self):
        return 0

    def filled(self):
        """The forms of the rows that say something and are not to go."""
        gone = self.deleted_forms
        return [form for form in self.forms if form.has_changed() and form not in gone]


class EncounterForms:
    """The form and its two lists as one thing: what is typed, what it says, what is wrong with it."""

    usual = USUAL
    LISTS = {"diagnoses": DiagnosisForm, "prescriptions": LineForm}

    def __init__(self, *, visit_day, data=None, content=None, seen=0, draft=False, form_class=EncounterForm):
        content = content or {}
        fresh = data is None
        self.data = None if fresh else counted(data, self.LISTS)
        initial = flat(content, seen) if fresh else None
        self.form = form_class(self.data, visit_day=visit_day, draft=draft, initial=initial)
        self.measures = MeasuresForm(self.data, initial=measured(content) if fresh else None)
        make = partial(self._rows, content)
        self.diagnoses, self.prescriptions = make("diagnoses"), make("prescriptions")

    def _rows(self, content, name):
        initial = [row | ({} if row.get("code") else {"system": CodeSystem.ICD10}) for row in content.get(name, [])]
        factory = formset_factory(
            self.LISTS[name], formset=Rows, extra=len(initial) + 1, can_delete=True, max_num=MOST_ROWS,
            absolute_max=MOST_ROWS * 2, validate_max=True,
        )  # fmt: skip
        return factory(self.data, prefix=name, initial=initial or None if self.data is None else None)

    @classmethod
    def with_another_row(cls, name, *, data, **kwargs):
        """What was typed, unjudged, with one more row in the list of that name."""
        data = data.copy()
        key = f"{name}-TOTAL_FORMS"
        if data.get(key, "").isdecimal() and name in cls.LISTS:
            data[key] = str(min(int(data[key]) + 1, MOST_ROWS))
        return cls.unjudged(data=data, **kwargs)

    @classmethod
    def unjudged(cls, *, data, **kwargs):
        """What was typed, with no word about what is wrong with it."""
        forms_ = cls(data=data, **kwargs)
        for form in forms_.all():
            form.unchecked = True
        return forms_

    def all(self):
        """Every form: the main one, then the rows."""
        return [self.form, self.measures, *self.diagnoses.forms, *self.prescriptions.forms]

    @property
    def lists(self):
        return [self.diagnoses, self.prescriptions]

    def is_valid(self):
        return all(
            [self.form.is_valid(), self.measures.is_valid(), self.diagnoses.is_valid(), self.prescriptions.is_valid()]
        )

    @property
    def has_errors(self):
        return any(form.errors for form in self.all()) or any(rows.non_form_errors() for rows in self.lists)

    def content(self):
        """What the services take. Valid forms only."""
        rows = {
            "diagnoses": [values(form, ("words", "code", "system")) for form in self.diagnoses.filled()],
            "prescriptions": [values(form, LineForm.base_fields) for form in self.prescriptions.filled()],
        }
        plain = values(self.form, ("complaint", "notes", "next_visit_on"))
        return plain | {"vitals": self.measures.vitals()} | rows

    def refuse_allergies(self, lines):
        """Show beside each medicine which allergy it meets."""
        filled = self.prescriptions.filled()
        for index, substances in lines.items():
            filled[index].refuse_allergy(substances)

    def saw(self, saves):
        """From now on the form knows of that many savings: sending it again replaces what they said."""
        self.form.data = self.form.data.copy()
        self.form.data["seen"] = str(saves)


def counted(data, names):
    """A copy of what was sent in which each list says how many rows it has, also where the sender left that out."""
    data = data.copy()
    for name in names:
        if f"{name}-TOTAL_FORMS" not in data:
            rows = [int(found[1]) for key in data if (found := re.match(rf"{name}-(\d{{1,3}})-", key))]
            data[f"{name}-TOTAL_FORMS"], data[f"{name}-INITIAL_FORMS"] = str(max(rows, default=-1) + 1), "0"
    return data


def values(form, names):
    return {name: form.cleaned_data.get(name, "") for name in names}


def flat(content, seen):
    """The initial values of the form from the content of an encounter."""
    return {name: content.get(name) for name in ("complaint", "notes", "next_visit_on")} | {"seen": seen}


def measured(content):
    """The initial values of the measurements from the content of an encounter."""
    numbers = {row["code"]: row["number"] for row in content.get("vitals", [])}
    return {measure.name: numbers.get(measure.code) for measure in MEASURES}
