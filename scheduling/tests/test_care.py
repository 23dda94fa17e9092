"""Who treats whom follows from the visits, whatever happens to them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Role
from accounts.tests.factories import UserFactory
from clinic.models import CareRelationship, Patient
from clinic.tests.factories import DoctorFactory, PatientFactory
from scheduling import services
from scheduling.models import PLANNED, Appointment, Lane, Status
from scheduling.services import BookingRefused
from scheduling.services.care import years_later
from scheduling.tests.conftest import MONDAY_MORNING, berlin
from scheduling.tests.factories import AppointmentFactory, open_all_week


def recomputed(now):
    """{(doctor, patient): until} of relationships that hold now, from the visits alone."""
    held = {}
    for visit in Appointment.objects.order_by("ends_at"):
        pair = (visit.doctor_id, visit.patient_id)
        if visit.status == Status.COMPLETED and held.get(pair, visit) is not None:
            held[pair] = years_later(visit.ends_at, 2)
        if visit.status in PLANNED:
            held[pair] = None
    return {pair: until for pair, until in held.items() if until is None or until > now}


def stored():
    return {(care.doctor_id, care.patient_id): care.until for care in CareRelationship.objects.current()}


def test_booking_opens_and_completing_closes_after_two_years(doctor, patient, clock):
    visit = services.book(doctor=doctor, patient=patient, starts_at=berlin(1, 9), by=patient.user)
    assert list(Patient.objects.visible_to(doctor.user)) == [patient]
    clock.move_to(berlin(1, 9))
    services.complete(visit, by=doctor.user)
    care = CareRelationship.objects.get()
    assert care.until == visit.ends_at.replace(year=2028)
    clock.move_to(care.until + timedelta(seconds=1))
    assert list(Patient.objects.visible_to(doctor.user)) == []


def test_cancelling_closes_when_no_other_visit_holds(doctor, patient):
    visits = [AppointmentFactory(doctor=doctor, patient=patient, starts_at=berlin(2, hour)) for hour in (10, 11)]
    services.cancel(visits[0], by=patient.user)
    assert stored() == {(doctor.pk, patient.pk): None}
    services.cancel(visits[1], by=patient.user)
    assert stored() == {}
    assert list(Patient.objects.visible_to(doctor.user)) == []


def test_imported_history_holds_the_relationship(doctor, patient):
    past = berlin(1, 10, month=3)
    AppointmentFactory(doctor=doctor, patient=patient, starts_at=past, status=Status.COMPLETED, lane=Lane.HISTORY)
    visit = AppointmentFactory(doctor=doctor, patient=patient, starts_at=berlin(2, 10))
    assert stored() == {(doctor.pk, patient.pk): None}
    services.cancel(visit, by=patient.user)
    assert stored() == {(doctor.pk, patient.pk): (past + timedelta(minutes=30)).replace(year=2028)}


def test_a_leap_day_ends_on_the_28th():
    assert years_later(datetime(2028, 2, 29, 10, tzinfo=UTC), 2) == datetime(2030, 2, 28, 10, tzinfo=UTC)


steps = st.lists(
    st.tuples(
        st.sampled_from(["book", "cancel", "start", "complete", "no_show", "reschedule"]),
        st.integers(0, 1),
        st.integers(0, 1),
        st.integers(0, 5),
    ),
    max_size=12,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(story=steps)
def test_it_is_what_the_visits_say_after_any_story(story, clock):
    """Random acts, refused or not; afterwards the relationships equal those recomputed from the visits."""
    doctors, patients = DoctorFactory.create_batch(2), PatientFactory.create_batch(2)
    desk = UserFactory(role=Role.RECEPTION)
    for doctor in doctors:
        open_all_week(doctor)
    mine = Appointment.objects.filter(doctor__in=doctors)
    for number, (act, which_doctor, which_patient, hour) in enumerate(story):
        clock.move_to(MONDAY_MORNING + timedelta(minutes=number))
        visit = mine.filter(doctor=doctors[which_doctor], patient=patients[which_patient]).order_by("-pk").first()
        starts_at = berlin(1, 11 + hour)
        try:
            match act:
                case "book":
                    who = {"doctor": doctors[which_doctor], "patient": patients[which_patient]}
                    services.book(starts_at=starts_at, by=desk, **who)
                case "cancel" if visit:
                    services.cancel(visit, by=desk)
                case "start" if visit:
                    services.start(visit, by=visit.doctor.user)
                case "complete" if visit:
                    services.complete(visit, by=visit.doctor.user)
                case "no_show" if visit:
                    clock.move_to(visit.starts_at)
                    services.mark_no_show(visit, by=desk)
                case "reschedule" if visit:
                    services.reschedule(visit, starts_at=starts_at, by=desk)
        except BookingRefused:
            continue
    now = MONDAY_MORNING + timedelta(hours=24)
    clock.move_to(now)
    pairs = {(doctor.pk, patient.pk) for doctor in doctors for patient in patients}
    assert {pair: until for pair, until in stored().items() if pair in pairs} == {
        pair: until for pair, until in recomputed(now).items() if pair in pairs
    }


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.NO_SHOW])
def test_what_did_not_happen_opens_nothing(status, doctor, patient):
    AppointmentFactory(doctor=doctor, patient=patient, starts_at=berlin(2, 10), status=status)
    assert CareRelationship.objects.count() == 0
