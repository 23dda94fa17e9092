"""Departments."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic import services
from clinic.forms.base import ClinicForm
from clinic.models import Department


class DepartmentForm(ClinicForm, forms.ModelForm):
    class Meta:
        model = Department
        fields = ["name", "description"]
        widgets = {"description": forms.Textarea(attrs={"rows": 5})}
        help_texts = {"description": _("What it treats, in words that patients use.")}

    def write(self):
        if self.instance.pk:
            return services.update_department(self.instance, by=self.by, **self.cleaned_data)
        return services.create_department(by=self.by, **self.cleaned_data)

    def field_of(self, refusal):
        return "name"
