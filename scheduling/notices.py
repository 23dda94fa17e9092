"""What patients are told about their visits, and the calendar files that come with it."""

from datetime import timedelta
from email.utils import parseaddr
from hashlib import sha256

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import outbox, preferences
from accounts.models import MessageGroup
from clinic import family
from clinic.models import Hospital
from hms.lib import when
from scheduling import displaced, ics
from scheduling.models import Appointment, Delay, Proposal, Status, WaitlistOffer

BOOKED, MOVED, CANCELLED = "appointment.booked", "appointment.moved", "appointment.cancelled"
REMINDER, REMINDER_TODAY = "appointment.reminder", "appointment.reminder_today"
DELAYED, ON_TIME = "appointment.delayed", "appointment.on_time"
OFFER, OFFER_LAPSED = "appointment.offer", "appointment.offer_lapsed"
ANOTHER_TIME, STANDS = "appointment.another_time", "appointment.stands"
WRITTEN = "appointment.written"


def booked(appointment, hospital):
    """The visit is booked."""
    _put(BOOKED, appointment, hospital, method="REQUEST")


def moved(appointment, hospital, *, before):
    """The visit has another time; `before` says which one it had."""
    _put(MOVED, appointment, hospital, method="REQUEST", before=before)


def cancelled(appointment, hospital):
    """The visit does not take place."""
    _put(CANCELLED, appointment, hospital, method="CANCEL")


def _put(kind, appointment, hospital, *, method, before=""):
    """The patient is told; where there is no own account, everybody who acts for the patient."""
    for person in family.addressees(appointment.patient):
        _put_for(person, kind, appointment, hospital, method=method, before=before)


def _key(kind, appointment, person, *more):
    """What makes a message once: kind, visit, guardian, what else tells it apart; last, the version of the visit."""
    whose = [person.account.pk] if person.is_guardian else []
    return ":".join(str(part) for part in (kind, appointment.pk, *whose, *more, appointment.moved_count))


def _to(person, appointment):
    return {"to": person.account, "address": person.address, "name": person.name, "about": appointment}


def _put_for(person, kind, appointment, hospital, *, method, before):
    event = as_event(appointment, hospital, attendee=person)
    text = ics.calendar(event, now=timezone.now(), method=method)
    outbox.put(
        kind=kind,
        key=_key(kind, appointment, person),
        template=f"scheduling/mail/{kind.partition('.')[2]}",
        **_to(person, appointment),
        attachments=[{"name": "visit.ics", "type": f"text/calendar; method={method}; charset=utf-8", "text": text}],
        context=_context(person, appointment, hospital) | {"before": before},
    )


def _context(person, appointment, hospital):
    """What every mail about a visit knows."""
    return {
        "appointment": appointment,
        "patient": appointment.patient,
        "person": person,
        "doctor": appointment.doctor,
        "hospital": hospital,
        "time": in_zone(appointment.starts_at, hospital),
        "fee": when.money(appointment.fee, hospital.currency),
        "place": _place(hospital),
        "url": _url(appointment),
        "booking_url": settings.PUBLIC_URL + reverse("scheduling:booking-departments"),
    }


def _place(hospital):
    return ", ".join(part for part in [hospital.name, *hospital.address.splitlines()] if part.strip())


def _url(appointment):
    return settings.PUBLIC_URL + reverse("scheduling:appointment-detail", args=[appointment.pk])


def reminder_kind(one):
    """The kind of the messages of a round of reminders (due.Round)."""
    return REMINDER_TODAY if one.today else REMINDER


def reminder(appointment, hospital, one, *, person, token):
    """Remind somebody of a visit. Once per visit, round and person: the key names the day. None when it was written.

    `token` opens the page on which they answer; the text is wiped once it is out.
    A guardian is asked what they themselves agreed to; a patient also what they said on paper.
    """
    kind = reminder_kind(one)
    link = outbox.absolute(reverse("scheduling:reminder-answer", args=[token]))
    return outbox.put(
        kind=kind,
        key=_key(kind, appointment, person, one.day),
        template="scheduling/mail/reminder",
        **_to(person, appointment),
        patient=None if person.is_guardian else appointment.patient,
        context=_context(person, appointment, hospital)
        | {"link": link, "consents_url": outbox.absolute(reverse("accounts:consent-list"))},
        link=link,
        secret=True,
    )


