"""What people type to let somebody act for somebody else."""

from datetime import timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clinic import services
from clinic.forms.base import ClinicForm
from clinic.majority import day_begins
from clinic.models import Guardianship, Kind, Patient, Scope
from clinic.phones import PhoneField
from hms.lib.errors import Refused
from hms.lib.forms import PageForm
from hms.lib.seen import SeenForm

YEARS_AHEAD = 30
EMAIL = User._meta.get_field("email").max_length
SCOPE_HELP = _("Who books only sees when, with whom and where, and no medical record.")


class ChildForm(ClinicForm, forms.ModelForm):
    """A child who is not known to the hospital yet."""

    verb = _("Add this child")
    phone = PhoneField(label=_("Phone"), required=False, help_text=_("Only if the child has one."))

    autocomplete = {"name": "off", "birth_date": "off", "phone": "off", "address": "street-address"}

    class Meta:
        model = Patient
        fields = ["name", "birth_date", "gender", "phone", "address"]
        widgets = {"address": forms.Textarea(attrs={"rows": 3})}
        help_texts = {"name": _("The child's full name, as it stands on the papers.")}

    def write(self):
        return services.add_child(by=self.by, **self.cleaned_data)

    def field_of(self, refusal):
        return getattr(refusal, "field", "")


class EndsOn(forms.Form):
    """An optional last day, by the hospital's clock: `until` is the instant after it."""

    last_day = forms.DateField(
        label=_("Until"), required=False, help_text=_("The last day. Empty: until either side ends it.")
    )

    def clean_last_day(self):
        day, today = self.cleaned_data["last_day"], timezone.localdate(timezone=self.hospital.zone)
        if day and day < today:
            raise ValidationError(_("This day is over."))
        if day and day > today + timedelta(days=365 * YEARS_AHEAD):
            raise ValidationError(_("Please check the year."))
        return day

    @property
    def until(self):
        day = self.cleaned_data["last_day"]
        return day_begins(day + timedelta(days=1), self.hospital.zone) if day else None


class ByService(PageForm):
    """A form whose act a service does; a refusal stands beside the field it is about."""

    def __init__(self, *args, by, hospital, patient, **kwargs):
        super().__init__(*args, **kwargs)
        self.by, self.hospital, self.patient = by, hospital, patient

    def act(self):
        """Do it. What was made, or None when it was refused: the form says why."""
        try:
            return self.write()
        except Refused as refusal:
            field = getattr(refusal, "field", "")
            self.refuse(refusal, {"until": "last_day"}.get(field, field))
        return None


class AskForm(ByService, EndsOn):
    """A patient asks somebody by e-mail address."""

    verb = _("Send the request")
    autocomplete = {"email": "off"}

    email = forms.EmailField(
        label=_("Their e-mail address"),
        max_length=EMAIL,
        help_text=_("They get a mail, and sign in as a patient with this address to answer."),
    )
    scope = forms.ChoiceField(
        label=_("What they may do"), choices=Scope, initial=Scope.BOOK, widget=forms.RadioSelect, help_text=SCOPE_HELP
    )

    field_order = ["email", "scope", "last_day"]

    def write(self):
        data = self.cleaned_data
        return services.ask_guardian(
            self.patient, email=data["email"], scope=data["scope"], until=self.until, by=self.by
        )


class GuardianForm(ByService, EndsOn):
    """At the desk: somebody showed papers."""

    verb = _("Record this guardian")
    autocomplete = {"email": "off"}

    email = forms.EmailField(
        label=_("The guardian's e-mail address"),
        max_length=EMAIL,
        help_text=_("The one they sign in with, as a patient. No account yet? They register first."),
    )
    kind = forms.ChoiceField(label=_("What they are to the patient"), choices=Kind, widget=forms.RadioSelect)
    scope = forms.ChoiceField(
        label=_("What they may do"), choices=Scope, initial=Scope.BOOK, widget=forms.RadioSelect, help_text=SCOPE_HELP
    )
    note = forms.CharField(
        label=_("Which paper you saw, and why"),
        max_length=Guardianship._meta.get_field("note").max_length,
        help_text=_("For example: birth certificate and identity card; power of attorney of 3 May."),
    )

    field_order = ["email", "kind", "scope", "note", "last_day"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if services.is_of_age(self.patient):
            self.fields["kind"].choices = [(Kind.RELATIVE, Kind.RELATIVE.label)]
            self.fields["kind"].initial = Kind.RELATIVE
        else:
            self.fields["last_day"].help_text = _("The last day; at the latest, it ends when the child comes of age.")

    def write(self):
        data = self.cleaned_data
        return services.record_guardianship(
            self.patient,
            email=data["email"],
            kind=data["kind"],
            scope=data["scope"],
            note=data["note"],
            until=self.until,
            by=self.by,
        )


class ContactForm(SeenForm, ClinicForm, forms.ModelForm):
    """How somebody without an account is reached, kept up to date by who acts for them."""

    phone = PhoneField(label=_("Phone"), required=False)
    emergency_phone = PhoneField(label=_("Emergency contact's phone"), required=False)

    sections = (
        (_("How we reach them"), ["phone", "address"]),
        (_("Whom we call in an emergency"), ["emergency_name", "emergency_phone"]),
    )

    class Meta:
        model = Patient
        fields = ["phone", "address", "emergency_name", "emergency_phone"]
        widgets = {"address": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args, guardianship, **kwargs):
        super().__init__(*args, instance=guardianship.patient, **kwargs)
        self.guardianship = guardianship
        for name in ("phone", "emergency_phone", "emergency_name"):
            self.fields[name].widget.attrs["autocomplete"] = "off"

    def write(self):
        return services.update_contact(self.guardianship, by=self.by, **self.cleaned_data)


class ReasonForm(PageForm, forms.Form):
    """Why an administrator ends a guardianship."""

    reason = forms.CharField(label=_("Reason"), max_length=300, help_text=_("It is kept; both sides may ask."))
