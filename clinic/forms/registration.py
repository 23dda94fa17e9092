"""Patients register themselves: an account and a patient, together or not at all."""

import uuid

from allauth.account.forms import SignupForm
from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import services as accounts
from accounts.forms import ShowsTexts, consent_box, link_to, privacy_box
from accounts.models import ConsentKind, How
from accounts.services import AccountRefused
from clinic import services
from clinic.forms.base import bind_phones
from clinic.models import Gender, Hospital, Patient, believable_birth_date
from clinic.phones import PhoneField
from hms.lib.forms import PageForm


class RegistrationForm(PageForm, ShowsTexts, SignupForm):
    """allauth's sign-up form with what the hospital needs to know. allauth answers a known address like a new one."""

    verb = _("Register")
    name = forms.CharField(
        label=_("Name"),
        max_length=Patient._meta.get_field("name").max_length,
        help_text=_("Your full name, as it stands on your papers."),
    )
    birth_date = forms.DateField(label=_("Date of birth"), validators=[believable_birth_date])
    gender = forms.ChoiceField(label=_("Gender"), choices=Gender, initial=Gender.UNKNOWN, required=False)
    phone = PhoneField(label=_("Phone"), required=False, help_text=_("So that we can reach you when a visit changes."))

    accept_privacy = privacy_box()
    consent_data_use = consent_box(ConsentKind.DATA_USE)
    consent_reminders_email = consent_box(ConsentKind.REMINDERS_EMAIL)
    consent_reminders_sms = consent_box(ConsentKind.REMINDERS_SMS)

    field_order = ["name", "email", "birth_date", "gender", "phone", "password1", "password2"]
    autocomplete = {"name": "name", "email": "email", "birth_date": "bday", "phone": "tel"}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        bind_phones(self, Hospital.current())
        self.fields["email"].label = _("E-mail address")
        for name, label in (("password1", _("Password")), ("password2", _("Password, once more"))):
            self.fields[name].label = label
            self.fields[name].widget.attrs["autocomplete"] = "new-password"
        for name in ("email", "password1", "password2"):
            self.fields[name].widget.attrs.pop("placeholder", None)
        for kind, text in self.texts.items():
            name, words = f"consent_{kind}", _("What you agree to (opens in a new tab)")
            if kind.is_required:
                name, words = "accept_privacy", _("Read the privacy notice (opens in a new tab)")
            self.fields[name].help_text = link_to(text, words)

    def clean_gender(self):
        return self.cleaned_data["gender"] or Gender.UNKNOWN

    def try_save(self, request):
        """Save, or answer as allauth does when the address is known: also when it was taken a moment ago."""
        if self.account_already_exists:
            self._take_as_long()
            accounts.note_registered_again(email=self.cleaned_data["email"])
            return super().try_save(request)
        try:
            return self.save(request), None
        except AccountRefused:
            self.account_already_exists = True
            return super().try_save(request)

    def save(self, request):
        return self._register(self.cleaned_data["email"])

    def _take_as_long(self):
        """All that registering does, for nobody, and undone: how long the answer takes must not tell who is known."""
        with transaction.atomic():
            self._register(f"{uuid.uuid4().hex}@nobody.invalid")
            transaction.set_rollback(True)

    @transaction.atomic
    def _register(self, email):
        data = self.cleaned_data
        user = accounts.register(email=email, name=data["name"], password=data["password1"])
        services.register_patient(
            name=user.name,
            birth_date=data["birth_date"],
            gender=data["gender"],
            phone=data["phone"],
            user=user,
            by=user,
        )
        agreed = {ConsentKind.PRIVACY: data["accept_privacy"], **self.answered()}
        accounts.register_answers(user, agreed, how=How.REGISTRATION)
        return user
