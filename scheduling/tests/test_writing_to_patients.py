"""Everybody who comes on some days is written to: each once, by the ways they chose, as plain words."""

import re

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts import outbox
from accounts.models import AuditEvent, Channel, Message, MessageState
from clinic.tests.factories import DoctorFactory, GuardianshipFactory, PatientFactory
from scheduling import services
from scheduling.models import Appointment, Status
from scheduling.services import BookingRefused, many
from scheduling.tests.conftest import berlin
from scheduling.tests.factories import AppointmentFactory

PAGE = reverse("scheduling:appointments-write")
TUESDAY = f"{PAGE}?from_day=2026-06-02"
WORDS = {"subject": "Another entrance", "text": "Please use <b>Mill Lane</b> {{ now }}."}
PRESS = "6d1f8d3c-7c0e-4ad2-9d55-3d3d2c9f0b11"


@pytest.fixture
def visits(doctor):
    """Tuesday: Ada comes twice, Ben once, a walk-in without an address; one is cancelled. Cleo comes on Wednesday."""
    ada = PatientFactory(name="Ada")
    return {
        "ada": AppointmentFactory(doctor=doctor, patient=ada, starts_at=berlin(2, 9)),
        "ada again": AppointmentFactory(doctor=DoctorFactory(), patient=ada, starts_at=berlin(2, 11)),
        "ben": AppointmentFactory(doctor=doctor, patient=PatientFactory(name="Ben"), starts_at=berlin(2, 10)),
        "walk-in": AppointmentFactory(
            doctor=doctor, patient=PatientFactory(name="Walk-in", user=None), starts_at=berlin(2, 12)
        ),
        "gone": AppointmentFactory(doctor=doctor, starts_at=berlin(2, 14), status=Status.CANCELLED),
        "cleo": AppointmentFactory(doctor=doctor, patient=PatientFactory(name="Cleo"), starts_at=berlin(3, 9)),
    }


def pks(visits, *names):
    return [visits[name].pk for name in names or ("ada", "ada again", "ben", "walk-in")]


def form(visits, *names, **more):
    return {"visit": pks(visits, *names), "press": PRESS} | WORDS | more


def send(client, visits, *names, address=TUESDAY, **more):
    """Preview, then send what the preview showed."""
    preview = client.post(address, form(visits, *names, **more))
    seen = re.search(r'name="seen" value="(\w+)"', preview.text)[1]
    return client.post(address, form(visits, *names, action="send", seen=seen, **more), follow=True)


def written():
    return Message.everything.filter(kind="appointment.written").exclude(channel=Channel.INBOX).order_by("pk")


def said(response):
    return [str(message) for message in response.context["messages"]]


def test_the_page_lists_and_counts_who_is_written_to(client, receptionist, visits):
    client.force_login(receptionist)
    page = client.get(TUESDAY)
    assert [one.person.name for one in page.context["people"]] == ["Ada", "Ben", "Walk-in"]
    assert "3 people are written to · 1 has no address" in page.text
    assert "Which days?" in client.get(PAGE).text


def test_a_preview_sends_nothing_and_shows_the_words_as_they_are(client, receptionist, visits):
    client.force_login(receptionist)
    page = client.post(TUESDAY, form(visits))
    assert (page.status_code, written().count()) == (200, 0)
    assert "Please use &lt;b&gt;Mill Lane&lt;/b&gt; {{ now }}." in page.text
    assert "Send to 3 people" in page.text
    assert "Tue 2 Jun, 09:00 (Europe/Berlin), Dr Ada Okafor" in page.context["preview"]["text"]


def test_what_was_changed_after_the_preview_is_previewed_again(client, receptionist, visits):
    client.force_login(receptionist)
    page = client.post(TUESDAY, form(visits, action="send", seen="0" * 32))
    assert (page.status_code, written().count()) == (200, 0)
    assert "Send to 3 people" in page.text


def test_everybody_is_written_to_once_and_who_has_no_address_stands_in_the_list_of_messages(
    client, receptionist, visits, patient
):
    client.force_login(receptionist)
    response = send(client, visits)
    assert response.redirect_chain[0][0] == "/appointments/?from_day=2026-06-02&to_day=2026-06-02"
    assert said(response) == ["The message goes out to 3 people."]
    sent = {message.recipient_name: message for message in written()}
    assert sorted(sent) == ["Ada", "Ben", "Walk-in"]
    assert (sent["Ada"].subject, sent["Ada"].state) == (WORDS["subject"], MessageState.DUE)
    assert WORDS["text"] in sent["Ada"].text
    assert "&lt;b&gt;Mill Lane" in sent["Ada"].html
    assert sent["Ada"].text.count("(Europe/Berlin)") == 2
    assert sent["Walk-in"].state == MessageState.NOT_SENDABLE
    told = AuditEvent.objects.filter(action="patient.written_to", actor_id=receptionist.pk)
    assert sorted(told.values_list("target_label", flat=True)) == sorted(
        str(visits[name].patient) for name in ("ada", "ben", "walk-in")
    )
    assert WORDS["subject"] not in str(list(told.values("detail")))


