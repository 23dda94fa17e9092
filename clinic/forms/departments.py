"""Departments."""

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.forms.filters import Filter, search_input
from clinic import services
from clinic.forms.base import ClinicForm
from clinic.models import Colour, Department, Doctor
from hms.lib.seen import SeenForm


class DepartmentForm(SeenForm, ClinicForm, forms.ModelForm):
    """What patients read about a department. It gets a head once doctors work in it."""

    preview = _("Show how it looks")
    sections = (
        ("", ["name", "description"]),
        (_("Where and when"), ["location", "opening"]),
        (_("In the hospital"), ["head", "colour"]),
    )

    class Meta:
        model = Department
        fields = ["name", "description", "location", "opening", "head", "colour"]
        widgets = {"description": forms.Textarea(attrs={"rows": 5}), "opening": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "description": _("What it treats, in words that patients use."),
            "location": _("Building, floor, entrance: Building B, second floor."),
            "opening": _(
                "In words, like: Mon to Fri 8:00 to 16:00, Wed until 12:00. For people to read: "
                "which times can be booked follows from the doctors' working hours."
            ),
            "head": _("One of its doctors."),
            "colour": _("A mark beside the name, which always stands with it."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["colour"].choices = [("", _("No mark")), *Colour.choices]
        if self.instance.pk:
            at_work = Q(department=self.instance.pk, retired_at=None) | Q(pk=self.instance.head_id)
            self.fields["head"].queryset = Doctor.objects.filter(at_work)
            self.fields["head"].empty_label = _("Nobody named")
        else:
            del self.fields["head"]

    def shown(self):
        """The department as it would be after saving; None while something is wrong with what was typed."""
        return self.instance if self.is_bound and self.is_valid() else None

    def write(self):
        if self.instance.pk:
            return services.update_department(self.instance, by=self.by, **self.sent())
        return services.create_department(by=self.by, **self.cleaned_data)

    def sent(self):
        """What a program leaves out of those that came later stays as it is."""
        later = {"location", "opening", "head", "colour"}
        return {name: value for name, value in self.cleaned_data.items() if name not in later or name in self.data}

    def field_of(self, refusal):
        return "head" if isinstance(refusal, services.HeadRefused) else "name"


class DepartmentSearch(Filter):
    """The cards of departments."""

    q = search_input(_("Department, or what is to be treated"))
