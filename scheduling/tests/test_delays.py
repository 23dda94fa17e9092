"""A doctor runs late: who is told, and how it is taken back."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts import outbox
from accounts.models import AuditEvent, Message, MessageState
from clinic.tests.factories import DoctorFactory, PatientFactory
from scheduling import services
from scheduling.models import Delay, Status
from scheduling.services import BookingRefused
from scheduling.tests.conftest import berlin
from scheduling.tests.factories import AppointmentFactory


@pytest.fixture
def visits(doctor, clock):
    """At ten o'clock on Monday: one is over, one is inside, one waits, two come later, one is another day's."""
    clock.move_to(berlin(1, 10))
    made = {}
    for name, at, status in (
        ("over", berlin(1, 9), Status.COMPLETED),
        ("inside", berlin(1, 9, 30), Status.IN_CONSULTATION),
        ("waits", berlin(1, 9, 45), Status.CHECKED_IN),
        ("later", berlin(1, 11), Status.BOOKED),
        ("evening", berlin(1, 16), Status.BOOKED),
        ("cancelled", berlin(1, 12), Status.CANCELLED),
        ("tomorrow", berlin(2, 11), Status.BOOKED),
    ):
        made[name] = AppointmentFactory(
            doctor=doctor,
            patient=PatientFactory(name=name),
            starts_at=at,
            ends_at=at + timedelta(minutes=15),
            status=status,
        )
    return made


def told(kind="delayed"):
    return Message.objects.filter(kind=f"appointment.{kind}").order_by("pk")


def test_who_waits_or_comes_later_today_is_told(visits, doctor, receptionist):
    assert services.announce_delay(doctor, minutes=30, by=receptionist) == 3
    assert sorted(message.recipient_name for message in told()) == ["evening", "later", "waits"]
    message = told().get(recipient_name="later")
    assert message.subject == f"{doctor.name} runs about 30 minutes late: your visit will begin at about 11:30"
    event = AuditEvent.objects.get(action="delay.announced")
    assert (event.actor_id, event.detail) == (receptionist.pk, {"minutes": 30})


def test_saying_it_twice_is_saying_it_once_and_a_change_replaces_it(visits, doctor, receptionist):
    services.announce_delay(doctor, minutes=30, by=receptionist)
    assert services.announce_delay(doctor, minutes=30, by=receptionist) == 0
    assert services.announce_delay(doctor, minutes=45, by=doctor.user) == 3
    messages = told().filter(recipient_name="later")
    assert [outbox.is_still_true(message) for message in messages] == [False, True]
    assert Delay.objects.get().minutes == 45


def test_on_time_again_is_told_to_who_was_told_otherwise(visits, doctor, receptionist):
    services.announce_delay(doctor, minutes=30, by=receptionist)
    told().filter(recipient_name="later").update(state=MessageState.SENT)
    assert services.announce_delay(doctor, minutes=0, by=receptionist) == 1
    assert [message.recipient_name for message in told("on_time")] == ["later"]
    assert not any(outbox.is_still_true(message) for message in told())
    assert outbox.is_still_true(told("on_time").get())


def test_nobody_is_told_who_is_inside_by_then_or_the_day_after(visits, doctor, receptionist, clock):
    services.announce_delay(doctor, minutes=30, by=receptionist)
    services.start(visits["waits"], by=doctor.user)
    waits, later = (told().get(recipient_name=name) for name in ("waits", "later"))
    assert (outbox.is_still_true(waits), outbox.is_still_true(later)) == (False, True)
    clock.move_to(berlin(2, 8))
    assert not outbox.is_still_true(later)


def test_doctors_say_it_of_themselves_alone(visits, doctor, client):
    other = DoctorFactory()
    with pytest.raises(PermissionDenied):
        services.announce_delay(doctor, minutes=30, by=other.user)
    client.force_login(other.user)
    assert client.post(reverse("scheduling:delay", args=[doctor.pk]), {"minutes": 30}).status_code == 404
    assert client.get(reverse("scheduling:delay", args=[other.pk])).status_code == 200
    assert not Delay.objects.exists()


def test_it_is_said_on_a_page_and_stands_on_the_day(visits, doctor, receptionist, client):
    client.force_login(receptionist)
    address = reverse("scheduling:delay", args=[doctor.pk])
    page = client.get(address).content.decode()
    assert "3 patients wait or come later today" in page
    assert client.post(address, {"minutes": "25"}).status_code == 302
    assert "Running 25 min late" in client.get(reverse("scheduling:day")).content.decode()
    assert "Running 25 min late" not in client.get(reverse("scheduling:day") + "?date=2026-06-02").content.decode()
    assert "On time again" in client.get(address).content.decode()
    assert client.post(address, {"minutes": "0"}).status_code == 302
    assert "Running 25 min late" not in client.get(reverse("scheduling:day")).content.decode()


@pytest.mark.parametrize("minutes", ["-1", "241", "9" * 5000, "soon", "", "\0"])
def test_nonsense_is_refused(visits, doctor, receptionist, client, minutes):
    client.force_login(receptionist)
    assert client.post(reverse("scheduling:delay", args=[doctor.pk]), {"minutes": minutes}).status_code == 422
    with pytest.raises(BookingRefused):
        services.announce_delay(doctor, minutes=241, by=receptionist)
    assert not Delay.objects.exists()
