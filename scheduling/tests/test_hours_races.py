"""Time off against booking, at the same moment: a visit is either seen or never made. Real threads, real database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from clinic.tests.factories import DoctorFactory, PatientFactory
from scheduling import services
from scheduling.models import Appointment, TimeOff
from scheduling.services import BookingConflict, VisitsAffected
from scheduling.slots import MIDNIGHT
from scheduling.tests.factories import open_all_week, tomorrow


def attempt(barrier, act, **values):
    """Do something at the same time as all others; what the rules refuse is an answer."""
    try:
        barrier.wait(30)
        return act(**values)
    except BookingConflict as refusal:
        return refusal
    finally:
        connection.close()


@pytest.mark.parametrize("_round", range(3))
def test_nobody_books_into_time_off_that_is_being_added(transactional_db, _round):
    doctor = DoctorFactory()
    open_all_week(doctor, MIDNIGHT, MIDNIGHT)
    starts_at = tomorrow()
    patients = [PatientFactory() for _number in range(5)]
    barrier = Barrier(len(patients) + 1)
    with ThreadPoolExecutor(len(patients) + 1) as pool:
        bookings = [
            pool.submit(
                attempt,
                barrier,
                services.book,
                doctor=doctor,
                patient=patient,
                starts_at=starts_at + timedelta(minutes=30 * number),
                by=patient.user,
            )
            for number, patient in enumerate(patients)
        ]
        span = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=4)}
        off = pool.submit(attempt, barrier, services.add_time_off, doctor=doctor, by=doctor.user, seen=[], **span)
    answers, saved = [booking.result() for booking in bookings], off.result()
    booked = [answer for answer in answers if isinstance(answer, Appointment)]
    assert len(booked) == Appointment.objects.count()
    if isinstance(saved, VisitsAffected):
        assert not TimeOff.objects.exists()
        assert 1 <= len(saved.visits) <= len(booked) == len(patients)
    else:
        assert (TimeOff.objects.get(), booked) == (saved, [])
