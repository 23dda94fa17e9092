"""What doctors and administrators type about working hours, extra dates and time off."""

from datetime import date

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import audit
from hms.lib.forms import PageForm
from hms.lib.seen import ChangedMeanwhile, Difference, digest, edition, in_words, read
from scheduling import wall
from scheduling.models import Weekday
from scheduling.services import hours as services
from scheduling.slots import MIDNIGHT

MIDNIGHT_HELP = gettext_lazy("00:00 is midnight at the end of the day.")


class CalendarForm(PageForm, forms.Form):
    """Shared by the three: it belongs to a doctor, may edit a row, and lets a service decide.

    `seen` are the ids of visits that the person has been shown as affected, from the step that asks; `shown` is what
    the row said when its form was opened (hms/lib/seen.py).
    """

    columns = ()  # of the row, as the services name them
    inputs = {}  # by column the fields in which it is typed, where they are not of the same name
    differences = ()
    changed_by = None

    def __init__(self, *args, doctor, hospital, row=None, given=None, **kwargs):
        self.doctor, self.hospital, self.row = doctor, hospital, row
        kwargs.setdefault("initial", self.first_values() if row else self.first_values() | (given or {}))
        super().__init__(*args, **kwargs)
        if row:
            self.fields["shown"] = forms.CharField(required=False, max_length=1000, widget=forms.HiddenInput)
            self.fields["shown"].initial = edition(row, self.columns)

    @property
    def status(self):
        """The status of the page that shows the form."""
        return 409 if self.differences else 200

    @property
    def seen(self):
        return {int(pk) for pk in self.data.getlist("seen") if pk.isascii() and pk.isdecimal() and len(pk) < 19}

    def save(self, *, by):
        """Delegate to the service. True when saved; False with the refusal shown. VisitsAffected goes on up."""
        try:
            self.write(by=by)
        except services.HoursRefused as refusal:
            self.refuse(refusal, refusal.field)
            return False
        except ChangedMeanwhile as changed:
            self.show_both(changed)
            return False
        return True

    def show_both(self, changed):
        """Show what somebody else has saved beside what was typed; what was not touched here takes theirs over."""
        then, self.row = read(self.cleaned_data["shown"]), changed.row
        self.data, saved, found = self.data.copy(), self.first_values(), []
        for name in changed.names:
            mine, theirs = self.cleaned_data[name], in_words(self.row, name, getattr(self.row, name))
            is_mine = digest(self.row, name, mine) != then[name]
            for key in () if is_mine else self.inputs.get(name, [name]):
                self.data[key] = "" if saved[key] is None else str(saved[key])
            label = self.fields[self.inputs.get(name, [name])[0]].label
            found.append(Difference(label, theirs, in_words(self.row, name, mine) if is_mine else None))
        self.data["shown"] = edition(self.row, self.columns)
        self.differences, self.changed_by = found, audit.last_change(self.row)


def slot_field():
    return forms.IntegerField(
        label=gettext_lazy("Slot length"),
        min_value=services.SHORTEST,
        max_value=services.LONGEST,
        help_text=gettext_lazy("How long one visit takes."),
    )


