"""What patients are told, and the calendar files that travel with it."""

from datetime import UTC, datetime, timedelta

import icalendar
import pytest

from accounts import outbox
from accounts.models import Message, MessageState
from clinic.tests.factories import PatientFactory
from scheduling import ics, services
from scheduling.tests.conftest import berlin


@pytest.fixture
def visit(doctor, patient, hospital):
    hospital.name, hospital.address, hospital.phone = (
        "O'Hara's Clinic",
        "12 Garden Street\n10117 Berlin",
        "+493012345678",
    )
    hospital.save()
    return services.book(
        doctor=doctor, patient=patient, starts_at=berlin(2, 10), by=patient.user, reason="Kneeword", notes=""
    )


def latest(kind):
    return Message.objects.get(kind=f"appointment.{kind}")


def event_in(message):
    (attachment,) = message.attachments
    calendar = icalendar.Calendar.from_ical(attachment["text"])
    (event,) = calendar.walk("VEVENT")
    return calendar, event


def test_a_booking_is_confirmed_in_the_hospitals_time(visit, patient, doctor):
    message = latest("booked")
    assert (message.recipient, message.address, message.state) == (patient.user, patient.user.email, MessageState.DUE)
    assert message.subject == f"Your visit to {doctor.name}: Tue 2 Jun, 10:00 (Europe/Berlin)"
    for words in (
        patient.name,
        "Tue 2 Jun, 10:00 (Europe/Berlin)",
        doctor.department.name,
        "O'Hara's Clinic, 12 Garden Street, 10117 Berlin",
        visit.reference,
        f"/appointments/{visit.pk}/",
        "50.00\N{NO-BREAK SPACE}EUR",
    ):
        assert words in message.text, words
    assert "Kneeword" not in str(message.text) + str(message.attachments)


def test_its_calendar_file_is_an_invitation(visit, patient):
    message = latest("booked")
    assert message.attachments[0]["type"] == "text/calendar; method=REQUEST; charset=utf-8"
    calendar, event = event_in(message)
    assert (calendar["method"], event["sequence"], event["status"]) == ("REQUEST", 0, "CONFIRMED")
    assert event.decoded("dtstart") == visit.starts_at
    assert event["attendee"] == f"mailto:{patient.user.email}"
    assert event["organizer"].startswith("mailto:")
    assert "DTSTART:20260602T080000Z" in message.attachments[0]["text"]


def test_a_move_names_both_times_and_updates_the_calendar(visit, patient):
    before = event_in(latest("booked"))[1]["uid"]
    services.reschedule(visit, starts_at=berlin(3, 11), by=patient.user)
    message = latest("moved")
    assert "Wed 3 Jun, 11:00" in message.subject
    assert "Tue 2 Jun, 10:00" in message.text
    calendar, event = event_in(message)
    assert (calendar["method"], event["uid"], event["sequence"]) == ("REQUEST", before, 1)


def test_a_cancellation_takes_it_out_of_the_calendar(visit, patient, receptionist):
    services.cancel(visit, by=receptionist, reason="Dr has flu")
    message = latest("cancelled")
    assert "has been cancelled" in message.text
    assert "Dr has flu" not in message.text
    calendar, event = event_in(message)
    assert (calendar["method"], event["status"], event["sequence"]) == ("CANCEL", "CANCELLED", 1)


def test_who_has_no_account_gets_it_at_the_address_on_file(doctor, receptionist):
    patient = PatientFactory(user=None, email="walkin@example.org")
    services.book(doctor=doctor, patient=patient, starts_at=berlin(2, 10), by=receptionist)
    message = latest("booked")
    assert (message.recipient, message.address, message.recipient_name) == (None, "walkin@example.org", patient.name)


def test_who_has_no_address_is_on_the_list_of_the_undelivered(doctor, receptionist):
    services.book(doctor=doctor, patient=PatientFactory(user=None), starts_at=berlin(2, 10), by=receptionist)
    assert list(Message.objects.undelivered()) == [latest("booked")]
    assert "attendee" not in event_in(latest("booked"))[1]


class TestStillTrue:
    """Asked at the moment of sending."""

    def test_a_booking_that_stands(self, visit):
        assert outbox.is_still_true(latest("booked"))

    def test_not_a_booking_that_was_cancelled_meanwhile(self, visit, patient):
        services.cancel(visit, by=patient.user)
        assert not outbox.is_still_true(latest("booked"))
        assert outbox.is_still_true(latest("cancelled"))

    def test_not_a_time_that_was_moved_meanwhile(self, visit, patient):
        visit = services.reschedule(visit, starts_at=berlin(3, 11), by=patient.user)
        services.reschedule(visit, starts_at=berlin(4, 11), by=patient.user)
        assert not outbox.is_still_true(latest("booked"))
        assert [outbox.is_still_true(message) for message in Message.objects.filter(kind="appointment.moved")].count(
            True
        ) == 1


def test_long_lines_and_odd_letters_survive_the_calendar():
    visit = ics.Visit(
        uid="1@hms",
        sequence=0,
        starts_at=datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        ends_at=datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
        summary="Besuch: Dr. Żółć; Łódź, \\ राधिका" * 5,
        location="Haus 1, Tür \n2",
        description="x",
        url="https://hospital.example/appointments/1/",
    )
    text = ics.calendar(visit, now=datetime(2026, 10, 1, tzinfo=UTC))
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    (event,) = icalendar.Calendar.from_ical(text).walk("VEVENT")
    assert str(event["summary"]) == visit.summary
    assert event.decoded("dtstart") == visit.starts_at
    assert event.decoded("dtend") - event.decoded("dtstart") == timedelta(hours=1)
