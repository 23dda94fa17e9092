"""Narrowing a list of visits. What one may choose from is what one may see."""

from datetime import timedelta

import django_filters
from django import forms
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy

from accounts.models import Role
from clinic.family import members
from clinic.models import Department, Doctor, Patient
from hms.lib.lists import ListFilter, SpanForm, column
from scheduling import wall
from scheduling.forms.desk import sensible
from scheduling.free import is_staff
from scheduling.models import PLANNED, Appointment, Proposal, Status

UPCOMING, PAST, ALL = "upcoming", "past", "all"
NOT_OVER = "planned"  # every status of a visit that has still to come to an end


class VisitFilterForm(SpanForm):
    """The filters as a form; tab and order of the list ride along."""

    span = ("from_day", "to_day")


def doctors_within(visits):
    return Doctor.objects.filter(pk__in=visits.values("doctor")).order_by("name", "pk")


class PatientField(django_filters.fields.ModelChoiceField):
    """A patient by id; for one whose record was merged into another, the one who stands for both."""

    def to_python(self, value):
        number = str(value or "")
        known = number.isascii() and number.isdecimal() and len(number) < 19
        stands = self.queryset.filter(absorbed=number).first() if known else None
        return stands or super().to_python(value)


class PatientFilter(django_filters.ModelChoiceFilter):
    field_class = PatientField


class VisitFilter(ListFilter):
    """Of the visits that `user` may see, those that are asked for. With a wrong value: none, and the form says why."""

    q = django_filters.CharFilter(
        method="matching",
        max_length=100,
        label=gettext_lazy("Patient or reference"),
    )
    from_day = django_filters.DateFilter(
        method="since", label=gettext_lazy("From"), validators=[sensible], widget=forms.DateInput(format="%Y-%m-%d")
    )
    to_day = django_filters.DateFilter(
        method="until", label=gettext_lazy("To"), validators=[sensible], widget=forms.DateInput(format="%Y-%m-%d")
    )
    status = django_filters.ChoiceFilter(
        method="standing",
        choices=[(NOT_OVER, gettext_lazy("Planned")), *Status.choices],
        label=gettext_lazy("Status"),
        empty_label=gettext_lazy("Any"),
    )
    doctor = django_filters.ModelChoiceFilter(
        queryset=Doctor.objects.none(), label=gettext_lazy("Doctor"), empty_label=gettext_lazy("Any")
    )
    department = django_filters.ModelChoiceFilter(
        queryset=Department.objects.none(), label=gettext_lazy("Department"), empty_label=gettext_lazy("Any")
    )
    patient = PatientFilter(
        queryset=Patient.objects.none(),
        label=gettext_lazy("Patient"),
        widget=forms.HiddenInput,
        error_messages={"invalid_choice": gettext_lazy("There is no such patient among those you may see.")},
    )

    columns = (
        column("time", gettext_lazy("When"), "starts_at"),
        column("patient", gettext_lazy("Patient"), "patient__name", "starts_at"),
        column("doctor", gettext_lazy("Doctor"), "doctor__name", "starts_at"),
    )

    class Meta:
        model = Appointment
        form = VisitFilterForm
        fields = ["q", "from_day", "to_day", "status", "doctor", "department", "patient"]

    def __init__(self, data, *, user, zone, now):
        self.user, self.zone, self.now = user, zone, now
        visible = Appointment.objects.visible_to(user)
        super().__init__(data, visible.with_people())
        self.filters["patient"].queryset = Patient.objects.visible_to(user)
        if is_staff(user):
            self.filters["department"].queryset = Department.objects.all()
            self.filters["doctor"].queryset = Doctor.objects.visible_to(user)
        else:
            self.filters["doctor"].queryset = doctors_within(visible)
            for name in ("q", "department"):
                del self.filters[name]
            self.choose_member(user)
        if user.role == Role.DOCTOR:
            for name in ("doctor", "department"):
                del self.filters[name]

    def choose_member(self, user):
        """Who acts for others chooses whose visits are listed; nobody else is asked."""
        if self.acts_for_others:
            self.filters["patient"] = django_filters.ModelChoiceFilter(
                field_name="patient",
                queryset=Patient.objects.visible_to(user),
                label=gettext_lazy("For whom"),
                empty_label=gettext_lazy("Everybody"),
            )
        else:
            del self.filters["patient"]

    @cached_property
    def acts_for_others(self):
        """Whether these are also visits of people whom a patient's account acts for."""
        return self.user.role == Role.PATIENT and any(patient.user_id != self.user.pk for patient in members(self.user))

    @property
    def chosen_patient(self):
        """The one patient whose visits are listed, or None."""
        return self.form.cleaned_data.get("patient") if self.form.is_valid() else None

    @property
    def tab(self):
        """Which part of time is shown: what was asked; else all, when something is looked for; else what is to come."""
        asked = self.data.get("when", "")
        if asked in {UPCOMING, PAST, ALL}:
            return asked
        looked_for = ("q", "from_day", "to_day", "patient")
        return ALL if any(self.data.get(name) for name in looked_for) else UPCOMING

    @property
    def first(self):
        """What is to come begins with the next one, everything else with the latest."""
        return "time" if self.tab == UPCOMING else "-time"

    def found(self, tab=None):
        """The visits of a tab, filtered and in order."""
        if not self.form.is_valid():
            return Appointment.objects.none()
        return self.in_order(self.in_time(self.filter_queryset(self.queryset), tab or self.tab))

    def in_time(self, visits, tab):
        """For staff the day that begins at midnight parts past and future; for patients whether a visit is over."""
        if tab == ALL:
            return visits
        midnight = wall.day_begins(self.now.astimezone(self.zone).date(), self.zone)
        coming = Q(starts_at__gte=midnight)
        if not is_staff(self.user):
            here = Q(status__in=[Status.CHECKED_IN, Status.IN_CONSULTATION])
            coming &= Q(status__in=PLANNED) & (Q(ends_at__gt=self.now) | here)
        return visits.filter(coming if tab == UPCOMING else ~coming)

    def matching(self, visits, _name, text):
        """By patient (as patients are found anywhere) or by the visit's reference."""
        people = Patient.objects.visible_to(self.user).meant_by(text)
        called = Appointment.objects.referenced(text).values("pk")
        return visits.filter(Q(patient__in=people) | Q(pk__in=called))

    def standing(self, visits, _name, status):
        return visits.planned() if status == NOT_OVER else visits.filter(status=status)

    def since(self, visits, _name, day):
        return visits.filter(starts_at__gte=wall.day_begins(day, self.zone))

    def until(self, visits, _name, day):
        return visits.filter(starts_at__lt=wall.day_begins(day + timedelta(days=1), self.zone))


