"""Reception's first page: who is due, who is here and waits, what is free, whom to call, how each doctor's day is."""

from datetime import timedelta
from itertools import islice

from django.db.models import F, Max, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Message
from clinic.models import Department, Doctor
from hms.figures.links import Links
from hms.home.days import today_of, within_day
from hms.lib.charts import Cell, Chart, Row
from hms.lib.kept import KeptByRole
from records import figures
from records.months import Range
from scheduling import gaps, unreached, unsettled
from scheduling.models import Appointment, AppointmentEvent, Status

ROW = ("pk", "starts_at", "confirmed_at", "patient__name", "patient__number", "doctor__name", "department__name")
ARRIVALS = 12
WAITING = 30
TO_CALL = 5
LATE = timedelta(minutes=5)
LONG = timedelta(minutes=20)  # of waiting, from the time of the visit or from coming after it
FREE = 8  # doctors
NEXT_FREE = 3  # times of each
STATES = (
    (Status.BOOKED, gettext_lazy("Expected")),
    (Status.CHECKED_IN, gettext_lazy("Waiting")),
    (Status.IN_CONSULTATION, gettext_lazy("Inside")),
    (Status.COMPLETED, gettext_lazy("Done")),
    (Status.NO_SHOW, gettext_lazy("Missed")),
    (Status.HELD, gettext_lazy("Held")),
    (Status.CANCELLED, gettext_lazy("Cancelled")),
)
UNDELIVERED = KeptByRole(lambda user: Message.objects.visible_to(user).undelivered())
DRAWN = 5  # the states that the chart tells apart
DOCTORS = 20  # with more of them, their lines are the day's page


def page(request, now):
    """Eighteen queries at most, whatever there is."""
    zone = request.hospital.zone
    today = today_of(now, zone)
    visits = Appointment.objects.visible_to(request.user).filter(**within_day(today, zone))
    arrivals = list(visits.filter(status=Status.BOOKED).order_by("starts_at", "pk").values(*ROW)[:ARRIVALS])
    for visit in arrivals:
        visit["is_late"] = visit["starts_at"] + LATE < now
    to_call = unreached.reasons_to_call(request.user, request.hospital, now)
    found, more = gaps.find(request.user, request.hospital, now, most=FREE)
    days = Range(today, today, zone)
    return "hms/home_reception.html", {
        "to_call": unreached.described(dict(islice(to_call.items(), TO_CALL))),
        "to_call_count": len(to_call),
        "displaced_count": unsettled.count(request.user, now),
        "today": today,
        "arrivals": arrivals,
        "waiting": waiting(visits, now),
        "free": [(one, one.slots[:NEXT_FREE], len(one.slots)) for one in found],
        "free_more": more,
        **by_state(figures.visits_by_doctor(figures.Scope(), days), days),
        "undelivered_count": UNDELIVERED(request.user).count(request.user.pk),
    }


def waiting(visits, now):
    """Who is here and not called yet, who came first first; `is_long` of whom nobody should have let wait so long."""
    arrived = Max("events__at", filter=Q(events__kind=AppointmentEvent.Kind.STATUS, events__status=Status.CHECKED_IN))
    here = visits.filter(status=Status.CHECKED_IN).values(*ROW).annotate(arrived_at=arrived)
    found = list(here.order_by(F("arrived_at").asc(nulls_first=True), "starts_at", "pk")[:WAITING])
    for visit in found:
        visit["is_long"] = max(visit["arrived_at"] or visit["starts_at"], visit["starts_at"]) + LONG < now
    return found


def by_state(load, days):
    """The day in figures, each with its list: of all, by department as a Chart, by doctor as lines. Two queries."""
    links = Links()
    total = figures.added(load.values())
    states = [(status, label) for status, label in STATES if status != Status.HELD or total[status]]
    labels = [label for _status, label in states]
    columns = [_("Visits"), *labels]
    doctors = sorted({doctor for _department, doctor in load})
    named = Doctor.objects.filter(pk__in=doctors if len(doctors) <= DOCTORS else [])
    names = dict(named.order_by("name", "pk").values_list("pk", "name"))
    drawn, lines = [], []
    for pk, name in Department.objects.order_by("name", "pk").values_list("pk", "name"):
        of_it = {doctor: counts for (department, doctor), counts in load.items() if department == pk}
        if not of_it:
            continue
        cells = in_states(of_it.values(), states, links, days, department=pk)
        drawn.append(Row(name, cells[1 : DRAWN + 1], url=cells[0].url))
        if len(doctors) <= DOCTORS:
            figures_of = {one: in_states([of_it[one]], states, links, days, doctor=one, department=pk) for one in of_it}
            members = [one for one in names if one in of_it]
            lines.append(
                (name, [(one, names[one], list(zip(columns, figures_of[one], strict=True))) for one in members])
            )
    title, head = _("Today by department"), _("Department")
    return {
        "count": sum(total.values()),
        "count_url": links.visits(days),
        "waiting_count": total[Status.CHECKED_IN],
        "waiting_url": links.visits(days, Status.CHECKED_IN),
        "columns": columns,
        "doctor_count": len(doctors),
        "load": lines,
        "drawn": Chart("today", title, "stacked", head, labels[:DRAWN], drawn, sideways=True),
    }


def in_states(counts, states, links, days, **narrow):
    """The figures of some doctors together: all visits, then those in each state."""
    total = figures.added(counts)
    every = Cell(sum(total.values()), url=links.visits(days, **narrow))
    return [every, *(Cell(total[status], url=links.visits(days, status, **narrow)) for status, _label in states)]
