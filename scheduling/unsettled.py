"""The list of visits that need another time, each with how the patient was asked. Four queries, however many."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import F
from django.utils.translation import gettext as _

from hms.lib.kept import KeptByRole
from scheduling import displaced, unreached
from scheduling.models import Appointment, PhoneCall, Proposal, Status

KEPT = timedelta(days=30)  # after its time, a visit that nobody settled is still on the list this long


@dataclass(frozen=True)
class Unsettled:
    """A visit that needs another time; `proposal`: the patient was asked, `call`: somebody telephoned."""

    visit: Appointment
    proposal: Proposal | None
    call: PhoneCall | None
    unreached: list = field(default_factory=list)

    @property
    def words(self):
        """How far it is with asking the patient."""
        if self.proposal is None:
            return _("Not asked yet")
        if self.proposal.call_wanted_at:
            return _("Asks to be called")
        return _("Not reached") if self.unreached else _("No answer yet")


def visits(user, now):
    """The booked visits that this person may see and that need another time; the next one first.

    Those whose time has passed stay on it while the patient was asked and nothing was settled.
    """
    return _visits(user, now, now - KEPT).with_people().order_by("starts_at", "pk")


def count(user, now):
    """How many they are."""
    return VISITS(user).count(user.pk, now, now - KEPT)


def _visits(user, now, since):
    booked = Appointment.objects.visible_to(user).filter(status=Status.BOOKED, ends_at__gt=since)
    return booked.filter(pk__in=displaced.ids(now))


VISITS = KeptByRole(_visits, datetime, datetime)


def described(found):
    """[Unsettled] of these visits, in their order."""
    proposals = {one.appointment_id: one for one in Proposal.objects.open().filter(appointment__in=found)}
    standing = PhoneCall.objects.filter(undone_at=None, moved_count=F("appointment__moved_count"))
    calls = {call.appointment_id: call for call in standing.filter(appointment__in=found).select_related("by")}
    reasons = unreached.reasons([visit.pk for visit in found if visit.pk in proposals])
    return [
        Unsettled(visit, proposals.get(visit.pk), calls.get(visit.pk), reasons.get(visit.pk, [])) for visit in found
    ]
