"""Patients, as reception and administrators see them."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic import services
from clinic.forms.base import ClinicForm
from clinic.models import Patient
from clinic.phones import PhoneField
from hms.lib.forms import PageForm

CONTACT = ["phone", "email", "address"]
EMERGENCY = ["emergency_name", "emergency_phone"]


class PatientForm(ClinicForm, forms.ModelForm):
    """A patient's personal and contact data; on registration, a look for the same person under another number."""

    phone = PhoneField(label=_("Phone"), required=False)
    emergency_phone = PhoneField(label=_("Emergency contact's phone"), required=False)
    different = forms.BooleanField(
        label=_("This is a different person"),
        required=False,
        help_text=_("One person with two numbers has half a history under each."),
    )

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
        if self.instance.pk or not self.is_bound:
            del self.fields["different"]
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

    def look_for_the_same_person(self):
        """Find who may be the same; only a person can say that they are not."""
        data = self.cleaned_data
        if "name" in data and "birth_date" in data:
            alike = Patient.objects.visible_to(self.by).alike(
                name=data["name"], birth_date=data["birth_date"], phone=data.get("phone", "")
            )
            self.duplicates = list(alike[:5])
        if not self.duplicates:
            del self.fields["different"]
        elif not data.get("different"):
            problem = _("Somebody like this is registered already. Look above, or tick this box.")
            self.add_error("different", problem)

    def write(self):
        fields = {name: value for name, value in self.cleaned_data.items() if name != "different"}
        if self.instance.pk:
            return services.update_patient(self.instance, by=self.by, **fields)
        return services.register_patient(by=self.by, once=not self.cleaned_data.get("different"), **fields)


class PatientSearch(PageForm, forms.Form):
    """Search of the list of patients; it lives in the URL."""

    quiet = True
    q = forms.CharField(
        label=_("Find a patient"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"type": "search", "placeholder": _("Name, number, phone, birth date")}),
    )