def delayed(appointment, hospital, delay, *, person):
    """The doctor runs late today, or (0 minutes) is on time again."""
    kind = DELAYED if delay.minutes else ON_TIME
    expected = appointment.starts_at + timedelta(minutes=delay.minutes)
    return outbox.put(
        kind=kind,
        key=_key(kind, appointment, person, f"{delay.pk}-{delay.version}"),
        template=f"scheduling/mail/{kind.partition('.')[2]}",
        **_to(person, appointment),
        context=_context(person, appointment, hospital)
        | {"minutes": delay.minutes, "expected": when.clock(expected, hospital.zone)},
    )


def another_time(appointment, hospital, proposal, *, person, token):
    """The doctor will not be there: somebody is asked to choose another time. `token` as in a reminder."""
    link = outbox.absolute(reverse("scheduling:proposal-answer", args=[token]))
    return outbox.put(
        kind=ANOTHER_TIME,
        key=_key(ANOTHER_TIME, appointment, person, proposal.pk),
        template="scheduling/mail/another_time",
        **_to(person, appointment),
        context=_context(person, appointment, hospital) | {"link": link},
        link=link,
        secret=True,
    )


def stands(appointment, hospital, proposal):
    """The doctor is there after all: whoever was asked for another time need not do anything."""
    for person in family.addressees(appointment.patient):
        outbox.put(
            kind=STANDS,
            key=_key(STANDS, appointment, person, proposal.pk),
            template="scheduling/mail/stands",
            **_to(person, appointment),
            context=_context(person, appointment, hospital),
        )


def offered(appointment, hospital, offer, *, person, token):
    """A freed time is held for somebody who waits. `token` as in a reminder."""
    link = outbox.absolute(reverse("scheduling:offer-answer", args=[token]))
    return outbox.put(
        kind=OFFER,
        key=_key(OFFER, appointment, person, offer.pk),
        template="scheduling/mail/offer",
        **_to(person, appointment),
        context=_context(person, appointment, hospital)
        | {"link": link, "held_until": in_zone(offer.expires_at, hospital)},
        link=link,
        secret=True,
    )


def offer_lapsed(offer, hospital):
    """Nobody answered in time: whoever was offered the time learns that it is gone, and that they still wait."""
    patient, doctor = offer.entry.patient, offer.freed.doctor
    for person in family.addressees(patient):
        if person.account is None and not person.address:
            continue  # that the offer itself could not be sent stands on the list of messages
        outbox.put(
            kind=OFFER_LAPSED,
            key=_lapsed_key(offer, person),
            template="scheduling/mail/offer_lapsed",
            to=person.account,
            address=person.address,
            name=person.name,
            about=offer.entry,
            context={
                "person": person,
                "patient": patient,
                "doctor": doctor,
                "hospital": hospital,
                "time": in_zone(offer.freed.starts_at, hospital),
                "url": outbox.absolute(reverse("scheduling:waitlist")),
                "booking_url": outbox.absolute(reverse("scheduling:booking-departments")),
            },
        )


def _lapsed_key(offer, person):
    return ":".join(str(part) for part in (OFFER_LAPSED, person.account.pk if person.account else "", offer.pk))


def written(one, hospital, *, subject, text, press):
    """What reception writes to everybody who comes: to one of them (services.Recipient). None when it was written."""
    first = one.visits[0]
    return outbox.put(
        kind=WRITTEN,
        key=f"{WRITTEN}:{press}:{sha256(one.key.encode()).hexdigest()[:16]}",
        template="scheduling/mail/written",
        **_to(one.person, first),
        context=written_context(one, hospital, subject=subject, text=text),
    )


def written_context(one, hospital, *, subject, text):
    """What that message knows; also for its preview."""
    return {
        "person": one.person,
        "hospital": hospital,
        "subject": subject,
        "text": text,
        "visits": "\n".join(_line_about(visit, one.person, hospital) for visit in one.visits),
        "url": _url(one.visits[0]),
    }


def _line_about(visit, person, hospital):
    """A visit on one line; in a message to a guardian it says whose."""
    words = [in_zone(visit.starts_at, hospital), visit.doctor.name, visit.department.name]
    return ", ".join([visit.patient.name, *words] if person.is_guardian else words)


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
        location=_place(hospital),
        description=_("%(department)s. Reference %(reference)s.")
        % {"department": appointment.department.name, "reference": appointment.reference},
        url=_url(appointment),
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


def those_expected(messages):
    """The ids of those messages whose visits are still planned, at whatever time."""
    visits = Appointment.objects.select_related("patient__user").in_bulk({message.about_id for message in messages})
    return {
        message.pk
        for message in messages
        if (visit := visits.get(message.about_id)) is not None
        and visit.is_planned
        and _concerns(message.recipient, visit.patient)
    }


