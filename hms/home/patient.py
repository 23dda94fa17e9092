"""A patient's first page: the next visit and what is due, visits before, what is to be taken now, the record."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import consents
from clinic import topics
from clinic.family import acting_for, requests_of, seen_by
from hms.home import lists, periods
from hms.home.days import today_of
from hms.lib import cached
from hms.lib.kept import KeptByRole
from records import charts, figures, proposed, services
from records.errors import NotOnRecord
from records.models import Encounter
from scheduling import actions, displaced
from scheduling.models import Appointment, Status, WaitlistOffer
from scheduling.services import may_change

COMING = 5
PAST = 5
SHOWN = ((Status.COMPLETED, gettext_lazy("Completed")), (Status.NO_SHOW, gettext_lazy("Missed")))


def _visits(user, people):
    """The visits that a person sees of these (ids of patients)."""
    return Appointment.objects.visible_to(user, people).with_people()


def _next(user, people, now):
    """The next of them. A time on offer is no visit yet: it is due until it is answered."""
    planned = _visits(user, people).planned().exclude(status=Status.HELD)
    return planned.filter(ends_at__gt=now).order_by("starts_at")[:COMING]


def _before(user, people, now):
    """The latest of those that have begun."""
    begun = _visits(user, people).filter(starts_at__lte=now).exclude(status=Status.CANCELLED).order_by("-starts_at")
    return begun.defer("reason", "staff_notes", "overbook_reason")[: PAST + COMING]


def _offers(user, people, now):
    """The freed times that are held for these (ids) until they answer, what is over soonest first."""
    held = WaitlistOffer.objects.visible_to(user, people).open().filter(expires_at__gt=now)
    return held.select_related("entry__patient", "freed__doctor__department").order_by("expires_at")


NEXT, BEFORE, OFFERS = (KeptByRole(build, [int], datetime) for build in (_next, _before, _offers))
TO_CHOOSE = KeptByRole(lambda user, people, now: displaced.to_choose(_visits(user, people), now), [int], datetime)
RECORDS = KeptByRole(lambda user, patient: Encounter.objects.visible_to(user).filter(patient=patient), int)


def page(request, now):
    """Fifteen queries at most, whatever there is. Visits of those one acts for are among them, and say so.

    What is to come, what is due, what may be changed, family and consents are asked for with every request; what lies
    behind is kept for two minutes, until something changes there. What stands here of one's own record is read from it,
    so that this is on record too, each time; what cannot be written down is not shown.
    """
    user = request.user
    own = getattr(user, "patient", None)
    family = list(acting_for(user))
    people = seen_by(own, family)
    coming = NEXT(user).rows(user.pk, people, now)
    upcoming = coming[0] if coming else None
    today, zone = today_of(now, request.hospital.zone), request.hospital.zone
    period = periods.chosen(request.GET.get("range", ""), periods.FOR_PATIENTS, today, zone)
    behind = what_lies_behind(user, own, people, period, now)
    to_choose = TO_CHOOSE(user).rows(user.pk, people, now) if coming else []
    moving = {visit.pk for visit in to_choose}
    to_confirm = [one for one in coming if one.pk not in moving and actions.is_to_confirm(one, request.hospital, now)]
    context = {
        "next": upcoming,
        "moving": moving,
        "asked_for_time": bool(upcoming) and upcoming.pk in moving,
        "may_change": bool(upcoming) and may_change(upcoming, user, request.hospital, now),
        "later": coming[1:],
        "past": [visit for visit in behind["past"] if visit not in coming][:PAST],
        "record_count": behind["record_count"],
        "patient": own,
        "family": family,
        "asked": requests_of(user)[0],
        "offers": OFFERS(user).rows(user.pk, people, now),
        "to_choose": to_choose,
        "to_confirm": to_confirm,
        "unanswered": consents.unanswered(user, own and own.pk, getattr(request, "standings", None)),
    }
    if own:
        context |= looking_back(own, behind["by_day"], period, family)
        context |= from_the_record(user, own, today) if context["record_count"] else {}
    return "hms/home_patient.html", context


def what_lies_behind(user, own, people, period, now):
    """{"past": the latest visits, also some that go on, "record_count", "by_day": what became of one's own}. Kept.

    Whose visits one sees is part of the key: those of somebody one acts for no more are gone at once.
    """

    def read():
        return {
            "past": BEFORE(user).rows(user.pk, people, now),
            "record_count": RECORDS(user).count(user.pk, own.pk) if own else 0,
            "by_day": figures.visits_by_day(figures.Scope(patient=own), period.days) if own else {},
        }

    return kept("behind", user, period.days, read, people)


def from_the_record(user, patient, today):
    """What is to be taken now, and the next visits that doctors want. Kept, but each look at it is written down first.

    Three queries, the first writes the opening.
    """
    try:
        services.open_chart(patient, by=user, action="medicines.opened")
    except NotOnRecord:
        return {"is_closed": True}

    def read():
        medication = charts.Chart(user, patient).medication
        return {"medication": medication, "proposed": proposed.find(user, patient, today)}

    return kept("medicines", user, today, read, [patient.pk])


def kept(name, user, days, make, people):
    """make(), sealed and kept for this person: of these days up to today, until something changes about `people` (ids).

    Tomorrow is another key: a medicine that ends today is not to be taken then.
    """
    return cached.remember(
        f"home-{name}",
        topics.HOME_SECONDS,
        make,
        scope=f"{cached.personal(user)}:{days}:{people}",
        topics=[topics.CLINIC, *(topics.patient(pk) for pk in people)],
        sealed=True,
    )


def looking_back(patient, by_day, period, family):
    """What became of one's own visits, as a Chart."""
    narrow = {"patient": patient.pk} if family else {}
    chart = lists.over_time(period, by_day, SHOWN, ident="visits", title=_("Your visits"), head=_("When"), **narrow)
    return {"period": period, "choices": periods.choices(periods.FOR_PATIENTS, period), "chart": chart}
