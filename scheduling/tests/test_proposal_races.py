"""Many answers at once to requests for another time: real threads on the real database."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.utils import timezone

from accounts.models import Message
from clinic.models import CareRelationship, Hospital
from clinic.tests.factories import DepartmentFactory, DoctorFactory, PatientFactory
from scheduling.models import Appointment, AppointmentEvent, Proposal, TimeOff
from scheduling.services import BookingConflict, BookingRefused, book, hours, proposals
from scheduling.tests.factories import AppointmentFactory, TimeOffFactory, open_all_week
from scheduling.tests.test_races import all_at_once

pytestmark = pytest.mark.slow


@pytest.fixture
def world(transactional_db):
    """A hospital in UTC: a doctor who will be away tomorrow, and a colleague, both there day and night."""
    Hospital.objects.update(time_zone="UTC", booking_window_days=7, shortest_notice_minutes=0)
    department = DepartmentFactory()
    doctors = [DoctorFactory(department=department) for _number in range(2)]
    for doctor in doctors:
        open_all_week(doctor, starts=time(0), ends=time(0), minutes=30)
    return doctors


def on(days, hour):
    return datetime.combine(timezone.now().date() + timedelta(days=days), time(hour), tzinfo=UTC)


def asked(doctor, number):
    """Visits of tomorrow whose patients have been asked."""
    visits = [AppointmentFactory(doctor=doctor, starts_at=on(1, 8 + n)) for n in range(number)]
    TimeOffFactory(doctor=doctor, starts_at=on(1, 0), ends_at=on(2, 0))
    for visit in visits:
        proposals.ask(visit, by=None)
    return [Appointment.objects.select_related("doctor", "patient").get(pk=visit.pk) for visit in visits]


def attempt(act, *args, **kwargs):
    try:
        return act(*args, **kwargs)
    except BookingRefused as refusal:
        return refusal


def test_six_patients_choose_one_time_and_one_gets_it(world):
    doctor = world[0]
    visits = asked(doctor, 6)
    results = all_at_once(
        [lambda v=v: attempt(proposals.take, v, doctor=doctor, starts_at=on(3, 9), by=v.patient.user) for v in visits]
    )
    assert sum(isinstance(result, Appointment) for result in results) == 1
    assert sum(isinstance(result, BookingConflict) for result in results) == 5
    assert Proposal.objects.open().count() == 5
    assert Message.objects.filter(kind="appointment.moved").count() == 1


def test_one_patient_presses_six_times_and_moves_once(world):
    doctor, colleague = world
    (visit,) = asked(doctor, 1)
    results = all_at_once(
        [lambda: attempt(proposals.take, visit, doctor=colleague, starts_at=on(1, 8), by=visit.patient.user)] * 6
    )
    assert all(isinstance(result, Appointment) for result in results)
    visit.refresh_from_db()
    assert (visit.doctor, visit.moved_count) == (colleague, 1)
    assert AppointmentEvent.objects.filter(kind="moved").count() == 1
    current = CareRelationship.objects.current().filter(patient=visit.patient)
    assert [care.doctor for care in current] == [colleague]


def test_visits_cross_between_two_doctors_without_a_deadlock(world):
    """Each goes to the other doctor at the same moment: both are locked, in one order."""
    first, second = asked(world[0], 1)[0], asked(world[1], 1)[0]
    TimeOff.objects.all().delete()  # what was asked stays open, and both colleagues are there
    pairs = ((first, world[1]), (second, world[0]))
    results = all_at_once(
        [
            lambda v=v, d=d: attempt(proposals.take, v, doctor=d, starts_at=on(2, 10), by=v.patient.user)
            for v, d in pairs
        ]
    )
    assert all(isinstance(result, Appointment) for result in results)


def test_somebody_books_the_time_that_another_one_takes(world):
    doctor = world[0]
    (visit,) = asked(doctor, 1)
    for number in range(4):
        other = PatientFactory()
        results = all_at_once(
            [
                lambda v=visit, n=number: attempt(
                    proposals.take, v, doctor=doctor, starts_at=on(2 + n, 9), by=v.patient.user
                ),
                lambda o=other, n=number: attempt(book, doctor=doctor, patient=o, starts_at=on(2 + n, 9), by=o.user),
            ]
        )
        assert sum(isinstance(result, Appointment) for result in results) == 1
        visit = Appointment.objects.select_related("doctor", "patient").get(pk=visit.pk)
        if visit.moved_count:
            break


def test_asking_at_the_same_time_is_asking_once(world):
    visit = AppointmentFactory(doctor=world[0], starts_at=on(1, 8))
    TimeOffFactory(doctor=world[0], starts_at=on(1, 0), ends_at=on(2, 0))
    results = all_at_once([lambda: attempt(proposals.ask, visit, by=None)] * 6)
    assert len({result.pk for result in results}) == 1
    assert Message.objects.filter(kind="appointment.another_time").count() == 1


def test_leave_is_taken_back_while_the_patient_chooses(world):
    doctor = world[0]
    (visit,) = asked(doctor, 1)
    results = all_at_once(
        [
            lambda: attempt(hours.remove_time_off, TimeOff.objects.get(), by=None),
            lambda: attempt(proposals.take, visit, doctor=doctor, starts_at=on(2, 9), by=visit.patient.user),
        ]
    )
    proposal = Proposal.objects.get()
    moved = isinstance(results[1], Appointment)
    assert proposal.outcome == (Proposal.Outcome.MOVED if moved else Proposal.Outcome.STANDS)
