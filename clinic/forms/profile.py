"""What people may change about themselves."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import services as accounts
from accounts.models import Role, User
from clinic import services
from clinic.forms.base import ClinicForm
from clinic.images import PictureField
from clinic.models import Doctor, Patient
from clinic.phones import PhoneField
from hms.lib.seen import SeenForm


class PatientProfileForm(SeenForm, ClinicForm, forms.ModelForm):
    """A patient's own contact data. The date of birth identifies a person: reception corrects it."""

    phone = PhoneField(label=_("Phone"), required=False)
    emergency_phone = PhoneField(label=_("Emergency contact's phone"), required=False)

    autocomplete = {"name": "name", "phone": "tel", "address": "street-address"}
    sections = (
        (_("About you"), ["name", "gender", "blood_group"]),
        (_("How we reach you"), ["phone", "address"]),
        (_("Whom we call in an emergency"), ["emergency_name", "emergency_phone"]),
    )

    class Meta:
        model = Patient
        fields = ["name", "gender", "blood_group", "phone", "address", "emergency_name", "emergency_phone"]
        widgets = {"address": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["emergency_phone"].widget.attrs["autocomplete"] = "off"

    def write(self):
        return services.update_patient(self.instance, by=self.by, **self.cleaned_data)


class DoctorProfileForm(SeenForm, ClinicForm, forms.ModelForm):
    """What a doctor tells patients. Name, department and fee are the hospital's to change."""

    phone = PhoneField(label=_("Phone"), required=False)
    photo = PictureField(label=_("Photo"), required=False)

    class Meta:
        model = Doctor
        fields = ["photo", "qualification", "languages", "phone", "about", "accepting_patients"]
        widgets = {"about": forms.Textarea(attrs={"rows": 6})}
        help_texts = {"accepting_patients": _("When off, your profile stays visible and no new visits can be booked.")}

    def write(self):
        return services.update_doctor(self.instance, by=self.by, **self.cleaned_data)


class NameForm(SeenForm, ClinicForm, forms.ModelForm):
    """The name that colleagues and patients see."""

    autocomplete = {"name": "name"}

    class Meta:
        model = User
        fields = ["name"]

    def write(self):
        accounts.rename(self.instance, by=self.by, **self.cleaned_data)
        return self.instance


def own_row(user):
    """What a person is in the clinic: a Patient, a Doctor, or just the account."""
    if user.role == Role.PATIENT:
        return Patient.objects.select_related("user").filter(user=user).first() or user
    if user.role == Role.DOCTOR:
        return Doctor.objects.select_related("user", "department").filter(user=user).first() or user
    return user


def profile_form(row):
    """The form with which somebody changes this row of their own."""
    return {Patient: PatientProfileForm, Doctor: DoctorProfileForm}.get(type(row), NameForm)