def is_to_come(message):
    """Asked by the outbox when a reminder goes out: is the visit still planned for that time, and has it not begun?"""
    return message.pk in those_to_come([message])


def those_to_come(messages):
    """The ids of those messages whose visits are still planned for that time, have not begun, and will take place."""
    visits = {message.about_id for message in messages}
    to_come = Appointment.objects.filter(pk__in=visits, status=Status.BOOKED, starts_at__gt=timezone.now())
    to_come = to_come.exclude(displaced.needs_another_time())
    ahead = set(to_come.values_list("pk", flat=True))
    return those_true([message for message in messages if message.about_id in ahead])


def is_still_late(message):
    """Asked by the outbox when news of a delay go out: is it still what was said last, and the patient not seen yet?"""
    pk, version = message.key.split(":")[-2].split("-")
    today = timezone.localdate(timezone=Hospital.current().zone)
    last = Delay.objects.filter(pk=pk, version=version, day=today)
    unseen = Appointment.objects.filter(pk=message.about_id, status__in=[Status.BOOKED, Status.CHECKED_IN])
    return last.exists() and unseen.exists() and is_still_true(message)


def is_still_asked(message):
    """Asked by the outbox when a request for another time goes out: is it still waiting for an answer?"""
    asked = Proposal.objects.open().filter(pk=message.key.split(":")[-2])
    return asked.exists() and is_still_true(message)


def is_still_held(message):
    """Asked by the outbox when an offer goes out: is the time still held for them?"""
    offer = WaitlistOffer.objects.filter(pk=message.key.split(":")[-2]).first()
    return offer is not None and offer.holds(timezone.now()) and is_still_true(message)


def has_lapsed(message):
    """Asked by the outbox when the news of a lapsed offer go out: is it still theirs to know?"""
    lapsed = WaitlistOffer.objects.filter(pk=message.key.rpartition(":")[2], outcome=WaitlistOffer.Outcome.LAPSED)
    offer = lapsed.filter(entry__patient__died_on=None).select_related("entry__patient__user").first()
    return offer is not None and _concerns(message.recipient, offer.entry.patient)


def _concerns(account, patient):
    """Whether a message still goes to the right person: a guardian may have stopped acting since it was written."""
    return account is None or family.is_party(account, patient)


def starts_at(pk):
    """When a visit begins: what is said about it later comes too late. None when there is no such visit."""
    return Appointment.objects.filter(pk=pk).values_list("starts_at", flat=True).first()


def register():
    """For AppConfig.ready()."""
    bookings = {
        BOOKED: gettext_lazy("A visit is booked"),
        MOVED: gettext_lazy("A visit has another time"),
        CANCELLED: gettext_lazy("A visit is cancelled"),
    }
    for kind, title in bookings.items():
        outbox.register(kind, is_still_true, those_true=those_true, title=title, group=MessageGroup.BOOKINGS)
    reminders = {
        REMINDER: gettext_lazy("A reminder on the day before a visit"),
        REMINDER_TODAY: gettext_lazy("A reminder on the day of a visit"),
    }
    for kind, title in reminders.items():
        outbox.register(kind, is_to_come, those_true=those_to_come, title=title, needs=outbox.REMINDERS)
    delays = {
        DELAYED: gettext_lazy("The doctor is running late"),
        ON_TIME: gettext_lazy("The doctor is on time again"),
    }
    for kind, title in delays.items():
        outbox.register(kind, is_still_late, title=title, group=MessageGroup.BOOKINGS)
    asked = gettext_lazy("The doctor will be away: another time is to be chosen")
    outbox.register(ANOTHER_TIME, is_still_asked, title=asked, group=MessageGroup.BOOKINGS)
    offer = gettext_lazy("A time has become free for who is on the waiting list")
    outbox.register(OFFER, is_still_held, title=offer, group=MessageGroup.BOOKINGS)
    lapsed = gettext_lazy("A time that was held for who is on the waiting list went to the next")
    outbox.register(OFFER_LAPSED, has_lapsed, title=lapsed, group=MessageGroup.BOOKINGS)
    stand = gettext_lazy("A visit takes place as booked after all")
    outbox.register(STANDS, is_still_true, title=stand, group=MessageGroup.BOOKINGS)
    title = gettext_lazy("Something the hospital writes about a visit")
    outbox.register(WRITTEN, those_true=those_expected, title=title, group=MessageGroup.BOOKINGS)
    preferences.know_end(Appointment._meta.label_lower, starts_at)
