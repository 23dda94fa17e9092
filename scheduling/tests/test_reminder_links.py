"""The link in a reminder: who has it says that they come, or cancels, without signing in."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, ConsentKind, Message, MessageState
from accounts.services import delivery
from clinic.models import Hospital
from clinic.tests.factories import GuardianshipFactory, PatientFactory
from scheduling import services
from scheduling.leaving import forget_mails_about_visits
from scheduling.models import Appointment, AppointmentEvent, Status, VisitLink
from scheduling.tests.conftest import berlin
from scheduling.tests.factories import AppointmentFactory

AGREES = [ConsentKind.PRIVACY, ConsentKind.REMINDERS_EMAIL]
EVENING = berlin(1, 17, 5)


@pytest.fixture
def visit(doctor):
    return AppointmentFactory(
        doctor=doctor,
        patient=PatientFactory(name="Mina Quillfeather", user__email="mina@example.org", user__consents=AGREES),
        starts_at=berlin(2, 10),
        ends_at=berlin(2, 10, 30),
        reason="Kneeword",
    )


def links():
    return [
        re.search(r"/reminders/\S+", message.text)[0]
        for message in Message.objects.filter(kind="appointment.reminder").order_by("pk")
    ]


@pytest.fixture
def link(visit, clock):
    clock.move_to(EVENING)
    services.send_reminders()
    return links()[0]


def test_opening_it_shows_the_visit_and_changes_nothing(link, visit, client, doctor):
    page = client.get(link)
    assert page.status_code == 200
    assert client.head(link).status_code == 200
    body = page.content.decode()
    for words in ("Mina", doctor.name, "Tue 2 Jun, 10:00", 'value="come"', 'value="cancel"'):
        assert words in body, words
    for words in ("Quillfeather", "Kneeword", visit.patient.number, "mina@example.org"):
        assert words not in body, words
    visit.refresh_from_db()
    assert (visit.status, visit.confirmed_at) == (Status.BOOKED, None)
    assert not AppointmentEvent.objects.exists()


def test_it_is_kept_nowhere_and_told_nobody(link, client):
    page = client.get(link)
    assert "no-store" in page.headers["Cache-Control"]
    assert page.headers["Referrer-Policy"] == "same-origin"  # none to others; "no-referrer" would blind the CSRF check
    assert not VisitLink.objects.filter(token_hash__in=link.split("/")).exists()
    assert link.split("/")[2] not in str(list(AuditEvent.objects.values()))


def test_who_says_they_come_is_confirmed_once(link, visit, client, receptionist):
    for _twice in range(2):
        assert client.post(link, {"answer": "come"}).status_code == 302
    assert "we expect you" in client.get(link).content.decode()
    visit.refresh_from_db()
    assert visit.confirmed_at == EVENING
    (event,) = AppointmentEvent.objects.all()
    assert (event.kind, event.by, event.by_name) == ("confirmed", None, "By a link sent to Mina Quillfeather")
    act = AuditEvent.objects.get(action="appointment.confirmed")
    assert (act.actor_id, act.actor_name) == (None, "By a link sent to Mina Quillfeather")
    assert act.detail == {"sent_to": "mina@example.org"}
    for user, address in (
        (receptionist, reverse("scheduling:day") + "?date=2026-06-02"),
        (visit.doctor.user, reverse("scheduling:day") + "?date=2026-06-02"),
        (receptionist, reverse("scheduling:appointment-detail", args=[visit.pk])),
    ):
        client.force_login(user)
        assert "Confirmed" in client.get(address).content.decode(), address


def test_cancelling_works_once_and_tells_the_patient(link, visit, client):
    assert client.post(link, {"answer": "cancel"}).status_code == 302
    page = client.get(link)
    assert (page.status_code, "The visit is cancelled" in page.content.decode()) == (200, True)
    assert client.post(link, {"answer": "cancel"}).status_code == 409
    assert client.post(link, {"answer": "come"}).status_code == 409
    visit.refresh_from_db()
    assert (visit.status, visit.confirmed_at) == (Status.CANCELLED, None)
    assert AuditEvent.objects.get(action="appointment.cancelled").detail == {"sent_to": "mina@example.org"}
    assert Message.objects.filter(kind="appointment.cancelled").count() == 1


def test_it_cancels_until_the_patients_own_cut_off(link, visit, client):
    Hospital.objects.update(cancellation_cutoff_minutes=24 * 60)
    page = client.get(link).content.decode()
    assert 'value="cancel"' not in page
    assert "until 1 day before" in page
    assert client.post(link, {"answer": "cancel"}).status_code == 409
    visit.refresh_from_db()
    assert visit.status == Status.BOOKED
    assert client.post(link, {"answer": "come"}).status_code == 302


def test_a_moved_visit_takes_its_link_and_its_confirmation_along(link, visit, client, receptionist):
    client.post(link, {"answer": "come"})
    visit.refresh_from_db()
    services.reschedule(visit, starts_at=berlin(4, 9), by=receptionist)
    for answer in (client.get(link), client.post(link, {"answer": "cancel"})):
        assert (answer.status_code, "has another time by now" in answer.content.decode()) == (409, True)
        assert "4 Jun" not in answer.content.decode()
    visit.refresh_from_db()
    assert (visit.status, visit.confirmed_at) == (Status.BOOKED, None)


def test_it_ends_when_the_visit_begins(link, visit, client, clock):
    clock.move_to(visit.starts_at)
    assert client.get(link).status_code == client.post(link, {"answer": "cancel"}).status_code == 404
    clock.move_to(visit.starts_at + timedelta(days=31))
    services.send_reminders()
    assert not VisitLink.objects.exists()


@pytest.mark.parametrize("token", ["nothing", "a" * 43, "\N{ARABIC LETTER ALEF}" * 5, "x" * 5000])
def test_a_forged_link_opens_a_page_that_says_so(client, db, token):
    address = reverse("scheduling:reminder-answer", args=[token])
    for answer in (client.get(address), client.post(address, {"answer": "cancel"})):
        assert (answer.status_code, "does not work any more" in answer.content.decode()) == (404, True)


def test_nonsense_as_an_answer_is_asked_again(link, client):
    assert client.post(link, {"answer": "maybe\0"}).status_code in {400, 422}
    assert client.post(link).status_code == 422
    assert client.put(link).status_code == 405


def test_a_form_of_another_site_is_refused(link):
    assert Client(enforce_csrf_checks=True).post(link, {"answer": "cancel"}).status_code == 403


def test_whoever_stopped_acting_for_a_child_answers_no_more(visit, client, clock):
    child = PatientFactory(user=None)
    Appointment.objects.update(patient=child)
    acting, other = GuardianshipFactory(patient=child), GuardianshipFactory(patient=child)
    clock.move_to(EVENING)
    services.send_reminders()
    first, second = links()
    acting.ended_at = EVENING
    acting.save()
    assert (client.get(first).status_code, client.get(second).status_code) == (404, 200)
    client.post(second, {"answer": "cancel"})
    assert AppointmentEvent.objects.get().by_name == f"By a link sent to {other.guardian.name}"


def test_too_many_requests_from_one_place_are_slowed_down(link, client):
    answers = {client.get("/reminders/nothing/").status_code for _request in range(125)}
    assert answers == {404, 429}


def test_the_text_is_gone_once_the_mail_is_out(link, visit):
    message = Message.objects.get(kind="appointment.reminder")
    assert delivery.deliver(message.pk) == MessageState.SENT
    message.refresh_from_db()
    assert message.text == ""


def test_the_address_goes_with_who_leaves(link, visit):
    forget_mails_about_visits(visit.patient)
    assert not VisitLink.objects.exists()