class HoursForm(CalendarForm):
    """Weekly hours; new ones on several weekdays at once."""

    columns = services.HOURS_FIELDS
    units = {"slot_minutes": gettext_lazy("minutes")}

    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Weekdays"),
        coerce=int,
        choices=Weekday.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("The same hours on each day you tick."),
    )
    weekday = forms.TypedChoiceField(label=gettext_lazy("Weekday"), coerce=int, choices=Weekday.choices)
    starts = forms.TimeField(label=gettext_lazy("From"))
    ends = forms.TimeField(label=gettext_lazy("To"), help_text=MIDNIGHT_HELP)
    slot_minutes = slot_field()
    valid_from = forms.DateField(
        label=gettext_lazy("First day"), required=False, help_text=gettext_lazy("Empty: from now on.")
    )
    valid_until = forms.DateField(
        label=gettext_lazy("Last day"), required=False, help_text=gettext_lazy("Empty: until you change it.")
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        del self.fields["weekdays" if self.row else "weekday"]

    def first_values(self):
        if self.row:
            return {name: getattr(self.row, name) for name in services.HOURS_FIELDS}
        return {"slot_minutes": self.hospital.default_slot_minutes}

    def write(self, *, by):
        if self.row:
            return services.change_hours(self.row, by=by, seen=self.seen, **self.cleaned_data)
        values = dict(self.cleaned_data)
        return services.add_hours_on(values.pop("weekdays"), doctor=self.doctor, by=by, **values)


class ExtraForm(CalendarForm):
    """Hours on one date."""

    columns = services.EXTRA_FIELDS
    units = {"slot_minutes": gettext_lazy("minutes")}

    date = forms.DateField(label=gettext_lazy("Date"))
    starts = forms.TimeField(label=gettext_lazy("From"))
    ends = forms.TimeField(label=gettext_lazy("To"), help_text=MIDNIGHT_HELP)
    slot_minutes = slot_field()

    def first_values(self):
        if self.row:
            return {name: getattr(self.row, name) for name in services.EXTRA_FIELDS}
        return {"slot_minutes": self.hospital.default_slot_minutes}

    def write(self, *, by):
        if self.row:
            return services.change_extra(self.row, by=by, seen=self.seen, **self.cleaned_data)
        return services.add_extra(doctor=self.doctor, by=by, **self.cleaned_data)


class TimeOffForm(CalendarForm):
    """Whole days, or from one time to another, by the clock in the hospital's zone."""

    columns = services.TIME_OFF_FIELDS
    inputs = {"starts_at": ["from_day", "from_time"], "ends_at": ["until_day", "until_time"]}
    sections = (
        (gettext_lazy("From"), ["from_day", "from_time"]),
        (gettext_lazy("Until"), ["until_day", "until_time"]),
    )

    from_day = forms.DateField(label=gettext_lazy("First day"))
    from_time = forms.TimeField(
        label=gettext_lazy("From what time"), required=False, help_text=gettext_lazy("Empty: the whole day.")
    )
    until_day = forms.DateField(label=gettext_lazy("Last day"), help_text=gettext_lazy("This day is included."))
    until_time = forms.TimeField(
        label=gettext_lazy("Until what time"), required=False, help_text=gettext_lazy("Empty: until the day ends.")
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Holiday, training, … Patients do not see it."),
    )

    def first_values(self):
        if not self.row:
            return {}
        names = ("from_day", "from_time", "until_day", "until_time")
        days = wall.as_days(self.row.starts_at, self.row.ends_at, self.hospital.zone)
        return {**dict(zip(names, days, strict=True)), "reason": self.row.reason}

    def _instants(self, day_name, time_name):
        """The instants meant by a day and a time field, or an empty list with the error put beside the field."""
        day, clock = self.cleaned_data.get(day_name), self.cleaned_data.get(time_name)
        if day is None or time_name in self.errors:
            return []
        if not date(2000, 1, 1) <= day <= date(2199, 12, 31):
            self.add_error(day_name, _("Please check the year."))
            return []
        if clock is None or (clock == MIDNIGHT and time_name == "until_time"):
            edge = wall.day_begins if time_name == "from_time" else wall.day_ends
            return [edge(day, self.hospital.zone)]
        found = wall.instants(day, clock, self.hospital.zone)
        if not found:
            self.add_error(time_name, _("The clocks are put forward that day: this time does not exist."))
        return found

    def clean(self):
        """Where the clocks are put back, time off takes in both hours that look alike."""
        cleaned = super().clean()
        starts, ends = self._instants("from_day", "from_time"), self._instants("until_day", "until_time")
        if starts and ends:
            cleaned |= {"starts_at": starts[0], "ends_at": ends[-1]}
        return cleaned

    def write(self, *, by):
        values = {name: self.cleaned_data[name] for name in services.TIME_OFF_FIELDS}
        if self.row:
            shown = self.cleaned_data["shown"]
            return services.change_time_off(self.row, by=by, seen=self.seen, shown=shown, **values)
        return services.add_time_off(doctor=self.doctor, by=by, seen=self.seen, **values)
