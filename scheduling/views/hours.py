"""Working hours, extra dates and time off: pages for the doctor and for administrators."""

from dataclasses import dataclass

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import access
from clinic.models import Doctor
from scheduling import glance, stranded, wall
from scheduling.forms.hours import ExtraForm, HoursForm, TimeOffForm
from scheduling.models import ExtraHours, TimeOff, Weekday, WorkingHours
from scheduling.services import BookingConflict
from scheduling.services import hours as services

MANAGED = gettext_lazy("a doctor whose hours one may change")
permission = "scheduling.change_workinghours"


@dataclass(frozen=True)
class Kind:
    """What differs between weekly hours, extra dates and time off."""

    form: type
    remove: object
    new: str
    edit: str
    delete: str
    saved: str
    deleted: str
    anchor: str


HOURS = Kind(
    HoursForm,
    services.remove_hours,
    gettext_lazy("New working hours"),
    gettext_lazy("Change working hours"),
    gettext_lazy("Remove these working hours?"),
    gettext_lazy("The working hours are saved."),
    gettext_lazy("The working hours are removed."),
    "weekly",
)
EXTRA = Kind(
    ExtraForm,
    services.remove_extra,
    gettext_lazy("New extra date"),
    gettext_lazy("Change extra date"),
    gettext_lazy("Remove this extra date?"),
    gettext_lazy("The extra date is saved."),
    gettext_lazy("The extra date is removed."),
    "extra",
)
TIME_OFF = Kind(
    TimeOffForm,
    services.remove_time_off,
    gettext_lazy("New time off"),
    gettext_lazy("Change time off"),
    gettext_lazy("Remove this time off?"),
    gettext_lazy("The time off is saved."),
    gettext_lazy("The time off is removed."),
    "timeoff",
)


def _doctor(request, pk):
    return get_object_or_404(Doctor.objects.managed_by(request.user).select_related("department"), pk=pk)


def _row(request, model, pk):
    return get_object_or_404(model.objects.managed_by(request.user).select_related("doctor"), pk=pk)


def _list_url(doctor, kind=None):
    return reverse("scheduling:hours-list", args=[doctor.pk]) + (f"#{kind.anchor}" if kind else "")


@access(permission, object=MANAGED)
def hours_list(request, pk):
    """A doctor's calendar rules, and what they make of the next seven days."""
    doctor, now = _doctor(request, pk), timezone.now()
    zone = request.hospital.zone
    today = now.astimezone(zone).date()
    weekly = list(doctor.working_hours.order_by("weekday", "starts", "valid_from"))
    current = [row for row in weekly if row.valid_until is None or row.valid_until >= today]
    context = {
        "doctor": doctor,
        "own": doctor.user_id == request.user.pk,
        "today": today,
        "days": glance.next_days(doctor, zone=zone, now=now),
        "weekdays": [
            (weekday, label, [row for row in current if row.weekday == weekday]) for weekday, label in Weekday.choices
        ],
        "has_hours": bool(current),
        "ended": [row for row in weekly if row not in current],
        "extra": doctor.extra_hours.filter(date__gte=today),
        "time_off": [
            (row, wall.as_days(row.starts_at, row.ends_at, zone)) for row in doctor.time_off.filter(ends_at__gt=now)
        ],
        "stranded": stranded.of_doctor(doctor, now=now),
    }
    return render(request, "scheduling/hours_list.html", context)


def _given(request):
    """What a link that leads to an empty form fills in: ?weekday=2 or ?date=2026-11-24."""
    weekday = request.GET.get("weekday", "")
    day = request.GET.get("date", "")[:10]
    given = {"weekdays": [int(weekday)]} if weekday in {str(value) for value in Weekday.values} else {}
    return given | ({"date": day, "from_day": day, "until_day": day} if day else {})


