"""Moving a visit to another time."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import AuditEvent, Message
from clinic.tests.factories import DoctorFactory, PatientFactory
from scheduling import services
from scheduling.models import Appointment, Lane, Status
from scheduling.services import BookingConflict, BookingRefused
from scheduling.tests.conftest import berlin
from scheduling.tests.factories import AppointmentFactory, TimeOffFactory


@pytest.fixture
def visit(doctor, patient):
    return AppointmentFactory(doctor=doctor, patient=patient, starts_at=berlin(2, 10))


def move(visit, starts_at, by=None, **more):
    return services.reschedule(visit, starts_at=starts_at, by=by or visit.patient.user, **more)


def test_a_moved_visit_keeps_its_history(visit, patient):
    move(visit, berlin(3, 11), reason="Work")
    visit.refresh_from_db()
    assert (visit.starts_at, visit.ends_at) == (berlin(3, 11), berlin(3, 11, 30))
    assert (visit.status, visit.moved_count) == (Status.BOOKED, 1)
    event = visit.events.get()
    assert (event.kind, event.starts_at, event.by, event.reason) == ("moved", berlin(3, 11), patient.user, "Work")
    entry = AuditEvent.objects.get(action="appointment.moved")
    assert entry.detail == {"from": "2026-06-02T08:00:00Z", "to": "2026-06-03T09:00:00Z"}
    message = Message.objects.get()
    assert message.kind == "appointment.moved"
    assert "Wed 3 Jun, 11:00 (Europe/Berlin)" in message.text
    assert "Tue 2 Jun, 10:00 (Europe/Berlin)" in message.text


def test_the_old_time_is_free_at_once_and_the_new_one_taken(visit, doctor):
    move(visit, berlin(3, 11))
    other = PatientFactory()
    assert services.book(doctor=doctor, patient=other, starts_at=berlin(2, 10), by=other.user)
    with pytest.raises(BookingConflict):
        services.book(doctor=doctor, patient=other, starts_at=berlin(3, 11), by=other.user)


def test_moving_twice_to_the_same_time_is_moving_once(visit):
    stale = Appointment.objects.get(pk=visit.pk)
    move(visit, berlin(3, 11))
    assert move(stale, berlin(3, 11)).moved_count == 1
    assert visit.events.count() == Message.objects.count() == 1


def test_a_visit_that_moved_meanwhile_is_a_conflict(visit):
    stale = Appointment.objects.get(pk=visit.pk)
    move(visit, berlin(3, 11))
    with pytest.raises(BookingConflict, match="in the meantime"):
        move(stale, berlin(3, 12))
    visit.refresh_from_db()
    assert visit.starts_at == berlin(3, 11)


@pytest.mark.parametrize("status", [status for status in Status if status != Status.BOOKED])
def test_only_booked_visits_move(status, visit):
    Appointment.objects.filter(pk=visit.pk).update(status=status)
    for seen in (visit, Appointment.objects.get(pk=visit.pk)):
        with pytest.raises(BookingConflict):
            move(seen, berlin(3, 11), None)
    visit.refresh_from_db()
    assert visit.starts_at == berlin(2, 10)


def test_a_taken_time_is_a_conflict(visit, doctor):
    AppointmentFactory(doctor=doctor, starts_at=berlin(3, 11))
    with pytest.raises(BookingConflict, match="just been taken"):
        move(visit, berlin(3, 11))


def test_another_visit_of_the_patient_is_a_conflict(visit, patient):
    AppointmentFactory(patient=patient, starts_at=berlin(3, 11))
    with pytest.raises(BookingConflict, match="already have a visit"):
        move(visit, berlin(3, 11))


def test_a_visit_does_not_stand_in_its_own_way(clock, patient, receptionist):
    """With an offset of ten minutes the new time overlaps the old one."""
    doctor = DoctorFactory()
    visit = AppointmentFactory(doctor=doctor, patient=patient, starts_at=berlin(2, 9, 50))
    from scheduling.tests.factories import open_all_week

    open_all_week(doctor)
    assert move(visit, berlin(2, 10)).starts_at == berlin(2, 10)


@pytest.mark.parametrize("when", [berlin(2, 17), berlin(2, 10, 10), berlin(9, 10), berlin(1, 7)])
def test_only_to_what_is_offered(when, visit):
    with pytest.raises(BookingRefused):
        move(visit, when)
    visit.refresh_from_db()
    assert visit.starts_at == berlin(2, 10)


def test_not_into_time_off(visit, doctor):
    TimeOffFactory(doctor=doctor, starts_at=berlin(3, 0), ends_at=berlin(4, 0))
    with pytest.raises(BookingConflict, match="is away"):
        move(visit, berlin(3, 11))


def test_patients_move_until_the_cut_off(visit, hospital, clock, receptionist):
    hospital.cancellation_cutoff_minutes = 24 * 60
    hospital.save()
    clock.move_to(visit.starts_at - timedelta(hours=24))
    assert services.may_change(visit, visit.patient.user, hospital, visit.starts_at - timedelta(hours=24))
    clock.move_to(visit.starts_at - timedelta(hours=24) + timedelta(seconds=1))
    with pytest.raises(BookingRefused, match="until 1 day before"):
        move(visit, berlin(3, 11))
    assert move(visit, berlin(3, 11), receptionist)


def test_patients_do_not_move_what_has_begun(visit, clock):
    clock.move_to(berlin(2, 10))
    with pytest.raises(BookingRefused, match="already begun"):
        move(visit, berlin(3, 11))


def test_an_overbooked_visit_becomes_an_ordinary_one(doctor, receptionist):
    AppointmentFactory(doctor=doctor, starts_at=berlin(2, 10))
    squeezed = AppointmentFactory(doctor=doctor, starts_at=berlin(2, 10), lane=Lane.OVERBOOKED, overbook_reason="Acute")
    moved = move(squeezed, berlin(3, 11), receptionist)
    moved.refresh_from_db()
    assert (moved.lane, moved.overbook_reason) == (Lane.NORMAL, "")


def test_existing_visits_move_though_no_new_patients_are_accepted(visit, doctor):
    doctor.accepting_patients = False
    doctor.save()
    assert move(visit, berlin(3, 11))


def test_strangers_do_not_move_it(visit):
    for stranger in (PatientFactory().user, DoctorFactory().user):
        with pytest.raises(PermissionDenied):
            move(visit, berlin(3, 11), stranger)
    assert move(visit, berlin(3, 11), visit.doctor.user)
