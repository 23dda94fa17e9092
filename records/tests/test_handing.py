"""A visit whose record has been begun stays with the doctor who began it."""

from datetime import time, timedelta

import pytest
from django.utils import timezone

from clinic.tests.factories import DoctorFactory
from records.tests.factories import EncounterFactory
from scheduling.services import BookingRefused, proposals
from scheduling.tests.factories import AppointmentFactory, TimeOffFactory, open_all_week, tomorrow

pytestmark = pytest.mark.django_db


def test_it_goes_to_no_colleague():
    doctor = DoctorFactory()
    colleague = DoctorFactory(department=doctor.department)
    for one in (doctor, colleague):
        open_all_week(one, time(0), time(0))
    visit = AppointmentFactory(doctor=doctor, starts_at=tomorrow())
    TimeOffFactory(doctor=doctor, starts_at=timezone.now(), ends_at=tomorrow() + timedelta(hours=1))
    proposals.ask(visit, by=None)
    EncounterFactory(appointment=visit, signed_at=None)
    with pytest.raises(BookingRefused):
        proposals.take(visit, doctor=colleague, starts_at=tomorrow(), by=None)
    later = tomorrow() + timedelta(hours=4)
    assert proposals.take(visit, doctor=doctor, starts_at=later, by=None).starts_at == later
