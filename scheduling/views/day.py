"""The day: for reception by doctor, for a doctor one's own."""

from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from accounts.access import access
from accounts.models import Role
from scheduling import dayplan, slots
from scheduling.forms.desk import DayForm, DeskForm
from scheduling.models import Status


@access("scheduling.view_day", object=_("all visits; for doctors their own"))
def day(request):
    """?date= (today unless told otherwise); reception may look for a patient (?q=) or one doctor (?doctor=)."""
    zone, now = request.hospital.zone, timezone.now()
    today = now.astimezone(zone).date()
    own = request.user.role == Role.DOCTOR
    form = DayForm(request.GET, today=today) if own else DeskForm(request.GET, user=request.user, today=today)
    chosen = form.day
    visits = list(dayplan.visits_of(chosen, request.user, zone))
    found = dayplan.plans(
        visits, chosen, user=request.user, hospital=request.hospital, now=now, text=form.text, doctor=form.doctor
    )
    rows = [row for plan in found for row in plan.rows]
    context = {
        "form": form,
        "day": chosen,
        "today": today,
        "previous": chosen - slots.DAY,
        "next": chosen + slots.DAY,
        "plans": found,
        "busy": [plan for plan in found if plan.rows],
        "idle": [plan for plan in found if not plan.rows],
        "counts": _figures(visits),
        "here": dayplan.waiting_room(rows),
        "up": dayplan.next_up(rows) if own and chosen == today else None,
        "narrowed": bool(form.text or form.doctor),
        "total": len(visits),
        "many_query": _of_day(chosen, None if own else form.doctor),
        "export_query": _of_day(chosen, None if own else form.doctor, to_day=chosen, q=form.text, sort="time"),
    }
    return render(request, "scheduling/day_doctor.html" if own else "scheduling/day_desk.html", context)


def _of_day(day, doctor, **more):
    """The same day, and the same doctor, as filters of visits."""
    filters = {"from_day": day, "doctor": doctor and doctor.pk} | more
    return f"?{urlencode({name: value for name, value in filters.items() if value})}"


def _figures(visits):
    """[(label, number, icon)] of the day."""
    found = dayplan.counts(visits)
    shown = (
        (_("Expected"), Status.BOOKED, "calendar-check"),
        (_("Waiting"), Status.CHECKED_IN, "person-check"),
        (_("In consultation"), Status.IN_CONSULTATION, "chat-dots"),
        (_("Completed"), Status.COMPLETED, "check-circle"),
        (_("No-show"), Status.NO_SHOW, "person-x"),
        (_("Cancelled"), Status.CANCELLED, "x-circle"),
    )
    return [(label, found[status], icon) for label, status, icon in shown]
