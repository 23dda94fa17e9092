"""Patients whom no message reached: visits of the next days to be told of by telephone. Five queries, however many."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Case, Exists, F, Max, OuterRef, Q, Subquery, When
from django.utils.translation import gettext_lazy as _

from accounts import reached
from accounts.models import Message, MessageState
from clinic.models import Guardianship
from hms.lib.kept import Kept, KeptByRole
from scheduling import notices, wall
from scheduling.models import Appointment, AppointmentEvent, PhoneCall, Status

AHEAD = 7  # local days after today
KINDS = (notices.BOOKED, notices.MOVED, notices.REMINDER, notices.REMINDER_TODAY, notices.ANOTHER_TIME)
ABOUT_VISITS = Q(about_type=Appointment._meta.label_lower, kind__in=KINDS)
WHY = {
    MessageState.NO_CONSENT: _("Does not agree to reminders"),
    MessageState.NOT_SENDABLE: _("No address that works"),
    MessageState.GIVEN_UP: _("Not delivered"),
    MessageState.FAILED: _("Not delivered yet, is being tried again"),
    MessageState.IN_DOUBT: _("Maybe not delivered"),
}


@dataclass(frozen=True)
class Unreached:
    """A visit, why its newest message reached nobody, and [(name, telephone number)] of whom to call."""

    visit: object
    why: list
    phones: list = field(default_factory=list)


def find(user, hospital, now):
    """[Unreached] of the visits still to come that this person may see, the next one first. Five queries."""
    return described(reasons_to_call(user, hospital, now))


def reasons_to_call(user, hospital, now):
    """{visit's id: why} of the same, in the same order. Three queries, one when there are none.

    A visit is on the list when its newest kind of message (the reminder, else the news of its time) reached none of
    those it went to, and nobody has called since the visit got this time.
    """
    found = [visit.pk for visit in FAILED(user).rows(user.pk, now, _until(hospital, now))]
    why = reasons(found)
    return {pk: why[pk] for pk in found if pk in why}


def described(why):
    """[Unreached] of {visit's id: why}, the next visit first. Two queries, none when there are none."""
    visits = VISITS.rows(list(why))
    guardians = _guardians([visit.patient_id for visit in visits if visit.patient.user_id is None])
    return [Unreached(visit, why[visit.pk], _phones(visit.patient, guardians)) for visit in visits]


def calls(user, hospital, now):
    """The calls that stand for visits still to come, the newest first."""
    standing = PhoneCall.objects.visible_to(user).filter(undone_at=None, moved_count=F("appointment__moved_count"))
    coming = _coming(user, now, _until(hospital, now)).values("pk")
    return standing.filter(appointment__in=coming).select_related("by", "appointment__patient", "appointment__doctor")


def _until(hospital, now):
    return wall.day_ends(now.astimezone(hospital.zone).date() + timedelta(days=AHEAD), hospital.zone)


def _coming(user, now, until):
    visits = Appointment.objects.visible_to(user).filter(status=Status.BOOKED, starts_at__gt=now, starts_at__lt=until)
    return visits.filter(patient__died_on=None)


def _messages():
    return Message.objects.filter(ABOUT_VISITS)


def _failed(user, now, until):
    """The visits to come of which some message has failed and nobody has called since."""
    failed = _messages().filter(about_id=OuterRef("pk"), state__in=WHY)
    called = PhoneCall.objects.filter(appointment=OuterRef("pk"), moved_count=OuterRef("moved_count"), undone_at=None)
    visits = _coming(user, now, until).filter(Exists(failed), ~Exists(called))
    return visits.order_by("starts_at", "pk").only("pk")


def _told(visits):
    told = _messages().filter(about_id__in=visits).exclude(state=MessageState.OBSOLETE)
    return told.order_by("created_at", "pk").values_list("about_id", "kind", "state", "created_at")


def _moved(visits):
    moves = AppointmentEvent.objects.filter(kind=AppointmentEvent.Kind.MOVED, appointment__in=visits)
    return moves.order_by().values_list("appointment").annotate(Max("at"))


def _acting(patients):
    acting = Guardianship.objects.acting().filter(~Q(guardian__patient=None), patient__in=patients).order_by("pk")
    needed = ("patient_id", "guardian__patient__name", "guardian__patient__phone")
    return acting.select_related("guardian__patient").only(*needed)


FAILED = KeptByRole(_failed, datetime, datetime)
VISITS = Kept(lambda ids: Appointment.objects.filter(pk__in=ids).with_people().order_by("starts_at", "pk"), [int])
TOLD, MOVED = Kept(_told, [int]), Kept(_moved, [int])
ACTING = Kept(_acting, [int])


def reasons(visits):
    """{visit's id: why} of those of these ids whom the newest kind of message about their time has not reached."""
    moved_at = dict(MOVED.rows(visits))  # those that were never moved are left out
    newest = {}
    for pk, kind, state, at in TOLD.rows(visits):
        if at < moved_at.get(pk, at):
            continue
        if newest.setdefault(pk, (kind, []))[0] != kind:
            newest[pk] = (kind, [])
        newest[pk][1].append(state)
    return {
        pk: list(dict.fromkeys(WHY[state] for state in states))
        for pk, (_kind, states) in newest.items()
        if all(state in WHY for state in states)
    }


def _guardians(patients):
    """{patient's id: [the guardian's own row as a patient]}, for whom acts for somebody without an account."""
    found = defaultdict(list)
    for row in ACTING.rows(patients):
        found[row.patient_id].append(row.guardian.patient)
    return found


def _phones(patient, guardians):
    people = [*guardians.get(patient.pk, []), patient]
    return [(person.name, person.phone) for person in people if person.phone]


def _standing_calls():
    """Of the visit that a message tells of: calls about the time it has, or made after the message was written."""
    told = Q(moved_count=F("appointment__moved_count")) | Q(at__gt=OuterRef("created_at"))
    return PhoneCall.objects.filter(told, appointment=OuterRef("about_id"), undone_at=None).order_by("-at", "-pk")


def _was_told():
    return ABOUT_VISITS & Q(Exists(_standing_calls()))


def _columns():
    """What the list of messages shows of the call."""
    names = {"told_at": "at", "told_by": "by__name", "told_note": "note"}
    calls = {column: Subquery(_standing_calls().values(name)[:1]) for column, name in names.items()}
    return {column: Case(When(ABOUT_VISITS, then=call), default=None) for column, call in calls.items()}


def register():
    """For AppConfig.ready(): whoever was called is not waiting on the list of messages."""
    reached.know(_was_told, _columns)
