"""Where the rows behind a figure of a report are found: a list of visits where there is one, or a page of its own."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Role
from records import figures, reportcontent
from records.models import Encounter
from scheduling.models import Appointment

PAGES = {
    "new_patients": figures.first_visits,
    "waiting": figures.waited,
    "consultation": figures.timed,
}
DIAGNOSIS = "diagnosis"


@dataclass(frozen=True)
class Found:
    """The rows behind a figure as they are now: visits, or (`records`) what was written about them."""

    title: str
    rows: object
    records: bool = False


def address(report, rows, user):
    """Where the rows behind a figure open for this person; empty where they open nowhere."""
    if rows in PAGES:
        return reverse("records:report-rows", args=[report.pk, rows])
    if rows == "hours":
        return reverse("scheduling:hours-list", args=[report.doctor_id]) if report.doctor_id else ""
    return visit_list(report, "" if rows == "visits" else str(rows), user)


def visit_list(report, status, user):
    """The list of visits, narrowed to those of a report with a status."""
    days = reportcontent.days_of(report)
    query = {"when": "all", "from_day": days.first_day, "to_day": days.last_day, "status": status}
    if user.role == Role.ADMIN:
        query |= {"doctor": report.doctor_id or "", "department": report.department_id or ""}
    chosen = {name: value for name, value in query.items() if value}
    return f"{reverse('scheduling:appointment-list')}?{urlencode(chosen)}"


def diagnosis_address(report, line):
    """Where the records that name a diagnosis open."""
    query = urlencode({"system": line["system"], "code": line["code"], "words": line["words"]})
    return f"{reverse('records:report-rows', args=[report.pk, DIAGNOSIS])}?{query}"


def found(report, figure, user, asked):
    """The Found behind a figure that this person may see; None for a figure that has no such page."""
    scope, days = reportcontent.scope_of(report.owner), reportcontent.days_of(report)
    if figure in PAGES:
        titles = {"new_patients": _("New patients"), "waiting": _("Waiting times"), "consultation": _("Consultations")}
        ids = PAGES[figure](scope, days).values("pk")
        visits = Appointment.objects.visible_to(user).filter(pk__in=ids).with_people()
        return Found(titles[figure], with_times(visits, scope, days) if figure != "new_patients" else visits)
    if figure == DIAGNOSIS and report.is_own(user):
        line = {name: asked.get(name, "")[:300] for name in ("system", "code", "words")}
        ids = figures.records_naming(scope, days, line).values("pk")
        records = Encounter.objects.visible_to(user).filter(pk__in=ids).with_content()
        return Found(reportcontent.named(line), records, records=True)
    return None


def with_times(visits, scope, days):
    """The same visits with when their patient arrived, when they began and ended."""
    ids = visits.order_by().values("pk")
    return figures.timed(scope, days).filter(pk__in=ids).with_people().order_by("starts_at", "pk")
