"""What the steps of setting up ask. They hand over to the services that the ordinary pages call."""

from datetime import time

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import services as accounts
from accounts.forms import NewPasswordForm
from accounts.models import User
from clinic import services
from clinic.forms import HospitalForm, offer_specializations
from clinic.models import Department, Doctor
from hms.lib.errors import Refused
from hms.lib.forms import PageForm
from hms.setup.suggestions import DEPARTMENTS
from scheduling.models import Weekday
from scheduling.services import hours

NEXT = _("Save and go on")
LONGEST_NAME = Department._meta.get_field("name").max_length
MOST = 60  # departments named at once


class BeginForm(NewPasswordForm):
    """The first administrator."""

    autocomplete = {"name": "name", "email": "username"}
    field_order = ["name", "email", "password1", "password2"]

    name = forms.CharField(label=_("Your name"), max_length=User._meta.get_field("name").max_length)
    email = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=User._meta.get_field("email").max_length,
        help_text=_("You sign in with it."),
    )

    def write(self):
        data = self.cleaned_data
        return accounts.begin(name=data["name"], email=data["email"], password=data["password1"])


class HospitalStep(HospitalForm):
    """What nobody else can know. The other settings have sensible values and their own page."""

    verb = NEXT
    preview = ""
    sections = ()
    logo = None

    class Meta(HospitalForm.Meta):
        fields = ["name", "address", "phone", "time_zone", "currency", "default_slot_minutes"]
        help_texts = HospitalForm.Meta.help_texts | {
            "name": _("As patients know it."),
            "time_zone": _("Every time on every page is by this clock."),
        }


class DepartmentsStep(PageForm, forms.Form):
    """Several departments at once: ticked, or written one to a line."""

    verb = NEXT
    common = forms.MultipleChoiceField(
        label=_("Common ones"), required=False, widget=forms.CheckboxSelectMultiple, choices=[]
    )
    others = forms.CharField(
        label=_("Others"),
        required=False,
        max_length=MOST * LONGEST_NAME,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("One to a line. What each treats can be said later."),
    )

    def __init__(self, *args, present, **kwargs):
        super().__init__(*args, **kwargs)
        self.present = present
        known = {name.casefold() for name in present}
        field = self.fields["common"]
        field.choices = [(key, name) for key, (name, _about) in DEPARTMENTS.items()]
        # what is there already is not offered; a second press may still send it
        field.widget.choices = [pair for pair in field.choices if str(pair[1]).casefold() not in known]

    def clean_others(self):
        names = [" ".join(line.split()) for line in self.cleaned_data["others"].splitlines()]
        names = [name for name in names if name]
        if long := next((name for name in names if len(name) > LONGEST_NAME), ""):
            raise ValidationError(
                _("“%(name)s…” is too long for a name: %(longest)d letters at most."),
                params={"name": long[:30], "longest": LONGEST_NAME},
            )
        if len(names) > MOST:
            raise ValidationError(_("%(most)d departments at once at most."), params={"most": MOST})
        return names

    def clean(self):
        data = super().clean()
        if not self.errors and not data["common"] and not data["others"] and not self.present:
            raise ValidationError(_("Tick or write at least one: doctors belong to a department."))
        return data

    def write(self, *, by):
        """Open those that are not there yet; how many these were."""
        wanted = {str(DEPARTMENTS[key][0]): str(DEPARTMENTS[key][1]) for key in self.cleaned_data["common"]}
        wanted = dict.fromkeys(self.cleaned_data["others"], "") | wanted
        return len(services.open_departments(wanted, by=by))


class DoctorStep(PageForm, forms.ModelForm):
    """A doctor with the same hours on some days of the week."""

    verb = NEXT
    sections = (
        (_("The doctor"), ["name", "department", "specialization", "email"]),
        (_("When patients can come"), ["weekdays", "starts", "ends", "slot_minutes"]),
    )
    units = {"slot_minutes": _("minutes")}

    email = forms.EmailField(
        label=_("E-mail address for an invitation"),
        required=False,
        max_length=254,
        help_text=_("The doctor gets a link by mail and chooses a password. Empty: a profile without an account."),
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Weekdays"), coerce=int, choices=Weekday.choices, widget=forms.CheckboxSelectMultiple
    )
    starts = forms.TimeField(label=_("From"), initial=time(9))
    ends = forms.TimeField(label=_("To"), initial=time(17))
    slot_minutes = forms.IntegerField(
        label=_("Slot length"),
        min_value=hours.SHORTEST,
        max_value=hours.LONGEST,
        help_text=_("How long one visit takes."),
    )

    class Meta:
        model = Doctor
        fields = ["name", "department", "specialization"]
        help_texts = {"name": _("With the title patients use, like Dr. Amara Mbeki.")}

    def __init__(self, *args, hospital, **kwargs):
        initial = {"weekdays": [0, 1, 2, 3, 4], "slot_minutes": hospital.default_slot_minutes}
        super().__init__(*args, initial=initial, **kwargs)
        departments = Department.objects.open()
        self.fields["department"].queryset = departments
        offer_specializations(self)
        if len(departments) == 1:
            self.initial["department"] = departments[0]

    def act(self, *, by):
        """The doctor, taken in with the hours: both or neither. None when it was refused: the form says why."""
        data = dict(self.cleaned_data)
        when = {name: data.pop(name) for name in ("starts", "ends", "slot_minutes")}
        weekdays = data.pop("weekdays")
        try:
            with transaction.atomic():
                doctor = services.create_doctor(by=by, once=True, **data)
                hours.add_hours_on(weekdays, doctor=doctor, by=by, **when)
        except Refused as refusal:
            self.refuse(refusal, getattr(refusal, "field", None) or self.field_of(refusal))
            return None
        return doctor

    def field_of(self, refusal):
        return "department" if isinstance(refusal, services.ClinicRefused) else "email"
