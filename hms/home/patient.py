"""A patient's first page: the next visit and what is due, visits before, what is to be taken now, the record."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import consents
from clinic.family import acting_for, requests_of
from hms.home import lists, periods
from hms.home.days import today_of
from records import charts, figures, proposed, services
from records.errors import NotOnRecord
from records.models import Encounter
from scheduling import actions, displaced
from scheduling.models import Appointment, Status
from scheduling.services import may_change

COMING = 5
PAST = 5
SHOWN = ((Status.COMPLETED, gettext_lazy("Completed")), (Status.NO_SHOW, gettext_lazy("Missed")))


def page(request, now):
    """Twelve queries at most, whatever there is. Visits of those one acts for are among them, and say so.

    What stands here of one's own record is read from it, so that this is on record too; what cannot be written down
    is not shown.
    """
    user = request.user
    own = getattr(user, "patient", None)
    visits = Appointment.objects.visible_to(user).with_people()
    coming = list(visits.planned().filter(ends_at__gt=now).order_by("starts_at")[:COMING])
    past = visits.filter(starts_at__lte=now).exclude(status__in=[Status.CANCELLED]).order_by("-starts_at")
    seen = [visit for visit in past[: PAST + len(coming)] if visit not in coming][:PAST]
    upcoming = coming[0] if coming else None
    family = list(acting_for(user))
    moving = set(displaced.asked_among([visit.pk for visit in coming]))
    to_confirm = [one for one in coming if one.pk not in moving and actions.is_to_confirm(one, request.hospital, now)]
    context = {
        "next": upcoming,
        "moving": moving,
        "asked_for_time": bool(upcoming) and upcoming.pk in moving,
        "may_change": bool(upcoming) and may_change(upcoming, user, request.hospital, now),
        "later": coming[1:],
        "past": seen,
        "record_count": Encounter.objects.visible_to(user).filter(patient=own).count(),
        "patient": own,
        "family": family,
        "asked": requests_of(user)[0],
        "to_confirm": to_confirm,
        "unanswered": [one for one in consents.standings(user.pk, own and own.pk) if one.given is None],
    }
    if own:
        today = today_of(now, request.hospital.zone)
        context |= looking_back(own, request.GET.get("range", ""), today, request.hospital.zone, family)
        context |= from_the_record(user, own, today) if context["record_count"] else {}
    return "hms/home_patient.html", context


def from_the_record(user, patient, today):
    """What is to be taken now, and the next visits that doctors want. Three queries, the first writes the opening."""
    try:
        services.open_chart(patient, by=user, action="medicines.opened")
    except NotOnRecord:
        return {"is_closed": True}
    medication = charts.Chart(user, patient).medication
    return {"medication": medication, "proposed": proposed.find(user, patient, today)}


def looking_back(patient, asked, today, zone, family):
    """What became of one's own visits, as a Chart. One query."""
    period = periods.chosen(asked, periods.FOR_PATIENTS, today, zone)
    by_day = figures.visits_by_day(figures.Scope(patient=patient), period.days)
    narrow = {"patient": patient.pk} if family else {}
    chart = lists.over_time(period, by_day, SHOWN, ident="visits", title=_("Your visits"), head=_("When"), **narrow)
    return {"period": period, "choices": periods.choices(periods.FOR_PATIENTS, period), "chart": chart}
