"""An administrator's first page: the hospital in numbers, today's load, what changed last, what is still to set up."""

from accounts import audit
from accounts.models import AuditEvent, Message
from clinic import topics
from clinic.models import Application, Department, Doctor, Patient
from hms.home.days import today_of, within_day, within_days
from hms.home.load import by_department, by_doctor
from hms.lib import cached
from hms.setup.steps import steps as setup_steps
from records.models import BreakGlass, ClinicalGrant
from scheduling.models import Appointment

WEEK = 7  # days
LATEST = 8


def page(request, now):
    """Twelve queries, whatever there is; nine when the figures of visits are still known."""
    user, zone = request.user, request.hospital.zone
    today = today_of(now, zone)
    visits = Appointment.objects.visible_to(user)
    of_today = visits.filter(**within_day(today, zone))
    figures = cached.remember(
        "figures",
        topics.FIGURES_SECONDS,
        lambda: {
            "today": of_today.blocking().count(),
            "week": visits.blocking().filter(**within_days(today, WEEK, zone)).count(),
            "visits": visits.count(),
        },
        scope=f"{cached.personal(user)}:{today}:{zone}",
        topics=[topics.VISITS],
    )
    counts = {
        "departments": Department.objects.visible_to(user).open().count(),
        "doctors": Doctor.objects.visible_to(user).filter(retired_at=None).count(),
        "patients": Patient.objects.visible_to(user).count(),
        **figures,
        **BreakGlass.objects.visible_to(user).figures(),
        "grants": ClinicalGrant.objects.visible_to(user).waiting().count(),
        "undelivered": Message.objects.visible_to(user).undelivered().count(),
        "applications": Application.objects.visible_to(user).waiting().count(),
    }
    return "hms/home_admin.html", {
        "today": today,
        "counts": counts,
        "load": by_department(by_doctor(of_today)),
        "latest": latest(AuditEvent.objects.visible_to(user)),
        "steps": steps(request.hospital, counts),
    }


def latest(events):
    """The newest acts, each with its words."""
    found = list(events[:LATEST])
    for event in found:
        event.words = audit.words_for(event.action)
    return found


def steps(hospital, counts):
    """What a new hospital still has to do, as on the set-up pages; empty once everything is done."""
    found = setup_steps(hospital, departments=counts["departments"], doctors=counts["doctors"])
    return [] if all(step.is_done for step in found) else found
