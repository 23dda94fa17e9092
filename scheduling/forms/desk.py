"""What the people at the desk type: notes about a visit, which day, which week."""

from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import audit
from accounts.models import Role
from clinic.models import Doctor
from hms.lib.forms import PageForm
from hms.lib.seen import ChangedMeanwhile, SeenForm
from scheduling import services


class NotesForm(SeenForm, PageForm, forms.Form):
    """Notes by staff for staff."""

    inputs = {"staff_notes": "notes"}

    notes = forms.CharField(
        label=_("Notes by staff"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_(
            "For colleagues: wheelchair, interpreter, papers to bring. Nothing clinical; the patient does not see it."
        ),
    )

    def __init__(self, *args, visit, **kwargs):
        self.instance = visit
        super().__init__(*args, initial={"notes": visit.staff_notes}, **kwargs)

    def save(self, *, by):
        """Write them; False when somebody else was faster, which the form then says."""
        try:
            services.annotate(self.instance, by=by, **self.cleaned_data)
        except ChangedMeanwhile as changed:
            self.show_both(changed, audit.last_change(changed.row))
            return False
        return True


class DelayForm(PageForm, forms.Form):
    """How late a doctor runs."""

    verb = _("Tell them")
    units = {"minutes": _("minutes")}

    minutes = forms.IntegerField(
        label=_("Running late by about"),
        min_value=0,
        max_value=240,
        help_text=_("Say it again when it changes. 0 is on time again."),
    )

    def __init__(self, *args, doctor, **kwargs):
        self.doctor = doctor
        super().__init__(*args, **kwargs)

    def save(self, *, by):
        """How many visits were written about."""
        return services.announce_delay(self.doctor, minutes=self.cleaned_data["minutes"], by=by)


def sensible(day):
    """Refuse days so far away that the zones of the world do not speak of them."""
    if not date(1900, 1, 1) <= day <= date(2199, 12, 31):
        raise forms.ValidationError(_("Please check the year."))


class DayForm(PageForm, forms.Form):
    """Which day; a wrong one is today, and the form says why."""

    quiet = True
    method = "get"

    date = forms.DateField(label=_("Day"), required=False, validators=[sensible])

    def __init__(self, data, *, today, **kwargs):
        self.today = today
        data = data.copy()
        data.setdefault("date", today.isoformat())
        super().__init__(data, **kwargs)

    def _given(self, name, default=None):
        """What was given, if it can be used; a wrong value is told beside the field and otherwise ignored."""
        self.is_valid()
        return self.cleaned_data.get(name) or default

    @property
    def day(self):
        return self._given("date", self.today)

    @property
    def text(self):
        return self._given("q", "")

    @property
    def doctor(self):
        return self._given("doctor")


class DeskForm(DayForm):
    """Reception looks for a patient of the day, or at one doctor."""

    q = forms.CharField(label=_("Patient"), required=False, max_length=100)
    doctor = forms.ModelChoiceField(Doctor.objects.none(), label=_("Doctor"), required=False, empty_label=_("All"))

    def __init__(self, data, *, user, today):
        super().__init__(data, today=today)
        self.fields["doctor"].queryset = Doctor.objects.visible_to(user)


class WeekForm(DayForm):
    """Which week and, for who may choose, whose."""

    doctor = forms.ModelChoiceField(Doctor.objects.none(), label=_("Doctor"), required=False)

    def __init__(self, data, *, user, today):
        super().__init__(data, today=today)
        self.chooses = user.role != Role.DOCTOR
        if self.chooses:
            self.fields["doctor"].queryset = Doctor.objects.managed_by(user)
        else:
            del self.fields["doctor"]
