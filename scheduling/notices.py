"""What patients are told about their visits, and the calendar files that come with it."""

from email.utils import parseaddr

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import outbox, preferences
from accounts.models import MessageGroup
from clinic import family
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
    """The patient is told; where there is no own account, everybody who acts for the patient."""
    for person in family.addressees(appointment.patient):
        _put_for(person, kind, appointment, hospital, method=method, before=before)


def _put_for(person, kind, appointment, hospital, *, method, before):
    whose = f":{person.account.pk}" if person.is_guardian else ""
    event = as_event(appointment, hospital, attendee=person)
    text = ics.calendar(event, now=timezone.now(), method=method)
    outbox.put(
        kind=kind,
        key=f"{kind}:{appointment.pk}{whose}:{appointment.moved_count}",
        template=f"scheduling/mail/{kind.partition('.')[2]}",
        to=person.account,
        address=person.address,
        name=person.name,
        about=appointment,
        attachments=[{"name": "visit.ics", "type": f"text/calendar; method={method}; charset=utf-8", "text": text}],
        context={
            "appointment": appointment,
            "patient": appointment.patient,
            "person": person,
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


def as_event(appointment, hospital, *, attendee=None, is_guardian=False):
    """The visit as a calendar may know it. Its number stays the same for life, its sequence grows with every change.

    `attendee` is who gets it by mail; in a guardian's calendar it says for whom.
    """
    for_whom = is_guardian or (attendee is not None and attendee.is_guardian)
    is_cancelled = appointment.status in {Status.CANCELLED, Status.NO_SHOW}
    return ics.Visit(
        uid=f"{appointment.reference}-{appointment.created_at:%Y%m%d%H%M%S}@hms",
        sequence=appointment.moved_count + is_cancelled,
        starts_at=appointment.starts_at,
        ends_at=appointment.ends_at,
        summary=_summary(appointment, hospital, for_whom=for_whom),
        location=", ".join(part for part in [hospital.name, *hospital.address.splitlines()] if part.strip()),
        description=_("%(department)s. Reference %(reference)s.")
        % {"department": appointment.department.name, "reference": appointment.reference},
        url=settings.PUBLIC_URL + reverse("scheduling:appointment-detail", args=[appointment.pk]),
        cancelled=is_cancelled,
        organizer=hospital.email or parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
        organizer_name=hospital.name,
        attendee=attendee.address if attendee else "",
        attendee_name=attendee.name if attendee else "",
    )


def _summary(appointment, hospital, *, for_whom):
    names = {"doctor": appointment.doctor.name, "hospital": hospital.name, "patient": appointment.patient.name}
    return (_("%(patient)s: %(doctor)s, %(hospital)s") if for_whom else _("Visit: %(doctor)s, %(hospital)s")) % names


def is_still_true(message):
    """Asked by the outbox when a message goes out: does the visit still stand as the message says?"""
    return message.pk in those_true([message])


def those_true(messages):
    """The ids of those messages whose visits still stand as they say."""
    visits = Appointment.objects.select_related("patient__user").in_bulk({message.about_id for message in messages})
    return {message.pk for message in messages if _stands(visits.get(message.about_id), message)}


def _stands(appointment, message):
    if appointment is None or not _concerns(message.recipient, appointment.patient):
        return False
    if message.kind == CANCELLED:
        return appointment.status == Status.CANCELLED
    version = int(message.key.rpartition(":")[2])
    return appointment.status not in {Status.CANCELLED, Status.NO_SHOW} and appointment.moved_count == version


def _concerns(account, patient):
    """Whether a message still goes to the right person: a guardian may have stopped acting since it was written."""
    return account is None or family.is_party(account, patient)


def starts_at(pk):
    """When a visit begins: what is said about it later comes too late. None when there is no such visit."""
    return Appointment.objects.filter(pk=pk).values_list("starts_at", flat=True).first()


def register():
    """For AppConfig.ready()."""
    titles = {
        BOOKED: gettext_lazy("A visit is booked"),
        MOVED: gettext_lazy("A visit has another time"),
        CANCELLED: gettext_lazy("A visit is cancelled"),
    }
    for kind, title in titles.items():
        outbox.register(kind, is_still_true, those_true=those_true, title=title, group=MessageGroup.BOOKINGS)
    preferences.know_end(Appointment._meta.label_lower, starts_at)
