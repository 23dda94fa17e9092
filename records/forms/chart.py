"""Forms for what belongs to the patient: the standing history, allergies, medication."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hms.lib.forms import PageForm
from hms.lib.seen import SeenForm
from records.forms.fields import LongWords, Words
from records.models import Allergy, MedicalHistory
from records.services.chart import HISTORY_FIELDS

HELP = {
    "illnesses": _("For example: diabetes since 2019, asthma as a child."),
    "operations": _("With the year, as well as you remember."),
    "medicines": _("Name and dose, also what you buy without a prescription."),
    "family": _("For example: mother had breast cancer at 50."),
    "habits": "",
    "other": _("For example: allergies, implants, a pregnancy."),
}


class HistoryForm(PageForm, forms.Form):
    """The standing history in the patient's own words. Nothing is required: an empty history is an answer too."""

    verb = _("Save my history")
    long = True
    seen = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args, current=None, **kwargs):
        initial = {name: getattr(current, name) for name in HISTORY_FIELDS} if current else {}
        super().__init__(*args, initial=initial | {"seen": current.pk if current else 0}, **kwargs)
        for name in HISTORY_FIELDS:
            label = MedicalHistory._meta.get_field(name).verbose_name
            self.fields[name] = LongWords(
                label=label[:1].upper() + label[1:], max_length=5000, rows=3, required=False, help_text=HELP[name]
            )

    def saw(self, current):
        """From now on the form knows of that saving: sending it again replaces what it said."""
        self.data = self.data.copy()
        self.data["seen"] = str(current.pk if current else 0)

    def texts(self):
        return {name: self.cleaned_data[name] for name in HISTORY_FIELDS}


class AllergyForm(SeenForm, PageForm, forms.Form):
    """What a patient is allergic to, and what happens then."""

    substance = Words(label=_("Substance"), max_length=300, help_text=_("For example: penicillin, latex, peanuts."))
    reaction = Words(label=_("Reaction"), max_length=500, required=False, help_text=_("For example: rash, swelling."))
    severity = forms.ChoiceField(
        label=_("Severity"), choices=Allergy.Severity, initial=Allergy.Severity.UNKNOWN, widget=forms.RadioSelect
    )
    noted_on = forms.DateField(label=_("Since"), required=False)

    def __init__(self, *args, patient, allergy=None, **kwargs):
        self.instance = allergy or Allergy()
        super().__init__(*args, **kwargs)
        self.patient = patient

    def clean_noted_on(self):
        return day_of_life(self.cleaned_data["noted_on"], self.patient)


class EndAllergyForm(PageForm, forms.Form):
    """From when on an allergy does not hold any more."""

    verb = _("End this allergy")
    ended_on = forms.DateField(label=_("Does not hold any more since"))

    def __init__(self, *args, patient, **kwargs):
        super().__init__(*args, initial={"ended_on": timezone.localdate()}, **kwargs)
        self.patient = patient

    def clean_ended_on(self):
        return day_of_life(self.cleaned_data["ended_on"], self.patient)


class StopForm(PageForm, forms.Form):
    """Why a medicine is not taken any more."""

    verb = _("Stop this medicine")
    reason = Words(label=_("Reason"), max_length=300, required=False, help_text=_("The patient sees it."))


def day_of_life(day, patient):
    """A day between the patient's birth and today, or none."""
    if day and day > timezone.localdate():
        raise ValidationError(_("This day is in the future."))
    if day and day < patient.birth_date:
        raise ValidationError(_("This day is before the patient's birth."))
    return day
