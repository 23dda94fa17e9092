"""From booked to completed, and the moves that are not."""

from datetime import timedelta
from itertools import product

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import AuditEvent, Message, Role
from accounts.tests.factories import UserFactory
from clinic.tests.factories import DoctorFactory, PatientFactory
from scheduling import services
from scheduling.models import Appointment, Status
from scheduling.services import TRANSITIONS, BookingConflict, BookingRefused
from scheduling.tests.conftest import berlin
from scheduling.tests.factories import AppointmentFactory

ACTS = {
    Status.CHECKED_IN: (services.check_in, "reception"),
    Status.IN_CONSULTATION: (services.start, "doctor"),
    Status.CANCELLED: (services.cancel, "reception"),
    Status.NO_SHOW: (services.mark_no_show, "reception"),
}


@pytest.fixture
def visit(clock):
    """Began a minute ago."""
    visit = AppointmentFactory(starts_at=berlin(1, 10))
    clock.move_to(berlin(1, 10, 1))
    return visit


def actor(visit, who):
    return visit.doctor.user if who == "doctor" else UserFactory(role=Role.RECEPTION)


@pytest.mark.parametrize(("before", "after"), list(product(Status, ACTS)))
def test_each_move_follows_the_table(before, after, visit):
    Appointment.objects.filter(pk=visit.pk).update(status=before)
    visit.refresh_from_db()
    act, who = ACTS[after]
    if after in TRANSITIONS[before]:
        assert act(visit, by=actor(visit, who)).status == after
        assert visit.events.get().status == after
        assert AuditEvent.objects.filter(action=f"appointment.{after}").count() == 1
    elif after == before:  # pressed twice
        assert act(visit, by=actor(visit, who)).status == after
        assert visit.events.count() == 0
    else:
        with pytest.raises(BookingConflict, match="cannot become"):
            act(visit, by=actor(visit, who))
        assert visit.events.count() == 0
    visit.refresh_from_db()
    assert visit.status == (after if after in TRANSITIONS[before] else before)


def test_a_visit_somebody_else_changed_is_a_conflict(visit):
    stale = Appointment.objects.get(pk=visit.pk)
    services.cancel(visit, by=actor(visit, "reception"))
    with pytest.raises(BookingConflict, match="Someone else"):
        services.start(stale, by=visit.doctor.user)
    visit.refresh_from_db()
    assert visit.status == Status.CANCELLED


def test_the_whole_way(visit, receptionist):
    doctor = visit.doctor.user
    services.check_in(visit, by=receptionist)
    visit.refresh_from_db()
    services.start(visit, by=doctor)
    visit.refresh_from_db()
    services.complete(visit, by=doctor)
    story = list(visit.events.values_list("status", "by"))
    assert story == [
        ("checked_in", receptionist.pk),
        ("in_consultation", doctor.pk),
        ("completed", doctor.pk),
    ]


def test_completing_begins_what_nobody_began(visit):
    assert services.complete(visit, by=visit.doctor.user).status == Status.COMPLETED
    assert list(visit.events.values_list("status", flat=True)) == ["in_consultation", "completed"]


def test_completing_twice_is_a_conflict(visit):
    stale = Appointment.objects.get(pk=visit.pk)
    done = services.complete(visit, by=visit.doctor.user)
    for seen in (done, stale):
        with pytest.raises(BookingConflict):
            services.complete(seen, by=visit.doctor.user)


def test_patients_are_checked_in_on_the_day_of_their_visit_by_the_hospitals_clock(visit, receptionist, clock):
    for other_day in (berlin(1, 0) - timedelta(seconds=1), berlin(2, 0)):
        clock.move_to(other_day)
        with pytest.raises(BookingRefused, match="on the day"):
            services.check_in(visit, by=receptionist)
    clock.move_to(berlin(1, 0))
    assert services.check_in(visit, by=receptionist).status == Status.CHECKED_IN


def test_nobody_begins_half_a_day_before(visit, clock):
    clock.move_to(visit.starts_at - timedelta(hours=12, seconds=1))
    with pytest.raises(BookingRefused, match="12 hours away"):
        services.start(visit, by=visit.doctor.user)
    clock.move_to(visit.starts_at - timedelta(hours=12))
    assert services.start(visit, by=visit.doctor.user)


def test_nobody_misses_a_visit_that_has_not_begun(visit, receptionist, clock):
    clock.move_to(visit.starts_at - timedelta(seconds=1))
    with pytest.raises(BookingRefused, match="not begun"):
        services.mark_no_show(visit, by=receptionist)


class TestCancelling:
    def test_keeps_why_and_tells_the_patient(self, visit, clock):
        clock.move_to(berlin(1, 9))
        services.cancel(visit, by=visit.patient.user, reason="I feel better")
        event = visit.events.get()
        assert (event.status, event.by, event.reason) == ("cancelled", visit.patient.user, "I feel better")
        assert Message.objects.get().kind == "appointment.cancelled"

    def test_twice_is_once(self, visit, receptionist):
        services.cancel(visit, by=receptionist)
        visit.refresh_from_db()
        services.cancel(visit, by=receptionist)
        assert visit.events.count() == Message.objects.count() == 1

    def test_patients_until_the_cut_off(self, visit, hospital, clock, receptionist):
        hospital.cancellation_cutoff_minutes = 90
        hospital.save()
        clock.move_to(visit.starts_at - timedelta(minutes=89))
        with pytest.raises(BookingRefused, match="until 90 minutes before"):
            services.cancel(visit, by=visit.patient.user)
        assert services.cancel(visit, by=receptionist).status == Status.CANCELLED

    def test_not_by_the_patient_once_begun(self, visit):
        with pytest.raises(BookingRefused, match="already begun"):
            services.cancel(visit, by=visit.patient.user)


def test_strangers_and_other_roles_move_nothing(visit, receptionist):
    other_doctor, other_patient = DoctorFactory().user, PatientFactory().user
    denied = [
        (services.cancel, other_patient),
        (services.cancel, other_doctor),
        (services.check_in, visit.patient.user),
        (services.check_in, visit.doctor.user),
        (services.start, receptionist),
        (services.start, other_doctor),
        (services.complete, receptionist),
        (services.complete, other_doctor),
        (services.mark_no_show, visit.patient.user),
        (services.mark_no_show, other_doctor),
    ]
    for act, by in denied:
        with pytest.raises(PermissionDenied):
            act(visit, by=by)
    with pytest.raises(PermissionDenied):
        services.annotate(visit, notes="Mine", by=other_doctor)
    visit.refresh_from_db()
    assert (visit.status, visit.staff_notes, visit.events.count()) == (Status.BOOKED, "", 0)


def test_notes_are_kept_with_who_wrote_them(visit, receptionist):
    services.annotate(visit, notes=" Brings an interpreter ", by=receptionist)
    services.annotate(visit, notes="Brings an interpreter", by=receptionist)
    visit.refresh_from_db()
    assert visit.staff_notes == "Brings an interpreter"
    event = visit.events.get()
    assert (event.kind, event.by) == ("notes", receptionist)
    assert "interpreter" not in str(AuditEvent.objects.get().detail)
