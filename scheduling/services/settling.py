"""A request for another time, or an offer, ends with what becomes of its visit, in the same transaction."""

from django.utils import timezone

from scheduling.models import Proposal, Status, WaitlistOffer

# The system asks before a visit goes to another doctor: each callable gets the visit, locked, and says in a sentence
# what stands against it; "" is nothing. For upper apps, in AppConfig.ready().
before_handing_over = []


def settle(appointment, outcome=None):
    """Close the open request about this visit; without an outcome, the one that fits the visit's status now."""
    if outcome is None:
        if appointment.status in {Status.BOOKED, Status.HELD}:
            return
        cancelled = appointment.status == Status.CANCELLED
        outcome = Proposal.Outcome.CANCELLED if cancelled else Proposal.Outcome.OVER
    if appointment.status == Status.CANCELLED:
        offers = WaitlistOffer.objects.open().filter(appointment=appointment)
        offers.update(ended_at=timezone.now(), outcome=WaitlistOffer.Outcome.DECLINED)
    Proposal.objects.open().filter(appointment=appointment).update(ended_at=timezone.now(), outcome=outcome)
