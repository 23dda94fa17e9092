"""Asking for a report, and narrowing the list of them."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Role
from clinic.models import Department, Doctor
from hms.lib.converters import MonthConverter
from hms.lib.forms import PageForm
from hms.lib.lists import AsField, NarrowedList, column, search_field


class MonthField(forms.CharField):
    """A month, 2026-10, as the date of its first day."""

    widget = forms.TextInput(attrs={"type": "month", "placeholder": "2026-10"})

    def __init__(self, **kwargs):
        super().__init__(max_length=20, **kwargs)

    def to_python(self, value):
        text = super().to_python(value)
        try:
            return MonthConverter().to_python(text) if text else None
        except ValueError as error:
            raise ValidationError(_("Write a month like 2026-10.")) from error

    def run_validators(self, value):
        """A month is right or it is none."""

    def prepare_value(self, value):
        return f"{value:%Y-%m}" if hasattr(value, "year") else value


class ReportForm(PageForm, forms.Form):
    """Which month, and for administrators of whom. Doctors make their own."""

    verb = _("Make the report")

    month = MonthField(label=_("Month"))
    doctor = forms.ModelChoiceField(label=_("Doctor"), queryset=Doctor.objects.none(), required=False)
    department = forms.ModelChoiceField(label=_("Or department"), queryset=Department.objects.none(), required=False)

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.by = by
        if by.role == Role.ADMIN:
            self.fields["doctor"].queryset = Doctor.objects.visible_to(by)
            self.fields["department"].queryset = Department.objects.visible_to(by)
        else:
            del self.fields["doctor"], self.fields["department"]

    def clean(self):
        data = super().clean()
        if "doctor" in self.fields and bool(data.get("doctor")) == bool(data.get("department")) and not self.errors:
            self.add_error("doctor", _("Choose a doctor or a department."))
        return data

    def owner(self):
        """Whose report it is to be; None for a doctor's account that belongs to no doctor."""
        data = self.cleaned_data
        return data.get("doctor") or data.get("department") or getattr(self.by, "doctor", None)


class ReportFilter(NarrowedList):
    """The list of reports."""

    q = search_field(_("Doctor or department"))
    month = AsField(MonthField, label=_("Month"))
    columns = (
        column("month", _("Month"), "month"),
        column("whose", _("Doctor or department"), "doctor__name", "department__name", "month", empty=True),
    )
    first = "-month"
