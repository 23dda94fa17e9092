"""Reminding patients of visits: what is due is decided from the rows, by instant and by the hospital's clock.

Beat starts this every few minutes. Running it twice, or twice at once, writes nothing twice: a message's key is unique.
(docs/decisions/0018)
"""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import Message
from clinic import family
from clinic.models import Hospital
from hms.lib import tokens, when
from scheduling import displaced, due, notices, wall
from scheduling.models import Appointment, AppointmentEvent, Lane, Status
from scheduling.services import links

log = logging.getLogger(__name__)

BATCH = 500  # visits in one go; the next tick goes on


def send_reminders():
    """Write the reminders that are due now; the outbox sends them. Returns {"written": messages, "failed": visits}.

    The visits and their people are found in a fixed number of queries; each visit is a transaction of its own, so that
    one that cannot be written never stops the others.
    """
    hospital, now = Hospital.current(), timezone.now()
    done = {"written": 0, "failed": 0}
    for one, found in to_remind(hospital, now):
        for visit, people in found:
            try:
                done["written"] += _remind(visit, one, hospital, people)
            except Exception:
                log.exception("Visit %s could not be reminded of", visit.pk)
                done["failed"] += 1
    links.forget_old_links()
    return done


def to_remind(hospital, now):
    """[(round, [(visit, its addressees)])] of what is due: two queries a round, however many visits there are."""
    found = []
    for one in _rounds(hospital, now):
        visits = list(_to_remind(one, hospital, now)[:BATCH])
        people = family.addressees_of([visit.patient for visit in visits])
        found.append((one, [(visit, people[visit.patient_id]) for visit in visits]))
    return found


def rehearse_reminders():
    """What the next run would take up: {"visits due", "told since": how many were booked or moved after the hour}."""
    hospital, now = Hospital.current(), timezone.now()
    found = {"visits due": 0, "told since": 0}
    for one in _rounds(hospital, now):
        found["visits due"] += _to_remind(one, hospital, now).count()
        found["told since"] += _open(one, hospital, now).filter(_told_since(one)).count()
    return found


def reminders_due():
    """One line for each visit that the next run would take up: reference and time."""
    hospital, now = Hospital.current(), timezone.now()
    return [
        f"{visit.reference} {when.moment(visit.starts_at, hospital.zone, now)}"
        for one in _rounds(hospital, now)
        for visit in _to_remind(one, hospital, now)[:BATCH]
    ]


def _rounds(hospital, now):
    return due.rounds(
        now,
        hospital.zone,
        eve_hour=hospital.reminder_hour,
        day_hour=hospital.reminder_same_day_hour,
        catch_up=timedelta(hours=hospital.reminder_catch_up_hours),
    )


def _open(one, hospital, now):
    """The visits of a round that are still to come, of patients who live; nobody is reminded to come in vain."""
    that_day = Appointment.objects.filter(
        starts_at__gte=wall.day_begins(one.day, hospital.zone), starts_at__lt=wall.day_ends(one.day, hospital.zone)
    )
    coming = that_day.filter(starts_at__gt=now, status=Status.BOOKED, patient__died_on=None)
    return coming.exclude(lane=Lane.HISTORY).exclude(displaced.needs_another_time())


def _told_since(one):
    """A filter for visits whose time was agreed after the round's hour: their people have just been told."""
    moves = AppointmentEvent.objects.filter(appointment=OuterRef("pk"), at__gt=one.since)
    told = moves.filter(kind__in=[AppointmentEvent.Kind.BOOKED, AppointmentEvent.Kind.MOVED])
    return Exists(told)


def _to_remind(one, hospital, now):
    """The visits of a round for which no reminder of this round is written yet, the next one first."""
    written = Message.objects.filter(
        kind=notices.reminder_kind(one),
        about_type=Appointment._meta.label_lower,
        about_id=OuterRef("pk"),
        created_at__gte=one.since,
    )
    found = _open(one, hospital, now).filter(created_at__lte=one.since).exclude(_told_since(one))
    found = found.exclude(Exists(written)).with_people().select_related("patient__user")
    return found.order_by("starts_at", "pk")


@transaction.atomic
def _remind(visit, one, hospital, people):
    """Write to everybody who is told of this visit, each with a link of their own. Returns how many are new."""
    written = 0
    for person in people:
        token, token_hash = tokens.new_token()
        if notices.reminder(visit, hospital, one, person=person, token=token):
            links.keep_link(visit, token_hash, person=person)
            written += 1
    return written
