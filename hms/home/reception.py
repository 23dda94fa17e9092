"""Reception's first page: who is due, who is here and waits, what is free, whom to call, how each doctor's day is."""

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import islice

from django.db.models import Exists, F, Max, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Message
from clinic.models import Department, Doctor
from hms.figures.links import Links
from hms.home.days import today_of
from hms.lib.charts import Cell, Chart, Row
from hms.lib.kept import Kept, KeptByRole
from records import figures
from records.months import Range
from scheduling import gaps, unreached, unsettled, wall
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
DEPARTMENTS = Kept(lambda: Department.objects.order_by("name", "pk").values_list("pk", "name"))
UNDELIVERED = KeptByRole(lambda user: Message.objects.visible_to(user).undelivered())
DRAWN = 5  # the states that the chart tells apart
DOCTORS = 20  # with more of them, their lines are the day's page


def page(request, now):
    """Eighteen queries at most, whatever there is."""
    zone = request.hospital.zone
    today = today_of(now, zone)
    day = wall.day_begins(today, zone), wall.day_ends(today, zone)
    to_call = unreached.reasons_to_call(request.user, request.hospital, now)
    found, more = gaps.find(request.user, request.hospital, now, most=FREE)
    days = Range(today, today, zone)
    return "hms/home_reception.html", {
        "to_call": unreached.described(dict(islice(to_call.items(), TO_CALL))),
        "to_call_count": len(to_call),
        "displaced_count": unsettled.count(request.user, now),
        "today": today,
        "arrivals": arrivals(request.user, day, now),
        "waiting": waiting(request.user, day, now),
        "free": [(one, one.slots[:NEXT_FREE], len(one.slots)) for one in found],
        "free_more": more,
        **by_state(days),
        "undelivered_count": UNDELIVERED(request.user).count(request.user.pk),
    }


def _due(user, since, until):
    due = Appointment.objects.visible_to(user).filter(status=Status.BOOKED, starts_at__gte=since, starts_at__lt=until)
    return due.order_by("starts_at", "pk").values_list(*ROW)[:ARRIVALS]


def _here(user, since, until):
    arrived = Max("events__at", filter=Q(events__kind=AppointmentEvent.Kind.STATUS, events__status=Status.CHECKED_IN))
    visits = Appointment.objects.visible_to(user).filter(starts_at__gte=since, starts_at__lt=until)
    here = visits.filter(status=Status.CHECKED_IN).annotate(arrived_at=arrived)
    in_turn = here.order_by(F("arrived_at").asc(nulls_first=True), "starts_at", "pk")
    return in_turn.values_list(*ROW, "arrived_at")[:WAITING]


DUE, HERE = KeptByRole(_due, datetime, datetime), KeptByRole(_here, datetime, datetime)


def arrivals(user, day, now):
    """Who is still to come, the next one first; `is_late` of whom should be here."""
    found = [dict(zip(ROW, row, strict=True)) for row in DUE(user).rows(user.pk, *day)]
    for visit in found:
        visit["is_late"] = visit["starts_at"] + LATE < now
    return found


def waiting(user, day, now):
    """Who is here and not called yet, who came first first; `is_long` of whom nobody should have let wait so long."""
    found = [dict(zip((*ROW, "arrived_at"), row, strict=True)) for row in HERE(user).rows(user.pk, *day)]
    for visit in found:
        visit["is_long"] = max(visit["arrived_at"] or visit["starts_at"], visit["starts_at"]) + LONG < now
    return found


def _busy(since, until):
    """Doctors who have visits then, in no order, and of too many of them not all."""
    visits = Appointment.objects.filter(doctor=OuterRef("pk"), starts_at__gte=since, starts_at__lt=until)
    return Doctor.objects.filter(Exists(visits)).order_by().values_list("pk", "name")[: DOCTORS + 1]


BUSY = Kept(_busy, datetime, datetime)


def by_state(days):
    """The day in figures, each with its list: of all, by department as a Chart, by doctor as lines. Three queries."""
    links = Links()
    names = dict(BUSY.rows(days.starts_at, days.ends_at))
    few = len(names) <= DOCTORS
    by_doctor = figures.visits_by_doctor(days) if few else {}
    load = added_by_department(by_doctor) if few else figures.visits_by_department(days)
    total = figures.added(load.values())
    states = [(status, label) for status, label in STATES if status != Status.HELD or total[status]]
    labels = [label for _status, label in states]
    columns = [_("Visits"), *labels]
    in_order = sorted(names, key=lambda doctor: (names[doctor].casefold(), doctor))
    drawn, lines = [], []
    for pk, name in DEPARTMENTS.rows():
        if pk not in load:
            continue
        cells = in_states(load[pk], states, links, days, department=pk)
        drawn.append(Row(name, cells[1 : DRAWN + 1], url=cells[0].url))
        of_it = [(one, by_doctor[pk, one]) for one in in_order if (pk, one) in by_doctor]
        figures_of = {one: in_states(counts, states, links, days, doctor=one, department=pk) for one, counts in of_it}
        members = [(one, names[one], list(zip(columns, cells, strict=True))) for one, cells in figures_of.items()]
        lines += [(name, members)] if few else []
    title, head = _("Today by department"), _("Department")
    return {
        "count": sum(total.values()),
        "count_url": links.visits(days),
        "waiting_count": total[Status.CHECKED_IN],
        "waiting_url": links.visits(days, Status.CHECKED_IN),
        "columns": columns,
        "load": lines,
        "drawn": Chart("today", title, "stacked", head, labels[:DRAWN], drawn, sideways=True),
    }


def added_by_department(by_doctor):
    """{department's id: {status: how many visits}} of {(department's id, doctor's id): the same}."""
    parts = defaultdict(list)
    for (department, _doctor), counts in by_doctor.items():
        parts[department].append(counts)
    return {department: figures.added(of_it) for department, of_it in parts.items()}


def in_states(counts, states, links, days, **narrow):
    """All visits of {status: how many}, then those in each state."""
    every = Cell(sum(counts.values()), url=links.visits(days, **narrow))
    return [every, *(Cell(counts[status], url=links.visits(days, status, **narrow)) for status, _label in states)]
