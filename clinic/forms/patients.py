"""Patients, as reception and administrators see them."""

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic import services
from clinic.forms.base import ClinicForm
from clinic.models import Patient
from clinic.phones import PhoneField
from hms.lib.lists import ListFilter, column
from hms.lib.seen import SeenForm

CONTACT = ["phone", "email", "address"]
EMERGENCY = ["emergency_name", "emergency_phone"]
SHOWN = 5  # people who may be the same, at registration


class PatientForm(SeenForm, ClinicForm, forms.ModelForm):
    """A patient's personal and contact data; on registration, a look for the same person under another number."""

    phone = PhoneField(label=_("Phone"), required=False)
    emergency_phone = PhoneField(label=_("Emergency contact's phone"), required=False)
    different = forms.BooleanField(
        label=_("None of them: this is another person"),
        required=False,
        help_text=_("One person with two numbers has half a history under each."),
    )
    seen = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)

    sections = (
        (_("Person"), ["name", "birth_date", "gender", "blood_group", "died_on"]),
        (_("Contact"), CONTACT),
        (_("In an emergency"), EMERGENCY),
    )

    class Meta:
        model = Patient
        fields = ["name", "birth_date", "gender", "blood_group", "died_on", *CONTACT, *EMERGENCY]
        widgets = {"address": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.duplicates = []
        if self.instance.user_id:
            del self.fields["email"]
        if self.instance.pk:
            del self.fields["different"]
        elif not self.is_bound:
            self.ask_nothing()
        if not self.instance.pk:
            del self.fields["died_on"]

    def clean_died_on(self):
        day = self.cleaned_data["died_on"]
        if day and day > timezone.localdate():
            raise ValidationError(_("This day is in the future."))
        return day

    def clean(self):
        data = super().clean()
        born, died = data.get("birth_date"), data.get("died_on")
        if born and died and died < born:
            self.add_error("died_on", _("This day is before the date of birth."))
        if "different" in self.fields:
            self.look_for_the_same_person()
        return data

    def ask_nothing(self):
        """Nobody looks like this person, or it is not the moment to ask."""
        del self.fields["different"], self.fields["seen"]

    def look_for_the_same_person(self):
        """Find who may be the same; only a person can say that they are not."""
        data = self.cleaned_data
        if "name" in data and "birth_date" in data:
            given = {name: data.get(name, "") for name in ("phone", "email")}
            alike = services.candidates(name=data["name"], birth_date=data["birth_date"], **given)
            self.duplicates = [(patient, [reason.label for reason in reasons]) for patient, reasons in alike[:SHOWN]]
        if not self.duplicates:
            self.ask_nothing()
        elif not data.get("different"):
            self.data = self.data.copy()
            self.data[self.add_prefix("seen")] = " ".join(str(patient.pk) for patient, _why in self.duplicates)
            problem = _("Somebody like this is registered already. Look above, or tick this box.")
            self.add_error("different", problem)

    def denied(self):
        """Whom somebody has looked at and found to be another person; who came since is left to administrators."""
        seen = self.cleaned_data.get("seen", "").split()
        return [patient for patient, _why in self.duplicates if not seen or str(patient.pk) in seen]

    def write(self):
        if self.instance.pk:
            return services.update_patient(self.instance, by=self.by, **self.cleaned_data)
        fields = {name: value for name, value in self.cleaned_data.items() if name not in {"different", "seen"}}
        once = not self.cleaned_data.get("different")
        return services.register_patient(by=self.by, once=once, different_from=self.denied(), **fields)


class PatientSearch(ListFilter):
    """Search of the list of patients; it lives in the URL."""

    q = django_filters.CharFilter(
        method="matching",
        label=_("Find a patient"),
        max_length=100,
        widget=forms.TextInput({"type": "search", "placeholder": _("Name, number, phone, birth date")}),
    )
    columns = (
        column("name", _("Name")),
        column("number", _("Number")),
        column("born", _("Date of birth"), "birth_date", "name", empty=True),
    )

    @property
    def first(self):
        """By name; what was looked for comes in the order in which it was found."""
        return "" if self.given else "name"

    def matching(self, patients, _name, text):
        return patients.matching(text)
