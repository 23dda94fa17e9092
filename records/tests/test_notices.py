"""What patients are told, and whether it is still true when it goes out."""

import pytest

from accounts import outbox
from accounts.models import Message
from accounts.tests.factories import UserFactory
from records.services import amend_encounter, sign_encounter


@pytest.fixture
def message(visit, doctor):
    sign_encounter(visit, by=doctor.user, complaint="Cough")
    return Message.objects.get(kind="summary.ready")


def test_the_mail_tells_the_day_and_where_to_read(message, patient, settings):
    assert message.recipient == patient.user
    assert message.subject.startswith("The summary of your visit on ")
    assert "(UTC) is ready" in message.subject
    assert f"{settings.PUBLIC_URL}/encounters/" in message.text
    assert f"Dear {patient.name}," in message.text


def test_it_goes_out_while_it_is_true(message):
    assert outbox.is_still_true(message)


def test_it_stays_when_the_patient_cannot_sign_in_any_more(message, patient):
    type(patient.user).objects.filter(pk=patient.user.pk).update(is_active=False)
    assert not outbox.is_still_true(message)


def test_it_stays_when_the_record_belongs_to_another_account_by_now(message, patient):
    type(patient).objects.filter(pk=patient.pk).update(user=UserFactory())
    assert not outbox.is_still_true(message)


def test_each_amendment_is_told_once(visit, doctor):
    encounter = sign_encounter(visit, by=doctor.user, complaint="Cough")
    for text in ("Dry cough", "Wet cough"):
        amend_encounter(encounter, by=doctor.user, reason="secretreason", complaint=text)
    told = Message.objects.filter(kind="summary.amended")
    assert told.count() == 2
    assert not [message for message in told if "secretreason" in message.text or "cough" in message.text]
