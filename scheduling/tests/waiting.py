"""What tests of the waiting list do: people join, a time becomes free, it is offered."""

import re
from datetime import date, timedelta

from accounts.models import Message
from clinic.tests.factories import PatientFactory
from scheduling import services
from scheduling.models import WaitlistOffer
from scheduling.services import waitlist
from scheduling.tests.conftest import MONDAY_MORNING, berlin

NOON = berlin(1, 12)


def join(patient, doctor, **wishes):
    wishes = {"until": date(2026, 6, 30), "by": None} | wishes
    return waitlist.join(patient=patient, department=doctor.department, doctor=doctor, **wishes)


def three_in_turn(doctor, clock):
    """Three who joined one after the other."""
    found = []
    for number, name in enumerate(("First Comer", "Second Comer", "Third Comer")):
        clock.move_to(MONDAY_MORNING + timedelta(minutes=number))
        found.append(join(PatientFactory(name=name), doctor))
    clock.move_to(NOON)
    return found


def sweep():
    return waitlist.offer_freed_times()


def offered_to():
    return [offer.entry for offer in WaitlistOffer.objects.open()]


def link_of(name):
    message = Message.objects.get(kind="appointment.offer", recipient_name=name)
    return re.search(r"/offers/\S+", message.text)[0]


def offered_first(visit, clock, *, by):
    """The offer of a cancelled visit's time to the first of three, held until two in the afternoon."""
    three_in_turn(visit.doctor, clock)
    services.cancel(visit, by=by)
    sweep()
    return WaitlistOffer.objects.with_people().get()
