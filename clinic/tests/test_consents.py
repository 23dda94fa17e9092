"""Consents on paper: written down at the desk for patients with and without an account."""

import pytest
from django.urls import reverse

from accounts import consents, kinds, outbox
from accounts.models import AuditEvent, Consent, ConsentKind, Message, Role
from accounts.tests.factories import UserFactory
from clinic.tests.factories import PatientFactory

pytestmark = pytest.mark.django_db
EMAIL = ConsentKind.REMINDERS_EMAIL


@pytest.fixture
def receptionist(client):
    user = UserFactory(role=Role.RECEPTION, name="Rita Desk")
    client.force_login(user)
    return user


def write(client, patient, kind=EMAIL, answer="yes"):
    return client.post(reverse("clinic:patient-consents", args=[patient.pk]), {"kind": kind, "answer": answer})


@pytest.mark.parametrize("with_account", [True, False])
def test_what_is_on_paper_counts_at_once_and_can_be_taken_back(with_account, client, receptionist):
    patient = PatientFactory(**({} if with_account else {"user": None}))
    person = {"user_id": patient.user_id, "patient_id": patient.pk}
    assert write(client, patient).status_code == 302
    assert consents.holds(EMAIL, **person)
    event = AuditEvent.objects.get(action="consent.given")
    assert (event.actor_name, event.patient_id, event.detail["how"]) == ("Rita Desk", patient.pk, "desk")
    page = client.get(reverse("clinic:patient-consents", args=[patient.pk])).text
    assert "written down by Rita Desk" in page
    write(client, patient, answer="no")
    assert not consents.holds(EMAIL, **person)
    assert [answer.given for answer in Consent.objects.filter(text__kind=EMAIL)] == [False, True]


def test_paper_counts_for_the_account_that_comes_later_until_its_owner_answers(client, receptionist):
    patient = PatientFactory(user=None)
    write(client, patient)
    patient.user = UserFactory()
    patient.save()
    outbox.register("test.paper", lambda message: True, needs=outbox.REMINDERS)
    message = Message(kind="test.paper", recipient=patient.user, patient_id=patient.pk)
    assert not outbox.lacks_consent(message)
    client.force_login(patient.user)
    client.post("/consents/reminders_email/withdraw/")
    assert outbox.lacks_consent(message)
    assert "written down by Rita Desk" in client.get("/consents/").text
    kinds.forget("test.paper")


def test_nonsense_is_said_beside_the_field(client, receptionist):
    page = write(client, PatientFactory(), kind="everything", answer="perhaps")
    assert set(page.context["form"].errors) == {"kind", "answer"}
    assert not AuditEvent.objects.filter(action="consent.given").exists()


def test_patients_and_doctors_have_no_business_there(client):
    patient = PatientFactory()
    for user in (patient.user, UserFactory(role=Role.DOCTOR)):
        client.force_login(user)
        assert write(client, patient).status_code == 403
