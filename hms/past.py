"""Visits that lie in the past, for data that is made up. The services refuse to book or sign anything before now."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts import audit
from clinic import topics
from hms.lib import cached
from records.models import Encounter
from records.services import content as contents
from scheduling.models import Appointment, AppointmentEvent, Status
from scheduling.services import random_reference, refresh_care

Kind = AppointmentEvent.Kind


def steps_to(status, *, came, called):
    """[(kind of event, status afterwards, minutes after the beginning)] of a visit on its way to a status."""
    arrived, inside = (Kind.STATUS, Status.CHECKED_IN, -came), (Kind.STATUS, Status.IN_CONSULTATION, called)
    ways = {
        Status.CHECKED_IN: [arrived],
        Status.IN_CONSULTATION: [arrived, inside],
        Status.COMPLETED: [arrived, inside, (Kind.STATUS, Status.COMPLETED, called + 23)],
        Status.CANCELLED: [(Kind.STATUS, Status.CANCELLED, -24 * 60)],
        Status.NO_SHOW: [(Kind.STATUS, Status.NO_SHOW, 20)],
    }
    return ways[status]


@transaction.atomic
def past_visit(
    *, doctor, patient, starts_at, status, by=None, minutes=30, reason="", staff_notes="", booked=3, came=6, called=1
):
    """A visit that has begun already (checked in: whose time has come). The Appointment.

    It was booked so many days before; the patient came so many minutes early and was called so many after its time.
    """
    cached.after_commit(topics.VISITS, topics.times(doctor.pk))
    visit = Appointment.objects.create(
        reference=random_reference(),
        doctor=doctor,
        patient=patient,
        department=doctor.department,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        status=status,
        reason=reason,
        staff_notes=staff_notes,
        fee=doctor.fee,
        booked_by=by,
        created_at=starts_at - timedelta(days=booked),
    )
    steps = [(Kind.BOOKED, Status.BOOKED, -booked * 24 * 60), *steps_to(status, came=came, called=called)]
    AppointmentEvent.objects.bulk_create(
        AppointmentEvent(
            appointment=visit,
            at=min(starts_at + timedelta(minutes=after), timezone.now()),
            kind=kind,
            status=then,
            starts_at=starts_at,
            by=by,
            by_name=by.name if by else audit.SYSTEM,
        )
        for kind, then, after in steps
    )
    refresh_care(doctor, patient)
    return visit


@transaction.atomic
def past_record(visit, **content):
    """The signed record of a completed visit, signed when the visit ended; content as records.services take it."""
    encounter = Encounter.objects.create(
        appointment=visit,
        patient=visit.patient,
        doctor=visit.doctor,
        started_at=visit.starts_at,
        ended_at=visit.ends_at,
        signed_at=visit.ends_at,
    )
    contents.write(encounter, contents.normal(**content))
    return encounter
