"""A patient's first page: the next visit and what to do about it, visits before, the record."""

from clinic.family import acting_for, requests_of
from records.models import Encounter
from scheduling import displaced
from scheduling.models import Appointment, Status
from scheduling.services import may_change

COMING = 5
PAST = 5


def page(request, now):
    """Eight queries, whatever there is. Visits of those one acts for are among them, and say so."""
    own = getattr(request.user, "patient", None)
    visits = Appointment.objects.visible_to(request.user).with_people()
    coming = list(visits.planned().filter(ends_at__gt=now).order_by("starts_at")[:COMING])
    past = visits.filter(starts_at__lte=now).exclude(status__in=[Status.CANCELLED]).order_by("-starts_at")
    seen = [visit for visit in past[: PAST + len(coming)] if visit not in coming][:PAST]
    upcoming = coming[0] if coming else None
    asked = set(displaced.asked_among([visit.pk for visit in coming]))
    return "hms/home_patient.html", {
        "next": upcoming,
        "moving": asked,
        "asked_for_time": bool(upcoming) and upcoming.pk in asked,
        "may_change": bool(upcoming) and may_change(upcoming, request.user, request.hospital, now),
        "later": coming[1:],
        "past": seen,
        "record_count": Encounter.objects.visible_to(request.user).filter(patient=own).count(),
        "patient": own,
        "family": acting_for(request.user),
        "asked": requests_of(request.user)[0],
    }
