"""Asking for a clinical grant, and taking one back."""

from datetime import datetime, time, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clinic.models import Department, Patient
from clinic.numbers import as_number
from hms.lib.forms import PageForm
from hms.lib.lists import ListFilter, NarrowedList, choice_field, column, search_field
from hms.lib.search import words_in
from records.forms.fields import Words
from records.models import ClinicalGrant
from records.models.grants import GRANTEES, LONGEST

Scope = ClinicalGrant.Scope


class GrantForm(PageForm, forms.Form):
    """Who reads whose charts, why, and from which day until which."""

    verb = _("Ask for this grant")
    sections = (
        (_("Who"), ["user"]),
        (_("Which charts"), ["scope", "patient", "department", "may_export"]),
        (_("Why and how long"), ["reason", "from_day", "until_day"]),
    )

    user = forms.ModelChoiceField(label=_("Person"), queryset=User.objects.none())
    scope = forms.ChoiceField(label=_("Charts of"), choices=Scope, widget=forms.RadioSelect)
    patient = Words(label=_("Patient number"), max_length=20, required=False, help_text=_("Only for one patient."))
    department = forms.ModelChoiceField(
        label=_("Department"),
        queryset=Department.objects.none(),
        required=False,
        help_text=_("Only for a department: whoever has or had a visit there."),
    )
    may_export = forms.BooleanField(
        label=_("May download charts as files, too"), required=False, help_text=_("Reading alone is the rule.")
    )
    reason = Words(
        label=_("Reason"),
        max_length=ClinicalGrant._meta.get_field("reason").max_length,
        help_text=_("Each patient whose chart is opened reads this. Nothing clinical."),
    )
    from_day = forms.DateField(label=_("From"))
    until_day = forms.DateField(
        label=_("Until the end of"), help_text=_("%(days)d days at most.") % {"days": LONGEST.days}
    )

    def __init__(self, *args, by, zone, **kwargs):
        today = timezone.localdate(timezone=zone)
        first = {"from_day": today, "until_day": today + timedelta(days=6)}
        super().__init__(*args, initial=first, **kwargs)
        self.by, self.zone = by, zone
        people = User.objects.visible_to(by).filter(role__in=GRANTEES, is_active=True).exclude(pk=by.pk)
        self.fields["user"].queryset = people.order_by("name", "pk")
        self.fields["user"].label_from_instance = lambda user: f"{user.name} ({user.get_role_display()}, {user.email})"
        self.fields["department"].queryset = Department.objects.visible_to(by)

    def clean_patient(self):
        """The patient behind the number; who asks may see all patients' names, so this tells them nothing new."""
        typed = self.cleaned_data["patient"]
        if not typed:
            return None
        number = as_number(typed) or typed.upper()
        if found := Patient.objects.visible_to(self.by).standing_for(number=number).first():
            return found
        raise ValidationError(_("No patient has this number."))

    def clean(self):
        data = super().clean()
        needed = {Scope.PATIENT: "patient", Scope.DEPARTMENT: "department"}.get(data.get("scope"))
        for name in {"patient", "department"} - {needed}:
            data[name] = None
        if needed and not data.get(needed) and needed not in self.errors:
            self.add_error(needed, _("Say which."))
        self.check_days(data.get("from_day"), data.get("until_day"))
        return data

    def check_days(self, begins, ends):
        today = timezone.localdate(timezone=self.zone)
        if begins and begins < today:
            self.add_error("from_day", _("This day is over."))
        elif begins and begins > today + timedelta(days=366):
            self.add_error("from_day", _("This is more than a year ahead."))
        elif begins and ends and ends < begins:
            self.add_error("until_day", _("This is before the first day."))
        elif begins and ends and ends - begins >= LONGEST:
            self.add_error("until_day", _("A grant lasts %(days)d days at most.") % {"days": LONGEST.days})

    def grant(self):
        """What the service takes: the days as instants, today beginning now and each last day ending at midnight."""
        data = dict(self.cleaned_data)
        begins, ends = data.pop("from_day"), data.pop("until_day")
        starts_at = self.midnight(begins)
        return data | {"starts_at": starts_at, "until": self.midnight(ends + timedelta(days=1))}

    def midnight(self, day):
        return datetime.combine(day, time.min, tzinfo=self.zone)


class RevokeForm(PageForm, forms.Form):
    """Why a grant is taken back."""

    reason = Words(
        label=_("Reason"),
        max_length=ClinicalGrant._meta.get_field("revoked_reason").max_length,
        help_text=_("The person whom it was for reads it."),
    )


class GrantFilter(NarrowedList):
    """The list of grants."""

    STATES = (
        ("", _("In force or to come")),
        ("waiting", _("To confirm")),
        ("over", _("Over")),
        ("all", _("All")),
    )

    q = search_field(_("Name or e-mail address"))
    state = choice_field(_("State"), STATES)
    columns = (
        column("for", _("For"), "user__name", "starts_at"),
        column("from", _("From"), "starts_at"),
        column("until", _("Until"), "until"),
    )


class GrantedFilter(ListFilter):
    """The patients whose charts a grant opens."""

    q = search_field(_("Name or number"))
    columns = (column("name", _("Name")), column("number", _("Number")))
    first = "name"

    def filter_queryset(self, queryset):
        return queryset.filter(words_in(self.given["q"])) if "q" in self.given else queryset
