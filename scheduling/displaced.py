"""Visits that need another time: the doctor has time off then, or the patient has been asked for another time."""

from django.db.models import Exists, F, OuterRef, Q

from scheduling.models import Appointment, Proposal, Status, TimeOff


def is_away():
    """A filter: the visit falls into time off of its doctor."""
    off = TimeOff.objects.filter(
        doctor=OuterRef("doctor"), starts_at__lt=OuterRef("ends_at"), ends_at__gt=OuterRef("starts_at")
    )
    return Q(Exists(off))


def is_asked():
    """A filter: the patient has been asked for another time, and has not chosen one."""
    return Q(Exists(Proposal.objects.open().filter(appointment=OuterRef("pk"))))


def ids(now):
    """A query for the ids of the booked visits that need another time: what lies ahead in time off, and who was asked.

    From the few rows of time off and the few questions to their visits, not from every visit ahead.
    """
    off = TimeOff.objects.filter(
        ends_at__gt=now,
        doctor__appointments__status=Status.BOOKED,
        doctor__appointments__starts_at__gt=now,
        doctor__appointments__starts_at__lt=F("ends_at"),
        doctor__appointments__ends_at__gt=F("starts_at"),
    )
    asked = Proposal.objects.open().order_by().values("appointment")
    return off.order_by().values("doctor__appointments").union(asked)


def needs_another_time():
    """A filter for booked visits: they will not take place as they stand."""
    return is_away() | is_asked()


def is_displaced(visit):
    """Whether this one needs another time."""
    return Appointment.objects.filter(pk=visit.pk, status=Status.BOOKED).filter(needs_another_time()).exists()


def is_asked_for(visit):
    """Whether the patient of this one has been asked for another time."""
    return Proposal.objects.open().filter(appointment=visit).exists()


def to_choose(visits, now):
    """Of these, the visits whose patients have been asked and can still choose, the earliest first.

    `call_wanted`: reception is to call them about it.
    """
    to_call = Proposal.objects.open().filter(appointment=OuterRef("pk"), call_wanted_at__isnull=False)
    found = visits.filter(is_asked(), status=Status.BOOKED, starts_at__gt=now)
    return found.annotate(call_wanted=Exists(to_call)).order_by("starts_at")


def asked_among(ids):
    """Which of these visits' patients have been asked."""
    return Proposal.objects.open().filter(appointment__in=ids).values_list("appointment", flat=True)