def test_pressed_twice_it_goes_out_once_and_another_text_goes_out_again(client, receptionist, administrator, visits):
    client.force_login(receptionist)
    send(client, visits)
    assert said(send(client, visits)) == ["3 people have it already and get it once."]
    assert written().count() == 3
    assert said(send(client, visits, "ben", text="Open again.")) == ["The message goes out to 1 person."]
    client.force_login(administrator)
    assert said(send(client, visits, "ben")) == ["The message goes out to 1 person."]


def test_a_guardian_of_two_gets_one_message_that_names_both(client, receptionist, doctor):
    children = [PatientFactory(name=name, user=None) for name in ("Noa", "Kim")]
    guardian = GuardianshipFactory(patient=children[0]).guardian
    GuardianshipFactory(patient=children[1], guardian=guardian)
    made = {
        child.name: AppointmentFactory(doctor=doctor, patient=child, starts_at=berlin(2, 9 + number))
        for number, child in enumerate(children)
    }
    client.force_login(receptionist)
    assert "2 people" not in client.get(TUESDAY).text
    send(client, made, "Noa", "Kim")
    (message,) = written()
    assert (message.recipient, message.recipient_name) == (guardian, guardian.name)
    assert "Noa, Tue 2 Jun, 09:00" in message.text
    assert "Kim, Tue 2 Jun, 10:00" in message.text
    assert AuditEvent.objects.filter(action="patient.written_to").count() == 2


def test_only_the_ticked_and_still_planned_are_written_to(client, receptionist, visits):
    client.force_login(receptionist)
    forged = {"visit": [visits["ben"].pk, visits["gone"].pk, 10**12, "x"], "press": PRESS} | WORDS
    seen = re.search(r'name="seen" value="(\w+)"', client.post(TUESDAY, forged).text)[1]
    response = client.post(TUESDAY, forged | {"action": "send", "seen": seen}, follow=True)
    assert said(response) == [
        "The message goes out to 1 person.",
        "2 of what you ticked are not there any more and were left out.",
    ]
    assert [message.recipient_name for message in written()] == ["Ben"]
    page = client.post(TUESDAY, {"press": PRESS} | WORDS)
    assert "Tick at least one visit." in said(page)
    assert WORDS["subject"] in page.text


def test_what_is_no_longer_planned_is_not_told(visits, receptionist):
    services.write_to_patients([visits["ben"]], by=receptionist, press="1", **WORDS)
    message = written().get()
    assert outbox.is_still_true(message)
    services.cancel(visits["ben"], by=receptionist)
    assert not outbox.is_still_true(message)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"subject": ""}, "subject"),
        ({"subject": "x" * 121}, "subject"),
        ({"subject": "two\nlines"}, "subject"),
        ({"text": ""}, "text"),
        ({"text": "x" * 2001}, "text"),
        ({"press": "x"}, "press"),
    ],
)
def test_words_that_do_not_fit_come_back_with_the_reason(client, receptionist, visits, change, field):
    client.force_login(receptionist)
    page = client.post(TUESDAY, form(visits) | change)
    assert (page.status_code, list(page.context["form"].errors), written().count()) == (422, [field], 0)
    assert page.context["ticked"] == set(pks(visits))


def test_too_many_are_refused_with_the_way_on(client, receptionist, visits, monkeypatch):
    monkeypatch.setattr(many, "MOST", 1)
    client.force_login(receptionist)
    response = send(client, visits)
    assert response.status_code == 409
    assert "These are 4 visits, and at most 1 at once" in response.text
    monkeypatch.setattr("scheduling.views.many.MOST", 1)
    assert "Too many visits" in client.get(TUESDAY).text
    with pytest.raises(BookingRefused):
        services.write_to_patients(list(visits.values()), by=receptionist, press="1", **WORDS)


def test_patients_and_doctors_write_to_nobody(client, visits, doctor):
    for user in (doctor.user, visits["ada"].patient.user):
        client.force_login(user)
        assert client.get(TUESDAY).status_code == 403
        assert client.post(TUESDAY, form(visits)).status_code == 403
        with pytest.raises(PermissionDenied):
            services.write_to_patients([visits["ada"]], by=user, press="1", **WORDS)
    assert written().count() == 0


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_however_long(rows, client, receptionist, clock, django_assert_max_num_queries):
    for number in range(rows):
        AppointmentFactory(starts_at=berlin(2, 9 + number), patient=PatientFactory(user=None))
    client.force_login(receptionist)
    client.get(TUESDAY)
    with django_assert_max_num_queries(14):
        assert len(client.get(TUESDAY).context["people"]) == rows


def test_who_died_is_not_written_to(visits):
    visits["ben"].patient.died_on = "2026-05-30"
    visits["ben"].patient.save()
    assert visits["ben"] not in services.writable(Appointment.objects.all(), berlin(1, 9))
