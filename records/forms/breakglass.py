"""Opening a chart without treating, and judging that."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from hms.lib.forms import PageForm
from hms.lib.lists import NarrowedList, choice_field, column, search_field
from records.forms.fields import Words
from records.models import BreakGlass, Verdict


class BreakGlassForm(PageForm, forms.Form):
    """Whose chart, and why. Nothing here says who is registered."""

    verb = _("Open for 30 minutes")
    danger = True
    sections = (
        (_("Which patient"), ["number", "name", "birth_date"]),
        (_("Why"), ["kind", "reason"]),
    )

    number = Words(label=_("Patient number"), max_length=20, required=False, help_text=_("Like K7M-2QX-94B."))
    name = Words(
        label=_("Or full name"), max_length=200, required=False, help_text=_("First and last name, together with:")
    )
    birth_date = forms.DateField(label=_("Date of birth"), required=False)
    kind = forms.ChoiceField(
        label=_("Kind of reason"),
        choices=BreakGlass.Kind,
        widget=forms.RadioSelect,
        help_text=_("The patient is told this at once."),
    )
    reason = Words(
        label=_("In your words"),
        max_length=BreakGlass._meta.get_field("reason").max_length,
        help_text=_("For the administrator who reviews it. Nothing clinical: no complaints, findings or medicines."),
    )

    def clean(self):
        data = super().clean()
        unreadable = {"number", "name", "birth_date"} & set(self.errors)
        if not unreadable and not data.get("number") and not (data.get("name") and data.get("birth_date")):
            problem = _("Give the patient number, or the full name and the date of birth.")
            raise ValidationError(problem)
        return data


class ReviewForm(PageForm, forms.Form):
    """Whether an opening was right."""

    verb = _("Save the verdict")

    verdict = forms.ChoiceField(label=_("Verdict"), choices=Verdict, widget=forms.RadioSelect)
    note = Words(
        label=_("Note"),
        max_length=BreakGlass._meta.get_field("note").max_length,
        required=False,
        help_text=_("The doctor reads it. Needed unless it was justified. Nothing clinical."),
    )
    seen = forms.CharField(required=False, max_length=14, widget=forms.HiddenInput)

    def __init__(self, *args, glass, **kwargs):
        first = {"verdict": glass.verdict, "note": glass.note, "seen": glass.verdict}
        super().__init__(*args, initial=first, **kwargs)


class BreakGlassFilter(NarrowedList):
    """The list of openings without treating; `every`: also those that were reviewed, without asking."""

    STATES = (("", _("To review")), ("reviewed", _("Reviewed")), ("all", _("All")))

    q = search_field(_("Doctor, patient or number"))
    state = choice_field(_("State"), STATES)
    columns = (
        column("patient", _("Patient"), "patient__name", "opened_at"),
        column("doctor", _("Doctor"), "doctor__name", "opened_at"),
        column("opened", _("Opened"), "opened_at"),
    )
    first = "-opened"

    def __init__(self, data, queryset, *, every):
        super().__init__(data, queryset)
        self.every = every

    def filter_queryset(self, queryset):
        return queryset.narrowed(**self.given, every=self.every)
