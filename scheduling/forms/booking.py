"""What people fill in to book, move or cancel a visit, and to find a doctor."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.models import Department, Doctor
from hms.lib.forms import PageForm
from scheduling.models import Appointment

REASON = Appointment._meta.get_field("reason").max_length
NOTES = Appointment._meta.get_field("staff_notes").max_length
WHY = 300  # an event's reason


class BookingForm(PageForm, forms.Form):
    """The last step. `patient`: from who books for another; `notes`: staff; `overbook_reason`: who may overbook."""

    verb = _("Book this visit")

    reason = forms.CharField(
        label=_("Reason for the visit"),
        required=False,
        max_length=REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("A few words, so that the doctor can prepare. Reception reads them too."),
    )
    notes = forms.CharField(
        label=_("Notes by staff"),
        required=False,
        max_length=NOTES,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For colleagues. Patients do not see them."),
    )
    overbook_reason = forms.CharField(
        label=_("Reason for overbooking"), required=False, max_length=WHY, widget=forms.HiddenInput
    )
    patient = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, staff, for_another=False, **kwargs):
        super().__init__(*args, **kwargs)
        if not staff:
            for name in ("notes", "overbook_reason"):
                del self.fields[name]
        if not staff and not for_another:
            del self.fields["patient"]


class MoveForm(PageForm, forms.Form):
    """To which time, and why. `seen` is the time the visit had when the page was shown."""

    verb = _("Move the visit")

    starts = forms.CharField(widget=forms.HiddenInput)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    reason = forms.CharField(label=_("Reason"), required=False, max_length=WHY)


class CancelForm(PageForm, forms.Form):
    reason = forms.CharField(label=_("Reason"), required=False, max_length=WHY, help_text=_("You need not give one."))


class DoctorSearch(PageForm, forms.Form):
    """Filters of the doctor directory; they live in the address."""

    quiet = True
    method = "get"
    SORTS = (("name", _("Name")), ("next", _("Next free time")), ("experience", _("Experience")), ("fee", _("Fee")))

    q = forms.CharField(label=_("Name or speciality"), required=False, max_length=100)
    department = forms.ModelChoiceField(
        label=_("Department"), queryset=Department.objects.none(), required=False, empty_label=_("All departments")
    )
    language = forms.ChoiceField(label=_("Language"), required=False)
    free_on = forms.DateField(label=_("Free on"), required=False)
    sort = forms.ChoiceField(label=_("Sorted by"), choices=SORTS, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = Department.objects.open()
        self.fields["language"].choices = [("", _("Any")), *((name, name) for name in languages_spoken())]


def languages_spoken():
    """Every language that some listed doctor names, in order."""
    spoken = Doctor.objects.listed().exclude(languages="").values_list("languages", flat=True).distinct()
    return sorted({name.strip() for line in spoken for name in line.split(",") if name.strip()}, key=str.casefold)
