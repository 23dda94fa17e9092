"""A doctor's week as a calendar."""

from dataclasses import dataclass

from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import access
from clinic.models import Doctor
from scheduling import free, slots, wall, weekplan
from scheduling.forms.desk import WeekForm
from scheduling.models import Appointment, Status

HIDDEN = [Status.CANCELLED]


@dataclass(frozen=True)
class Column:
    """A day as the page shows it: its rows for the picture and, for the list, its visits."""

    date: object
    open: list
    away: list
    visits: list

    @property
    def listed(self):
        return [cell.block.visit for cell in self.visits]


@access("scheduling.view_week", object=_("a doctor whose hours one may change"))
def week(request):
    """The week around ?date= of one's own calendar or, for administrators, of ?doctor=."""
    zone = request.hospital.zone
    now = timezone.now()
    today = now.astimezone(zone).date()
    form = WeekForm(request.GET, user=request.user, today=today)
    doctors = Doctor.objects.managed_by(request.user)
    chosen = request.GET.get("doctor", "")
    doctor = doctors.filter(user=request.user).first()
    if chosen:
        doctor = get_object_or_404(doctors, pk=chosen if chosen.isdecimal() and len(chosen) < 19 else 0)
    days = weekplan.week_of(form.day)
    context = {"form": form, "doctor": doctor, "today": today, "days": days, "own": doctor and not form.chooses}
    context |= {"previous": days[0] - slots.DAY * 7, "next": days[0] + slots.DAY * 7, "is_current": today in days}
    if doctor:
        context |= picture(doctor, days, request.user, zone, now)
    return render(request, "scheduling/week.html", context)


def picture(doctor, days, user, zone, now):
    """What the template draws of a doctor's week."""
    calendar = free.calendars([doctor], days[0], days[-1])[doctor.pk]
    visits = Appointment.objects.visible_to(user).filter(doctor=doctor).exclude(status__in=HIDDEN)
    visits = visits.overlapping(wall.day_begins(days[0], zone), wall.day_ends(days[-1], zone)).with_people()
    planned = weekplan.plan(days, calendar.rules, calendar.away, visits.order_by("starts_at", "pk"), zone)
    first, last = weekplan.reach_of(planned)
    columns = [
        Column(day.date, *(list(weekplan.cells(part, first, last)) for part in (day.open, day.away, day.visits)))
        for day in planned
    ]
    minute = weekplan.minutes_on(now, now.astimezone(zone).date(), zone)
    return {
        "columns": columns,
        "now_row": (minute - first) // weekplan.STEP if first <= minute < last else None,
        "hours": [(hour, (hour * 60 - first) // weekplan.STEP) for hour in range(first // 60, last // 60)],
        "rows": (last - first) // weekplan.STEP,
        "room": weekplan.roominess(planned),
        "count": sum(len(day.visits) for day in planned),
        "has_hours": bool(calendar.rules),
    }
