"""A doctor's first page: who is in, who is next, the days to come."""

from collections import Counter
from datetime import timedelta

from clinic.models import Patient
from hms.home.days import today_of, within_day, within_days
from records.models import Encounter
from scheduling.models import Appointment, Status, WorkingHours

AHEAD = 7  # days


def page(request, now):
    """Seven queries, whatever there is."""
    zone = request.hospital.zone
    today = today_of(now, zone)
    mine = Appointment.objects.visible_to(request.user)
    visits = list(
        mine.filter(**within_day(today, zone))
        .exclude(status=Status.CANCELLED)
        .select_related("patient")
        .order_by("starts_at")
    )
    doctor = getattr(request.user, "doctor", None)
    return "hms/home_doctor.html", {
        "doctor": doctor,
        "today": today,
        "visits": visits,
        "current": first_in(visits, Status.IN_CONSULTATION),
        "next": first_in(visits, Status.CHECKED_IN) or first_to_come(visits, now),
        "waiting_count": sum(visit.status == Status.CHECKED_IN for visit in visits),
        "done_count": sum(visit.status == Status.COMPLETED for visit in visits),
        "days": days_ahead(mine, today, zone),
        "patient_count": Patient.objects.visible_to(request.user).count(),
        "draft_count": Encounter.objects.visible_to(request.user)
        .filter(doctor__user=request.user, signed_at=None)
        .count(),
        "has_hours": WorkingHours.objects.managed_by(request.user).exists(),
    }


def first_in(visits, status):
    return next((visit for visit in visits if visit.status == status), None)


def first_to_come(visits, now):
    """The booked visit that is on now or comes next."""
    return next((visit for visit in visits if visit.status == Status.BOOKED and visit.ends_at > now), None)


def days_ahead(visits, today, zone):
    """[(day, planned visits)] of the days after today."""
    tomorrow = today + timedelta(1)
    starts = visits.planned().filter(**within_days(tomorrow, AHEAD, zone)).values_list("starts_at", flat=True)
    counts = Counter(at.astimezone(zone).date() for at in starts)
    return [(day, counts[day]) for day in (tomorrow + timedelta(step) for step in range(AHEAD))]