class OfPatientsFilter(ListFilter):
    """A list of rows of patients, found by whom they are of. `user` says whom one may find."""

    q = django_filters.CharFilter(
        method="matching", max_length=100, label=gettext_lazy("Patient"), widget=forms.TextInput({"type": "search"})
    )

    def __init__(self, data, rows, *, user):
        self.user = user
        super().__init__(data, rows)

    def matching(self, rows, _name, text):
        return rows.filter(patient__in=Patient.objects.visible_to(self.user).meant_by(text))


class WaitlistFilter(OfPatientsFilter):
    """Of those who wait those that are asked for; in turn, or by name, or by their last day."""

    department = django_filters.ModelChoiceFilter(
        queryset=Department.objects.filter(retired_at=None),
        label=gettext_lazy("Department"),
        empty_label=gettext_lazy("Any"),
    )
    doctor = django_filters.ModelChoiceFilter(
        method="taking",
        queryset=Doctor.objects.filter(retired_at=None),
        label=gettext_lazy("Would take a time with"),
        empty_label=gettext_lazy("Any"),
    )

    columns = (
        column("turn", gettext_lazy("In turn"), "joined_at"),
        column("patient", gettext_lazy("Patient"), "patient__name", "joined_at"),
        column("until", gettext_lazy("Until"), "until", "joined_at"),
    )
    first = "turn"

    def taking(self, entries, _name, doctor):
        return entries.for_doctor(doctor)


class OpenVisitFilter(OfPatientsFilter):
    """Of visits that somebody has to see to those that are asked for: the next one first, unless told otherwise."""

    department = django_filters.ModelChoiceFilter(
        queryset=Department.objects.none(), label=gettext_lazy("Department"), empty_label=gettext_lazy("Any")
    )
    doctor = django_filters.ModelChoiceFilter(
        queryset=Doctor.objects.none(), label=gettext_lazy("Doctor"), empty_label=gettext_lazy("Any")
    )

    columns = (
        column("time", gettext_lazy("When"), "starts_at"),
        column("patient", gettext_lazy("Patient"), "patient__name", "starts_at"),
        column("doctor", gettext_lazy("Doctor"), "doctor__name", "starts_at"),
    )
    first = "time"

    def __init__(self, data, visits, *, user):
        super().__init__(data, visits, user=user)
        if user.role == Role.DOCTOR:
            del self.filters["department"], self.filters["doctor"]
        else:
            self.filters["department"].queryset = Department.objects.all()
            self.filters["doctor"].queryset = Doctor.objects.visible_to(user)


class CallFilter(OpenVisitFilter):
    """Whom to call; the days stand above the list."""

    day = django_filters.DateFilter(method="on", validators=[sensible], widget=forms.HiddenInput)
    size = 50

    def __init__(self, data, visits, *, user, zone):
        self.zone = zone
        super().__init__(data, visits, user=user)

    def on(self, visits, _name, day):
        begins, ends = wall.day_begins(day, self.zone), wall.day_ends(day, self.zone)
        return visits.filter(starts_at__gte=begins, starts_at__lt=ends)


class AnotherTimeFilter(OpenVisitFilter):
    """Visits that need another time, also by how far it is with asking."""

    state = django_filters.ChoiceFilter(
        method="standing",
        label=gettext_lazy("State"),
        choices=[
            ("open", gettext_lazy("Not asked yet")),
            ("asked", gettext_lazy("Asked, no answer yet")),
            ("call", gettext_lazy("Asks to be called")),
        ],
        empty_label=gettext_lazy("Any"),
    )

    def standing(self, visits, _name, state):
        asked = Proposal.objects.visible_to(self.user).open().order_by()
        if state == "open":
            return visits.exclude(pk__in=asked.values("appointment"))
        return visits.filter(pk__in=asked.filter(call_wanted_at__isnull=state == "asked").values("appointment"))
