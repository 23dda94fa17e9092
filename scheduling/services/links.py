"""Saying that one comes. Links in reminders: whoever has one says so, or cancels, without signing in.

A link speaks of one time of one visit: it ends when the visit is moved, begins or is cancelled. What it may do is what
the patient may do, by the same rules. Opening it changes nothing: mail programs open links to look for harm.
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from clinic import family
from clinic.models import Hospital
from hms.lib import tokens
from scheduling import displaced, notices
from scheduling.models import Appointment, AppointmentEvent, Status, VisitLink
from scheduling.services import guard, moves
from scheduling.services.booking import require_before_cutoff
from scheduling.services.guard import BookingConflict, BookingRefused

KEPT = timedelta(days=30)  # after its end, for whoever asks what a link was


def keep_link(appointment, token_hash, *, person, proposal=None):
    """Remember a link that is being sent to somebody about a visit. It works until the visit begins."""
    return VisitLink.objects.create(
        appointment=appointment,
        account=person.account,
        name=person.name[:200],
        address=person.address[:254],
        token_hash=token_hash,
        moved_count=appointment.moved_count,
        proposal=proposal,
        expires_at=appointment.starts_at,
    )


def find_link(token):
    """The reminder's link that a token opens, with its visit; None when it is none, has expired, is not theirs now."""
    return _found(VisitLink.objects.filter(proposal=None), token)


def find_proposal_link(token):
    """The same of a link that asks for another time."""
    return _found(VisitLink.objects.exclude(proposal=None).select_related("proposal"), token)


def _found(links, token):
    people = ("appointment__doctor__department", "appointment__doctor__user", "appointment__patient__user", "account")
    links = links.filter(token_hash=tokens.hash_of(token), expires_at__gt=timezone.now())
    link = links.select_related(*people).first()
    if link is None or (link.account and not family.is_party(link.account, link.appointment.patient)):
        return None
    return link


def is_moved(link):
    """Whether the visit has another time by now than the mail says."""
    return link.moved_count != link.appointment.moved_count


def why_not_cancel(link, hospital, now):
    """Why the visit cannot be cancelled by its link any more; empty when it can."""
    try:
        require_before_cutoff(link.appointment, hospital=hospital, now=now)
    except BookingRefused as refusal:
        return str(refusal)
    return ""


@transaction.atomic
def confirm_by_link(link):
    """The patient says that they come; twice is once. BookingConflict when the visit has changed, or cannot be."""
    fresh = _locked(link)
    mark_confirmed(fresh, by=None, **who_has(link))
    return fresh


@transaction.atomic
def confirm(appointment, *, by):
    """The same by somebody who is signed in: the patient, or who acts for them. `moved_count` is what they saw."""
    guard.require_may(by, "scheduling.confirm_appointment", doctor=appointment.doctor, patient=appointment.patient)
    fresh = guard.lock_visit(appointment)
    _require_unchanged(fresh, appointment.moved_count)
    mark_confirmed(fresh, by=by)
    return fresh


def mark_confirmed(fresh, *, by, name="", detail=None):
    """Write down, once for a time, that the patient of a locked visit comes.

    BookingConflict when the doctor will not be there.
    """
    if displaced.is_displaced(fresh):
        raise BookingConflict(_("The doctor will not be there at that time. Another time is being looked for."))
    if fresh.confirmed_at is None:
        fresh.confirmed_at = timezone.now()
        Appointment.objects.filter(pk=fresh.pk).update(confirmed_at=fresh.confirmed_at)
        guard.note(fresh, AppointmentEvent.Kind.CONFIRMED, by=by, name=name)
        audit.record(by, "appointment.confirmed", fresh, patient=fresh.patient, name=name, detail=detail)


@transaction.atomic
def cancel_by_link(link):
    """Cancel the visit as the patient could, until the same cut-off. Works once: then it is a BookingConflict."""
    fresh, hospital = _locked(link), Hospital.current()
    require_before_cutoff(fresh, hospital=hospital, now=timezone.now())
    fresh, _moved = moves.move(fresh, Status.CANCELLED, by=None, **who_has(link))
    notices.cancelled(fresh, hospital)
    return fresh


def forget_links(patient):
    """Whoever leaves is written to no more: the addresses go."""
    VisitLink.objects.filter(appointment__patient=patient).delete()


def forget_old_links():
    """Links that ended long ago."""
    VisitLink.objects.filter(expires_at__lt=timezone.now() - KEPT).delete()


def _locked(link):
    """The visit as it is now, its people locked, if it still stands as the mail says."""
    fresh = guard.lock_visit(link.appointment)
    _require_unchanged(fresh, link.moved_count)
    return fresh


def _require_unchanged(fresh, moved_count):
    """BookingConflict when the visit is not booked for the time that somebody saw any more, or has begun."""
    if fresh.status != Status.BOOKED or fresh.moved_count != moved_count or fresh.starts_at <= timezone.now():
        raise BookingConflict(_("This visit has changed in the meantime."))


def who_has(link):
    """Who acts by a link: in the visit's history by name, in the audit trail with the address it was sent to."""
    name = _("By a link sent to %(name)s") % {"name": link.name or link.address}
    return {"name": name, "detail": {"sent_to": link.address}}
