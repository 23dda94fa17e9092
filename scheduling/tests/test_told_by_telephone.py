"""Whoever was called because no message arrived: the list of messages says so, and waits for nobody."""

import pytest
from django.urls import reverse

from accounts.models import Message, MessageState
from clinic.tests.factories import PatientFactory
from scheduling import services
from scheduling.models import PhoneCall
from scheduling.tests.conftest import berlin

LIST = "/messages/"


@pytest.fixture
def visit(doctor, receptionist):
    walk_in = PatientFactory(user=None, name="Mina Alvarez", phone="+493012345678")
    return services.book(doctor=doctor, patient=walk_in, starts_at=berlin(2, 10), by=receptionist)


def waiting():
    return list(Message.objects.undelivered().values_list("kind", flat=True))


def shown(client, **asked):
    return client.get(LIST, asked).content.decode()


def test_a_message_whose_person_was_called_waits_for_nobody_and_says_so(visit, receptionist, client):
    client.force_login(receptionist)
    assert "Mina Alvarez" in shown(client)
    client.post(reverse("scheduling:appointment-call", args=[visit.pk]), {"seen": "0", "note": "Spoke with her son"})
    assert waiting() == []
    assert "Mina Alvarez was called" in shown(client)
    assert "Mina Alvarez" not in shown(client)
    for state in ("all", MessageState.NOT_SENDABLE, MessageState.CLOSED):
        page = shown(client, state=state)
        assert ("Told by telephone" in page, "Spoke with her son" in page, receptionist.name in page) == (True,) * 3
        assert reverse("accounts:message-close", args=[Message.objects.get().pk]) not in page
    assert "Mina Alvarez" not in client.get(reverse("home")).content.decode()


def test_a_call_taken_back_leaves_the_message_waiting(visit, receptionist):
    call = services.note_call(visit, by=receptionist)
    services.undo_call(call, by=receptionist)
    assert waiting() == ["appointment.booked"]


def test_what_comes_after_the_call_about_the_same_time_waits_for_nobody(visit, receptionist):
    services.note_call(visit, by=receptionist)
    call = PhoneCall.objects.get()
    PhoneCall.objects.update(at=berlin(1, 8))
    Message.objects.update(created_at=berlin(1, 9))
    assert (waiting(), call.moved_count) == ([], 0)


def test_another_time_waits_to_be_told_again_and_the_old_one_does_not(visit, receptionist):
    services.note_call(visit, by=receptionist)
    Message.objects.update(created_at=berlin(1, 5))
    PhoneCall.objects.update(at=berlin(1, 6))
    services.reschedule(visit, starts_at=berlin(3, 10), by=receptionist)
    assert waiting() == ["appointment.moved"]


def test_a_cancelled_visit_is_something_else_to_tell(visit, receptionist):
    services.note_call(visit, by=receptionist)
    services.cancel(visit, by=receptionist)
    assert waiting() == ["appointment.cancelled"]


def test_the_table_says_who_called(visit, receptionist, client):
    services.note_call(visit, by=receptionist, note="=1+1")
    client.force_login(receptionist)
    lines = b"".join(client.get(reverse("accounts:message-download"), {"state": "all"}).streaming_content).decode()
    heading, row = lines.splitlines()
    assert heading.endswith('"Told by telephone","By","Note of the call"')
    assert row.endswith(f'"{receptionist.name}","\'=1+1"')
