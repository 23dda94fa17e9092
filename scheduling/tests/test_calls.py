"""Whom no message reached: a list for reception to call."""

import pytest
from django.urls import reverse

from accounts.models import AuditEvent, ConsentKind, Message, MessageState
from accounts.tests.factories import UserFactory
from clinic.models import Hospital
from clinic.tests.factories import DoctorFactory, GuardianshipFactory, PatientFactory
from scheduling import services, unreached
from scheduling.models import AppointmentEvent, PhoneCall
from scheduling.services import BookingConflict, BookingRefused
from scheduling.tests.conftest import berlin
from scheduling.tests.factories import open_all_week

PHONE = "+493012345678"
LIST = "/calls/"


@pytest.fixture
def visit(doctor, receptionist):
    """Booked at the desk for somebody who has a telephone and nothing else."""
    walk_in = PatientFactory(user=None, name="Mina Alvarez", phone=PHONE)
    return services.book(doctor=doctor, patient=walk_in, starts_at=berlin(2, 10), by=receptionist)


def listed(user, clock):
    return unreached.find(user, Hospital.current(), berlin(1, 12))


def test_who_has_no_address_is_to_be_called(visit, receptionist, clock):
    (one,) = listed(receptionist, clock)
    assert (one.visit, [str(why) for why in one.why]) == (visit, ["No address that works"])
    assert [(name, phone.as_e164) for name, phone in one.phones] == [("Mina Alvarez", PHONE)]


@pytest.mark.parametrize(
    ("state", "count"),
    [
        (MessageState.DUE, 0),
        (MessageState.SENDING, 0),
        (MessageState.SENT, 0),
        (MessageState.FAILED, 1),
        (MessageState.GIVEN_UP, 1),
        (MessageState.IN_DOUBT, 1),
        (MessageState.NO_CONSENT, 1),
        (MessageState.CLOSED, 0),
        (MessageState.OBSOLETE, 0),
    ],
)
def test_each_way_in_which_a_message_does_not_arrive(visit, receptionist, clock, state, count):
    Message.objects.update(state=state)
    assert len(listed(receptionist, clock)) == count


def test_the_newest_message_counts(doctor, receptionist, clock):
    """Told of the booking, not of the reminder: to be called. The other way round: not."""
    patient = PatientFactory(user__consents=[ConsentKind.PRIVACY])
    services.book(doctor=doctor, patient=patient, starts_at=berlin(2, 10), by=receptionist)
    Message.objects.update(state=MessageState.SENT)
    clock.move_to(berlin(1, 17, 5))
    services.send_reminders()
    (one,) = listed(receptionist, clock)
    assert [str(why) for why in one.why] == ["Does not agree to reminders"]
    Message.objects.filter(kind="appointment.booked").update(state=MessageState.GIVEN_UP)
    Message.objects.filter(kind="appointment.reminder").update(state=MessageState.SENT)
    assert listed(receptionist, clock) == []


def test_one_guardian_who_was_reached_is_enough(doctor, receptionist, clock):
    child = PatientFactory(user=None, name="Lio")
    for phone in (PHONE, ""):
        parent = PatientFactory(name="Parent", phone=phone)
        GuardianshipFactory(patient=child, guardian=parent.user)
    services.book(doctor=doctor, patient=child, starts_at=berlin(2, 10), by=receptionist)
    Message.objects.update(state=MessageState.GIVEN_UP)
    (one,) = listed(receptionist, clock)
    assert [(name, phone.as_e164) for name, phone in one.phones] == [("Parent", PHONE)]
    message = Message.objects.first()
    message.state = MessageState.SENT
    message.save()
    assert listed(receptionist, clock) == []


