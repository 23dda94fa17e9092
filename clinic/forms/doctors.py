"""Doctors, as administrators see them."""

import django_filters
from django import forms
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic import services
from clinic.forms.base import ClinicForm
from clinic.forms.specializations import offer_specializations
from clinic.images import PictureField
from clinic.models import Department, Doctor
from clinic.phones import PhoneField
from clinic.services import ClinicRefused
from hms.lib.forms import PageForm
from hms.lib.lists import ListFilter, choice_field, column, search_field
from hms.lib.seen import SeenForm


class DoctorForm(SeenForm, ClinicForm, forms.ModelForm):
    """A doctor's data; where the doctor has no account yet, an address to invite to one."""

    email = forms.EmailField(
        label=_("E-mail address for an invitation"),
        required=False,
        max_length=254,
        help_text=_("The doctor gets a link by mail and chooses a password. Empty: no account for now."),
    )
    phone = PhoneField(label=_("Phone"), required=False)
    photo = PictureField(label=_("Photo"), required=False)

    sections = (
        (_("Work"), ["department", "name", "specialization", "qualification", "experience_years", "fee"]),
        (_("Account"), ["email"]),
        (_("For patients"), ["gender", "languages", "phone", "photo", "about", "accepting_patients"]),
    )

    class Meta:
        model = Doctor
        fields = [
            "department",
            "name",
            "email",
            "specialization",
            "qualification",
            "experience_years",
            "fee",
            "gender",
            "languages",
            "phone",
            "photo",
            "about",
            "accepting_patients",
        ]
        widgets = {"about": forms.Textarea(attrs={"rows": 5})}
        help_texts = {
            "name": _("With the title patients use, like Dr. Amara Mbeki."),
            "accepting_patients": _("When off, the profile stays visible and no visits can be booked."),
        }

    def __init__(self, *args, hospital, **kwargs):
        self.units = {"experience_years": _("years"), "fee": hospital.currency}
        super().__init__(*args, hospital=hospital, **kwargs)
        present = Q(pk=self.instance.department_id) if self.instance.pk else Q()
        self.fields["department"].queryset = Department.objects.filter(Q(retired_at=None) | present)
        self.fields["fee"].help_text = _("Empty: the hospital's default fee, %(fee)s %(currency)s.") % {
            "fee": hospital.default_fee,
            "currency": hospital.currency,
        }
        offer_specializations(self)
        if self.instance.user_id:
            del self.fields["email"]

    def write(self):
        if not self.instance.pk:
            return services.create_doctor(by=self.by, once=True, **self.cleaned_data)
        fields = dict(self.cleaned_data)
        email = fields.pop("email", "")
        with transaction.atomic():
            doctor = services.update_doctor(self.instance, by=self.by, **fields)
            return services.invite_doctor(doctor, email=email, by=self.by) if email else doctor

    def field_of(self, refusal):
        return "department" if isinstance(refusal, ClinicRefused) else "email"


class RetireForm(PageForm, forms.Form):
    """Why a doctor leaves. Seen by administrators only."""

    reason = forms.CharField(label=_("Reason"), required=False, max_length=300)


class DoctorFilter(ListFilter):
    """Search and filters of the list of doctors; they live in the URL."""

    STATES = (
        ("", _("Working here")),
        ("closed", _("Not accepting visits")),
        ("no-account", _("Without an account")),
        ("blocked", _("Blocked")),
        ("retired", _("Retired")),
        ("all", _("All")),
    )
    q = search_field(_("Search"))
    department = django_filters.ModelChoiceFilter(
        queryset=lambda request: Department.objects.all(), label=_("Department"), empty_label=_("All departments")
    )
    state = choice_field(_("State"), STATES)
    columns = (
        column("name", _("Name")),
        column("department", _("Department"), "department__name", "name"),
        column("specialization", _("Specialization"), "specialization", "name"),
    )
    first = "name"

    def filter_queryset(self, queryset):
        asked = self.given
        doctors = queryset.matching(asked["q"]) if "q" in asked else queryset
        if "department" in asked:
            doctors = doctors.filter(department=asked["department"])
        return in_state(doctors, asked.get("state", ""))


def in_state(doctors, state):
    """Narrow doctors to one of DoctorFilter.STATES."""
    match state:
        case "closed":
            return doctors.filter(retired_at=None, accepting_patients=False)
        case "no-account":
            return doctors.filter(retired_at=None, user=None)
        case "blocked":
            return doctors.filter(user__is_active=False, user__blocked_at__isnull=False)
        case "retired":
            return doctors.exclude(retired_at=None)
        case "all":
            return doctors
    return doctors.filter(retired_at=None)
