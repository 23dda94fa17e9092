"""Visits as calendar files (RFC 5545): pure. Times are UTC instants, which every calendar shows in its owner's zone."""

from dataclasses import dataclass
from datetime import UTC, datetime

from icalendar import Calendar, Event, vCalAddress, vText

PRODUCT = "-//HMS//Visits//EN"


@dataclass(frozen=True)
class Visit:
    """What a calendar may know of a visit. Nothing clinical: not even why the patient comes."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    summary: str
    location: str
    description: str
    url: str
    cancelled: bool = False
    organizer: str = ""
    organizer_name: str = ""
    attendee: str = ""
    attendee_name: str = ""


def calendar(visit, *, now, method="PUBLISH"):
    """The text of an .ics file with one visit. `method`: PUBLISH to keep, REQUEST and CANCEL to send by mail."""
    whole = Calendar()
    whole.add("prodid", PRODUCT)
    whole.add("version", "2.0")
    whole.add("method", method)
    whole.add_component(_event(visit, now, by_mail=method != "PUBLISH"))
    return whole.to_ical().decode()


def _event(visit, now, *, by_mail):
    event = Event()
    event.add("uid", visit.uid)
    event.add("sequence", visit.sequence)
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", visit.starts_at.astimezone(UTC))
    event.add("dtend", visit.ends_at.astimezone(UTC))
    event.add("summary", visit.summary)
    event.add("location", visit.location)
    event.add("description", visit.description)
    event.add("url", visit.url)
    event.add("status", "CANCELLED" if visit.cancelled else "CONFIRMED")
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT" if visit.cancelled else "OPAQUE")
    if by_mail and visit.organizer:
        event["organizer"] = _address(visit.organizer, visit.organizer_name)
    if by_mail and visit.attendee:
        person = _address(visit.attendee, visit.attendee_name)
        person.params["PARTSTAT"] = vText("ACCEPTED")
        person.params["RSVP"] = vText("FALSE")
        event.add("attendee", person, encode=0)
    return event


def _address(mail, name):
    address = vCalAddress(f"mailto:{mail}")
    address.params["CN"] = vText(name)
    return address
