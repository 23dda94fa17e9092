"""What a person can do about a visit right now: the buttons of lists, of the day and of the visit itself.

Only for what pages offer; the services decide again.
"""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from scheduling.models import Status
from scheduling.services import may_cancel, may_change

UNRECORDED = {Status.BOOKED, Status.CHECKED_IN}


@dataclass(frozen=True)
class Action:
    """A button: a link, or (`post`) a form of its own; `stays`: the page it stands on is where one goes on."""

    name: str
    label: str
    icon: str
    route: str
    permission: str
    post: bool = False
    stays: bool = False
    kind: str = "outline-secondary"

    def url(self, visit):
        return reverse(self.route, args=[visit.pk])


CONFIRM = Action(
    "confirm",
    _("I will come"),
    "check2",
    "scheduling:appointment-confirm",
    "scheduling.confirm_appointment",
    post=True,
)
CHECK_IN = Action(
    "check-in",
    _("Check in"),
    "person-check",
    "scheduling:appointment-check-in",
    "scheduling.check_in_appointment",
    post=True,
    stays=True,
    kind="outline-primary",
)
START = Action(
    "start",
    _("Start"),
    "play-fill",
    "scheduling:appointment-start",
    "scheduling.start_appointment",
    post=True,
    kind="outline-primary",
)
RECORD = Action(
    "record",
    _("Record"),
    "journal-medical",
    "records:encounter-write",
    "records.write_encounter",
    kind="outline-primary",
)
NO_SHOW = Action(
    "no-show",
    _("No-show"),
    "person-x",
    "scheduling:appointment-no-show",
    "scheduling.mark_no_show",
    post=True,
    stays=True,
)
MOVE = Action(
    "move",
    _("Move"),
    "arrow-left-right",
    "scheduling:appointment-reschedule",
    "scheduling.reschedule_appointment",
)
CANCEL = Action(
    "cancel",
    _("Cancel visit"),
    "x-lg",
    "scheduling:appointment-cancel",
    "scheduling.cancel_appointment",
    kind="outline-danger",
)
NOTES = Action(
    "notes",
    _("Staff notes"),
    "pencil-square",
    "scheduling:appointment-notes",
    "scheduling.annotate_appointment",
)


def is_today(visit, hospital, now):
    """Whether the visit begins on the hospital's current day."""
    return visit.starts_at.astimezone(hospital.zone).date() == now.astimezone(hospital.zone).date()


def is_to_confirm(visit, hospital, now):
    """Whether the patient is asked to say that they come: today or tomorrow, and has not said so yet."""
    if visit.status != Status.BOOKED or visit.confirmed_at or visit.starts_at <= now:
        return False
    days = visit.starts_at.astimezone(hospital.zone).date() - now.astimezone(hospital.zone).date()
    return days.days <= 1


def _fitting(visit, user, hospital, now):
    """The actions that the state of the visit allows, the most likely first."""
    today = is_today(visit, hospital, now)
    if is_to_confirm(visit, hospital, now):
        yield CONFIRM
    if visit.status == Status.BOOKED and today:
        yield from (CHECK_IN, START)
    if visit.status == Status.CHECKED_IN and today:
        yield START
    if visit.status == Status.IN_CONSULTATION or (visit.status in UNRECORDED and visit.starts_at <= now and not today):
        yield RECORD
    if visit.status == Status.BOOKED and visit.starts_at <= now:
        yield NO_SHOW
    if may_change(visit, user, hospital, now):
        yield MOVE
    if may_cancel(visit, user, hospital, now):
        yield CANCEL
    yield NOTES


def for_visit(visit, user, hospital, now, *, only=()):
    """[(action, its URL)] for this person and this visit; `only` names the actions the page has room for."""
    return [
        (action, action.url(visit))
        for action in _fitting(visit, user, hospital, now)
        if (not only or action in only) and user.has_perm(action.permission)
    ]
