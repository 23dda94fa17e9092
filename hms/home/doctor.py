"""A doctor's first page: who is in, who is next, what is to be finished, the days to come, how it has been."""

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.models import Doctor, Patient
from hms.figures.links import Links
from hms.home import lists, periods
from hms.home.days import today_of
from hms.lib import when
from hms.lib.charts import Cell, Chart, Row
from hms.lib.kept import Kept, KeptByRole
from records import figures
from records.months import Range
from scheduling import free
from scheduling.models import Appointment, Status, WorkingHours
from scheduling.wall import day_begins, day_ends

AHEAD = 7  # days


def _visits(user, since, until):
    visits = Appointment.objects.visible_to(user).filter(starts_at__gte=since, starts_at__lt=until)
    return visits.exclude(status=Status.CANCELLED).select_related("patient").order_by("starts_at")


VISITS = KeptByRole(_visits, datetime, datetime)
PATIENTS = KeptByRole(Patient.objects.visible_to)
LISTED = Kept(lambda doctor: Doctor.objects.listed().filter(pk=doctor), int)
HOURS = KeptByRole(WorkingHours.objects.managed_by)
UNFINISHED = KeptByRole(lambda user, today: figures.unfinished(Appointment.objects.visible_to(user), today), datetime)
SHOWN = ((Status.COMPLETED, gettext_lazy("Completed")), (Status.NO_SHOW, gettext_lazy("No-show")))


def page(request, now):
    """Twelve queries, whatever there is; four for an account that is no doctor's yet."""
    zone = request.hospital.zone
    today = today_of(now, zone)
    visits = VISITS(request.user).rows(request.user.pk, day_begins(today, zone), day_ends(today, zone))
    doctor = getattr(request.user, "doctor", None)
    context = {
        "doctor": doctor,
        "today": today,
        "visits": visits,
        "current": first_in(visits, Status.IN_CONSULTATION),
        "next": first_in(visits, Status.CHECKED_IN) or first_to_come(visits, now),
        "waiting_count": sum(visit.status == Status.CHECKED_IN for visit in visits),
        "done_count": sum(visit.status == Status.COMPLETED for visit in visits),
        "done_url": Links().visits(Range(today, today, zone), Status.COMPLETED),
        "patient_count": PATIENTS(request.user).count(request.user.pk),
        "has_hours": HOURS(request.user).exists(request.user.pk),
    }
    if doctor:
        context |= looking_back(doctor, request.GET.get("range", ""), today, zone)
        context["ahead"] = ahead(doctor, free.terms_for(request.user, request.hospital, now))
        context["unfinished_count"] = UNFINISHED(request.user).count(request.user.pk, day_begins(today, zone))
    return "hms/home_doctor.html", context


def first_in(visits, status):
    return next((visit for visit in visits if visit.status == status), None)


def first_to_come(visits, now):
    """The booked visit that is on now or comes next."""
    return next((visit for visit in visits if visit.status == Status.BOOKED and visit.ends_at > now), None)


def ahead(doctor, terms):
    """The week to come as a Chart: what is booked and what is free on each day. Six queries."""
    tomorrow = terms.first_day + timedelta(1)
    days = Range(tomorrow, tomorrow + timedelta(AHEAD - 1), terms.zone)
    booked = figures.visits_by_day(figures.Scope(doctor), days)
    is_listed = LISTED.exists(doctor.pk)
    rows, links = [], Links()
    for found in free.strip(doctor, days.first_day, days.last_day, terms=terms):
        day = found.day
        number = booked.get(day, figures.no_visits())[Status.BOOKED]
        taken = Cell(number, url=links.visits(Range(day, day, terms.zone), Status.BOOKED))
        left = Cell(found.free, url=reverse("scheduling:booking-times", args=[doctor.pk, day]))
        url = f"{reverse('scheduling:day')}?date={day}"
        rows.append(Row(when.day(day, terms.first_day), [taken, left if is_listed else Cell(None)], url=url))
    return Chart("ahead", _("The week ahead"), "stacked", _("Day"), [_("Booked"), _("Free")], rows)


def looking_back(doctor, asked, today, zone):
    """What became of the visits of a Period, in figures and as a Chart. One query."""
    period = periods.chosen(asked, periods.FOR_DOCTORS, today, zone)
    by_day = figures.visits_by_day(figures.Scope(doctor), period.days)
    counts = figures.added(by_day.values())
    missed, expected = figures.missed_among(counts)
    links = Links()
    past = lists.over_time(period, by_day, SHOWN, ident="past", title=_("Completed and missed"), head=_("Days"))
    return {
        "period": period,
        "choices": periods.choices(periods.FOR_DOCTORS, period),
        "past": past,
        "counts": counts,
        "missed": missed,
        "expected": expected,
        "urls": {str(status): links.visits(period.days, status) for status, _label in SHOWN},
    }
