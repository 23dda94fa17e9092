"""Whoever did not answer an offer in time learns that the time is not held for them any more."""

from datetime import date

import pytest

from accounts.models import Message
from clinic.models import Patient
from clinic.tests.factories import GuardianshipFactory
from scheduling import notices
from scheduling.models import WaitlistOffer
from scheduling.services import waitlist
from scheduling.tests.conftest import berlin
from scheduling.tests.factories import AppointmentFactory
from scheduling.tests.waiting import offered_first, sweep


@pytest.fixture
def offer(doctor, clock, receptionist):
    """Held for the first of three until two in the afternoon."""
    visit = AppointmentFactory(doctor=doctor, starts_at=berlin(3, 10), ends_at=berlin(3, 10, 30))
    return offered_first(visit, clock, by=receptionist)


def told():
    rows = Message.everything.filter(kind=notices.OFFER_LAPSED)
    return sorted(rows.values_list("recipient_name", "channel"))


def test_once_by_mail_and_in_the_inbox(offer, clock):
    assert told() == []
    clock.move_to(berlin(1, 14, 1))
    sweep()
    sweep()
    assert told() == [("First Comer", "email"), ("First Comer", "inbox")]
    message = Message.objects.get(kind=notices.OFFER_LAPSED)
    assert ("Wed 3 Jun, 10:00" in message.subject, "/waiting-list/" in message.text) == (True, True)
    assert notices.has_lapsed(message)
    Patient.objects.filter(pk=offer.entry.patient_id).update(died_on=date(2026, 6, 1))
    assert not notices.has_lapsed(message)


def test_who_declines_knows_it(offer):
    waitlist.decline(offer, by=offer.entry.patient.user)
    assert told() == []


def test_a_guardian_learns_it_for_the_child(offer, clock):
    Patient.objects.filter(pk=offer.entry.patient_id).update(user=None, email="")
    parent = GuardianshipFactory(patient=Patient.objects.get(pk=offer.entry.patient_id)).guardian
    clock.move_to(berlin(1, 14, 1))
    sweep()
    message = Message.objects.get(kind=notices.OFFER_LAPSED)
    assert (message.recipient, message.subject.startswith("No longer held for First Comer")) == (parent, True)


def test_nobody_without_an_address_gets_a_second_message_that_cannot_be_sent(offer, clock):
    Patient.objects.filter(pk=offer.entry.patient_id).update(user=None, email="")
    clock.move_to(berlin(1, 14, 1))
    sweep()
    offer.refresh_from_db()
    assert (offer.outcome, told()) == (WaitlistOffer.Outcome.LAPSED, [])
