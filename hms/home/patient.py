"""A patient's first page: the next visit and what to do about it, visits before, the record."""

from records.models import Encounter
from scheduling.models import Appointment, Status
from scheduling.services import may_change

COMING = 5
PAST = 5


def page(request, now):
    """Five queries, whatever there is."""
    visits = Appointment.objects.visible_to(request.user).select_related("doctor", "department")
    coming = list(visits.planned().filter(ends_at__gt=now).order_by("starts_at")[:COMING])
    past = visits.filter(starts_at__lte=now).exclude(status__in=[Status.CANCELLED]).order_by("-starts_at")
    seen = [visit for visit in past[: PAST + len(coming)] if visit not in coming][:PAST]
    upcoming = coming[0] if coming else None
    return "hms/home_patient.html", {
        "next": upcoming,
        "may_change": bool(upcoming) and may_change(upcoming, request.user, request.hospital, now),
        "later": coming[1:],
        "past": seen,
        "record_count": Encounter.objects.visible_to(request.user).count(),
        "patient": getattr(request.user, "patient", None),
    }