def _edit(request, kind, doctor, row=None):
    form = kind.form(
        request.POST if request.method == "POST" else None,
        doctor=doctor,
        hospital=request.hospital,
        row=row,
        given=_given(request),
        back=_list_url(doctor, kind),
    )
    context = {"form": form, "doctor": doctor, "kind": kind, "row": row, "list_url": _list_url(doctor)}
    if request.method == "POST" and "back" not in request.POST and form.is_valid():
        try:
            if form.save(by=request.user):
                messages.success(request, kind.saved)
                affected = form.seen and request.user.has_perm("scheduling.propose_times")
                return (
                    redirect("scheduling:proposal-create", doctor.pk) if affected else redirect(_list_url(doctor, kind))
                )
        except services.VisitsAffected as affected:
            return render(request, "scheduling/hours_affected.html", context | {"visits": affected.visits})
        except BookingConflict as refusal:
            return _gone(request, refusal, doctor)
    return render(request, "scheduling/hours_form.html", context, status=form.status)


def _gone(request, refusal, doctor):
    context = {"refusal": refusal, "url": _list_url(doctor), "verb": _("See the working hours as they are now")}
    return render(request, "scheduling/state_conflict.html", context, status=409)


def _delete(request, kind, row):
    """GET asks and names the visits it would strand; POST does, unless others have been booked meanwhile."""
    doctor = row.doctor
    visits, status = [], 200
    if request.method == "POST":
        try:
            _remove(request, kind, row)
            messages.success(request, kind.deleted)
            return redirect(_list_url(doctor, kind))
        except services.VisitsAffected as affected:
            visits, status = affected.visits, 409
    elif kind is not TIME_OFF:
        visits = stranded.by_removing(row, now=timezone.now())
    context = {"doctor": doctor, "kind": kind, "row": row, "visits": visits, "list_url": _list_url(doctor)}
    if kind is TIME_OFF:
        context["days"] = wall.as_days(row.starts_at, row.ends_at, request.hospital.zone)
    context |= {"back": _list_url(doctor, kind), "again": status == 409}
    return render(request, "scheduling/hours_delete.html", context, status=status)


def _remove(request, kind, row):
    if kind is TIME_OFF:
        return kind.remove(row, by=request.user)
    seen = kind.form(request.POST, doctor=row.doctor, hospital=request.hospital, row=row).seen
    return kind.remove(row, by=request.user, seen=seen)


@access(permission, methods="GET POST", object=MANAGED)
def hours_create(request, pk):
    return _edit(request, HOURS, _doctor(request, pk))


@access(permission, methods="GET POST", object=MANAGED)
def hours_edit(request, pk):
    row = _row(request, WorkingHours, pk)
    return _edit(request, HOURS, row.doctor, row)


@access(permission, methods="GET POST", object=MANAGED)
def hours_delete(request, pk):
    return _delete(request, HOURS, _row(request, WorkingHours, pk))


@access(permission, methods="GET POST", object=MANAGED)
def extra_create(request, pk):
    return _edit(request, EXTRA, _doctor(request, pk))


@access(permission, methods="GET POST", object=MANAGED)
def extra_edit(request, pk):
    row = _row(request, ExtraHours, pk)
    return _edit(request, EXTRA, row.doctor, row)


@access(permission, methods="GET POST", object=MANAGED)
def extra_delete(request, pk):
    return _delete(request, EXTRA, _row(request, ExtraHours, pk))


@access(permission, methods="GET POST", object=MANAGED)
def timeoff_create(request, pk):
    return _edit(request, TIME_OFF, _doctor(request, pk))


@access(permission, methods="GET POST", object=MANAGED)
def timeoff_edit(request, pk):
    row = _row(request, TimeOff, pk)
    return _edit(request, TIME_OFF, row.doctor, row)


@access(permission, methods="GET POST", object=MANAGED)
def timeoff_delete(request, pk):
    return _delete(request, TIME_OFF, _row(request, TimeOff, pk))
