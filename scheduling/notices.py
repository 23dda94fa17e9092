"""What patients are told about their visits, and the calendar files that come with it."""

from email.utils import parseaddr

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import outbox
from hms.lib import when
from scheduling import ics
from scheduling.models import Appointment, Status

BOOKED, MOVED, CANCELLED = "appointment.booked", "appointment.moved", "appointment.cancelled"


def booked(appointment, hospital):
    """The visit is booked."""
    _put(BOOKED, appointment, hospital, method="REQUEST")


def moved(appointment, hospital, *, before):
    """The visit has another time; `before` is the one it had."""
    _put(MOVED, appointment, hospital, method="REQUEST", before=in_zone(before, hospital))


def cancelled(appointment, hospital):
    """The visit does not take place."""
    _put(CANCELLED, appointment, hospital, method="CANCEL")


def _put(kind, appointment, hospital, *, method, before=""):
    patient = appointment.patient
    account = patient.user
    address = account.email if account else patient.email
    event = as_event(appointment, hospital, attendee=address)
    text = ics.calendar(event, now=timezone.now(), method=method)
    outbox.put(
        kind=kind,
        key=f"{kind}:{appointment.pk}:{appointment.moved_count}",
        template=f"scheduling/mail/{kind.partition('.')[2]}",
        to=account,
        address=address,
        name=patient.name,
        about=appointment,
        attachments=[{"name": "visit.ics", "type": f"text/calendar; method={method}; charset=utf-8", "text": text}],
        context={
            "appointment": appointment,
            "patient": patient,
            "doctor": appointment.doctor,
            "hospital": hospital,
            "time": in_zone(appointment.starts_at, hospital),
            "before": before,
            "fee": when.money(appointment.fee, hospital.currency),
            "place": event.location,
            "url": event.url,
            "booking_url": settings.PUBLIC_URL + reverse("scheduling:booking-departments"),
        },
    )


def in_zone(instant, hospital):
    """Tue 24 Nov, 09:30 (Europe/Berlin): a reader may be anywhere."""
    return f"{when.moment(instant, hospital.zone, timezone.now())} ({hospital.time_zone})"


def as_event(appointment, hospital, *, attendee=""):
    """The visit as a calendar may know it. Its number stays the same for life, its sequence grows with every change."""
    is_cancelled = appointment.status in {Status.CANCELLED, Status.NO_SHOW}
    return ics.Visit(
        uid=f"{appointment.reference}-{appointment.created_at:%Y%m%d%H%M%S}@hms",
        sequence=appointment.moved_count + is_cancelled,
        starts_at=appointment.starts_at,
        ends_at=appointment.ends_at,
        summary=_("Visit: %(doctor)s, %(hospital)s") % {"doctor": appointment.doctor.name, "hospital": hospital.name},
        location=", ".join(part for part in [hospital.name, *hospital.address.splitlines()] if part.strip()),
        description=_("%(department)s. Reference %(reference)s.")
        % {"department": appointment.department.name, "reference": appointment.reference},
        url=settings.PUBLIC_URL + reverse("scheduling:appointment-detail", args=[appointment.pk]),
        cancelled=is_cancelled,
        organizer=hospital.email or parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
        organizer_name=hospital.name,
        attendee=attendee,
        attendee_name=appointment.patient.name,
    )


def is_still_true(message):
    """Asked by the outbox when a message goes out: does the visit still stand as the message says?"""
    appointment = Appointment.objects.filter(pk=message.about_id).first()
    if appointment is None:
        return False
    if message.kind == CANCELLED:
        return appointment.status == Status.CANCELLED
    version = int(message.key.rpartition(":")[2])
    return appointment.status not in {Status.CANCELLED, Status.NO_SHOW} and appointment.moved_count == version


def register():
    """For AppConfig.ready()."""
    for kind in (BOOKED, MOVED, CANCELLED):
        outbox.register(kind, is_still_true)