def test_called_takes_it_off_and_undo_puts_it_back(visit, receptionist, clock, client):
    client.force_login(receptionist)
    assert PHONE in client.get(LIST).content.decode()
    call = reverse("scheduling:appointment-call", args=[visit.pk])
    for _twice in range(2):
        answer = client.post(call, {"note": "Spoke with her son", "seen": "0", "next": LIST})
        assert (answer.status_code, answer.headers["Location"]) == (302, LIST)
    row = PhoneCall.objects.get()
    assert (row.by, row.at, row.note) == (receptionist, berlin(1, 8), "Spoke with her son")
    page = client.get(LIST).content.decode()
    assert (PHONE in page, "Spoke with her son" in page) == (False, True)
    client.post(reverse("scheduling:call-undo", args=[row.pk]))
    client.post(reverse("scheduling:call-undo", args=[row.pk]))
    assert PHONE in client.get(LIST).content.decode()
    assert [event.kind for event in AppointmentEvent.objects.order_by("pk")] == ["booked", "called", "uncalled"]
    assert AuditEvent.objects.filter(action__in=["appointment.called", "appointment.uncalled"]).count() == 2


def test_a_new_time_has_to_be_told_again(visit, receptionist, clock):
    services.note_call(visit, by=receptionist)
    moved = services.reschedule(visit, starts_at=berlin(3, 10), by=receptionist)
    assert [one.visit for one in listed(receptionist, clock)] == [moved]
    with pytest.raises(BookingConflict):
        services.note_call(visit, by=receptionist)
    services.cancel(moved, by=receptionist)
    assert listed(receptionist, clock) == []


def test_a_page_that_is_out_of_date_is_a_conflict_and_notes_nothing(visit, receptionist, client):
    services.reschedule(visit, starts_at=berlin(3, 10), by=receptionist)
    client.force_login(receptionist)
    address = reverse("scheduling:appointment-call", args=[visit.pk])
    assert client.post(address, {"seen": "0"}).status_code == 409
    assert client.post(address, {"seen": "1" * 5000}).status_code == 302
    assert client.post(address, {"seen": "1", "note": "x" * 5000}).status_code == 302
    with pytest.raises(BookingRefused):
        services.note_call(visit.__class__.objects.get(), by=receptionist, note="x" * 301)


def test_only_the_days_to_come_and_one_day_at_a_time(doctor, receptionist, clock, client):
    for number, at in enumerate([berlin(2, 10), berlin(2, 11), berlin(3, 10), berlin(8, 10), berlin(9, 10)]):
        patient = PatientFactory(user=None, name=f"Caller {number}")
        services.book(doctor=doctor, patient=patient, starts_at=at, by=receptionist)
    client.force_login(receptionist)
    shown = client.get(LIST).content.decode()
    assert [f"Caller {number}" in shown for number in range(5)] == [True, True, True, True, False]
    assert "Could not reach the patients of these 4 visits" in shown
    of_a_day = client.get(LIST, {"day": "2026-06-03"}).content.decode()
    assert [f"Caller {number}" in of_a_day for number in range(5)] == [False, False, True, False, False]
    assert client.get(LIST, {"day": "0000-99-99"}).status_code == 200
    home = client.get(reverse("home")).content.decode()
    assert "Could not reach the patients of these 4 visits" in home


def test_nobody_else_works_the_list(visit, client):
    for user in (visit.doctor.user, PatientFactory().user):
        client.force_login(user)
        assert client.get(LIST).status_code == 403
        assert client.post(reverse("scheduling:appointment-call", args=[visit.pk])).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_however_long(doctor, receptionist, clock, count, django_assert_num_queries):
    for number in range(count):
        child = PatientFactory(user=None)
        GuardianshipFactory(patient=child, guardian=PatientFactory(phone=PHONE).user)
        services.book(doctor=doctor, patient=child, starts_at=berlin(2, 9 + number), by=receptionist)
        other = DoctorFactory()
        open_all_week(other)
        called = services.book(
            doctor=other, patient=PatientFactory(user=None), starts_at=berlin(2, 9 + number), by=receptionist
        )
        services.note_call(called, by=UserFactory(role="reception"))
    Message.objects.update(state=MessageState.GIVEN_UP)
    hospital = Hospital.current()
    with django_assert_num_queries(5):
        found = unreached.find(receptionist, hospital, berlin(1, 12))
        assert [one.phones[0][1].as_e164 for one in found] == [PHONE] * count
    with django_assert_num_queries(1):
        calls = list(unreached.calls(receptionist, hospital, berlin(1, 12)))
        assert {call.appointment.doctor.name for call in calls} != {call.appointment.patient.name for call in calls}
