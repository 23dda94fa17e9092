"""Reception's first page: who is due, who has arrived, how each doctor's day stands."""

from datetime import timedelta

from accounts.models import Message
from clinic.models import Patient
from hms.home.days import today_of, within_day
from hms.home.load import by_department, by_doctor
from scheduling import unreached, unsettled
from scheduling.models import Appointment, Status

ARRIVALS = 12
WAITING = 30
TO_CALL = 5
LATE = timedelta(minutes=5)


def page(request, now):
    """Nine queries at most, whatever there is."""
    zone = request.hospital.zone
    today = today_of(now, zone)
    visits = Appointment.objects.visible_to(request.user).filter(**within_day(today, zone))
    listed = visits.with_people().order_by("starts_at", "pk")
    arrivals = list(listed.filter(status=Status.BOOKED)[:ARRIVALS])
    for visit in arrivals:
        visit.is_late = visit.starts_at + LATE < now
    to_call = unreached.find(request.user, request.hospital, now)
    return "hms/home_reception.html", {
        "to_call": to_call[:TO_CALL],
        "to_call_count": len(to_call),
        "displaced_count": unsettled.visits(request.user, now).count(),
        "today": today,
        "arrivals": arrivals,
        "waiting": listed.filter(status=Status.CHECKED_IN)[:WAITING],
        "load": by_department(by_doctor(visits)),
        "undelivered_count": Message.objects.visible_to(request.user).undelivered().count(),
        "patient_count": Patient.objects.visible_to(request.user).count(),
    }
