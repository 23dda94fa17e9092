"""An administrator's first page: the hospital in numbers, today's load, what changed last, what is still to set up."""

from datetime import timedelta
from functools import reduce
from operator import or_

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import AuditEvent, Message
from clinic import topics
from clinic.models import Application, Department, Doctor, Patient
from hms.figures.links import Links
from hms.home.days import today_of
from hms.lib import cached
from hms.lib.charts import Cell, Chart, Row
from hms.setup.steps import steps as setup_steps
from records import figures, tallies
from records.models import BreakGlass, ClinicalGrant
from records.months import Range
from scheduling.filters import NOT_OVER
from scheduling.models import Status
from scheduling.wall import day_begins

WEEK = 7  # days
LOAD = (Status.CHECKED_IN, Status.IN_CONSULTATION, Status.COMPLETED, Status.NO_SHOW, Status.CANCELLED)
LATEST = 8


def page(request, now):
    """Fourteen queries, whatever there is; up to four more while changes wait to be tallied; nine when kept."""
    user, zone = request.user, request.hospital.zone
    today = today_of(now, zone)
    week_ago = day_begins(today - timedelta(WEEK - 1), zone)
    departments = list(Department.objects.visible_to(user))
    doctors = now_and_then(Doctor.objects.visible_to(user), week_ago)
    patients = Patient.objects.visible_to(user).aggregate(
        now=Count("created_at"), then=Count("created_at", filter=Q(created_at__lt=week_ago))
    )  # of the column of an index, which is read instead of the table
    counts = {
        "departments": sum(department.retired_at is None for department in departments),
        "doctors": doctors["now"],
        "patients": patients["now"],
        **BreakGlass.objects.visible_to(user).figures(),
        "grants": ClinicalGrant.objects.visible_to(user).waiting().count(),
        "undelivered": Message.objects.visible_to(user).undelivered().count(),
        "applications": Application.objects.visible_to(user).waiting().count(),
    }
    tallied = two_weeks(user, today, zone)
    return "hms/home_admin.html", {
        "today": today,
        "counts": counts,
        "changes": {
            "departments": counts["departments"] - sum(was_there(department, week_ago) for department in departments),
            "doctors": doctors["now"] - doctors["then"],
            "patients": patients["now"] - patients["then"],
        },
        "visits": visits(tallied, today, zone),
        "load": load(tallied, today, zone, {department.pk: department.name for department in departments}),
        "latest": latest(AuditEvent.objects.visible_to(user)),
        "steps": steps(request.hospital, counts),
    }


def now_and_then(rows, instant):
    """{"now", "then"}: how many doctors are at work, and how many were at an instant."""
    there = Q(created_at=None) | Q(created_at__lt=instant)
    at_work = Q(retired_at=None)
    return rows.order_by().aggregate(
        now=Count("pk", filter=at_work), then=Count("pk", filter=there & (at_work | Q(retired_at__gte=instant)))
    )


def was_there(department, instant):
    """The same of one department."""
    opened = department.created_at is None or department.created_at < instant
    return opened and (department.retired_at is None or department.retired_at >= instant)


def two_weeks(user, today, zone):
    """The Reading of the last seven days and the seven before, kept for some minutes until a visit changes."""
    days = Range(today - timedelta(2 * WEEK - 1), today, zone)
    return cached.remember(
        "figures",
        topics.FIGURES_SECONDS,
        lambda: tallies.read(figures.Scope(), days, with_doctors=False),
        scope=f"{cached.personal(user)}:{days}",
        topics=[topics.VISITS],
    )


def visits(reading, today, zone):
    """{"today", "week", "change", "new", "new_change"} with the addresses of their rows: `today_url`, …"""
    week, links = Range(today - timedelta(WEEK - 1), today, zone), Links()
    days = {day: 0 for day, _department in reading.departments}
    for (day, _department), tally in reading.departments.items():
        days[day] += tally.visits
    of_week, new = within(days, week), within(reading.firsts, week)
    return {
        "today": days.get(today, 0),
        "today_url": links.visits(Range(today, today, zone)),
        "week": of_week,
        "change": of_week - (sum(days.values()) - of_week),
        "week_url": links.visits(week),
        "new": new,
        "new_change": new - (sum(reading.firsts.values()) - new),
        "new_url": links.rows("new-patients", week),
    }


def within(by_day, days):
    return sum(number for day, number in by_day.items() if days.first_day <= day <= days.last_day)


def load(reading, today, zone, names):
    """Today by department, as the table of a Chart."""
    days, links = Range(today, today, zone), Links()
    rows = [
        Row(names[pk], load_cells(tally, links, days, pk), url=links.visits(days, department=pk))
        for (day, pk), tally in reading.departments.items()
        if day == today and tally.visits
    ]
    columns = [_("All"), _("Not done yet"), _("Waiting"), _("Inside"), _("Done"), _("Missed"), _("Cancelled")]
    rows.sort(key=lambda row: row.label.casefold())
    return Chart(id="load", title=_("Today's load"), kind="bar", head=_("Department"), columns=columns, rows=rows)


def load_cells(tally, links, days, department):
    """All visits, then those of each standing of LOAD; each leads to its rows."""
    numbers = [(tally.visits, ""), (tally.planned, NOT_OVER), *((tally.numbers[status], status) for status in LOAD)]
    return [
        Cell(number, url=links.visits(days, status, department=department) if number else "")
        for number, status in numbers
    ]


def latest(events):
    """The newest acts that changed something, each with its words; who read or signed in is for the audit trail."""
    only_read = reduce(or_, (Q(action__endswith=ending) for ending in audit.READING), Q(action="account.signed_in"))
    found = list(events.exclude(only_read)[:LATEST])
    for event in found:
        event.words = audit.words_for(event.action)
    return found


def steps(hospital, counts):
    """What a new hospital still has to do, as on the set-up pages; empty once everything is done."""
    found = setup_steps(hospital, departments=counts["departments"], doctors=counts["doctors"])
    return [] if all(step.is_done for step in found) else found
