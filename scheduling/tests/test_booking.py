"""What the booking service allows, and what it writes."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.models import AuditEvent, Message
from clinic.models import CareRelationship
from clinic.tests.factories import DoctorFactory, PatientFactory
from scheduling import services
from scheduling.models import Appointment, AppointmentEvent, Lane, Status
from scheduling.services import BookingConflict, BookingRefused
from scheduling.services.guard import conflict_from
from scheduling.tests.conftest import berlin
from scheduling.tests.factories import AppointmentFactory, ExtraHoursFactory, TimeOffFactory, WorkingHoursFactory


def book(doctor, patient, starts_at, by=None, **more):
    return services.book(doctor=doctor, patient=patient, starts_at=starts_at, by=by or patient.user, **more)


def test_patient_books_an_offered_time(doctor, patient):
    visit = book(doctor, patient, berlin(2, 10), reason="  My knee hurts  ")
    visit.refresh_from_db()
    assert (visit.starts_at, visit.ends_at) == (berlin(2, 10), berlin(2, 10, 30))
    assert (visit.status, visit.lane, visit.reason) == (Status.BOOKED, Lane.NORMAL, "My knee hurts")
    assert (visit.department, visit.booked_by) == (doctor.department, patient.user)
    assert len(visit.reference) == 8


def test_a_visit_costs_what_it_cost_when_booked(doctor, patient, hospital):
    assert book(doctor, patient, berlin(2, 10)).fee == hospital.default_fee
    doctor.fee = Decimal("80.00")
    doctor.save()
    assert book(doctor, patient, berlin(2, 11)).fee == Decimal("80.00")


def test_booking_is_on_record_everywhere(doctor, patient):
    visit = book(doctor, patient, berlin(2, 10), reason="secret reason")
    event = visit.events.get()
    assert (event.kind, event.status, event.by, event.by_name) == ("booked", "booked", patient.user, patient.user.name)
    entry = AuditEvent.objects.get(action="appointment.booked")
    assert (entry.actor_id, entry.target_id, entry.patient_id) == (patient.user.pk, visit.pk, patient.pk)
    assert "secret" not in str(entry.detail)
    assert Message.objects.get().kind == "appointment.booked"
    assert CareRelationship.objects.get(doctor=doctor, patient=patient).until is None


def test_a_second_click_gives_the_same_visit(doctor, patient):
    first = book(doctor, patient, berlin(2, 10))
    assert book(doctor, patient, berlin(2, 10)) == first
    assert Appointment.objects.count() == 1
    assert Message.objects.count() == AppointmentEvent.objects.count() == 1


def test_somebody_elses_time_is_a_conflict(doctor, patient):
    AppointmentFactory(doctor=doctor, starts_at=berlin(2, 10))
    with pytest.raises(BookingConflict, match="just been taken"):
        book(doctor, patient, berlin(2, 10))
    assert patient.appointments.count() == 0
    assert Message.objects.count() == 0


def test_a_cancelled_visits_time_can_be_booked_at_once(doctor, patient):
    theirs = AppointmentFactory(doctor=doctor, starts_at=berlin(2, 10))
    services.cancel(theirs, by=theirs.patient.user)
    assert book(doctor, patient, berlin(2, 10)).status == Status.BOOKED


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.NO_SHOW])
def test_what_was_cancelled_before_is_booked_anew(status, doctor, patient):
    before = AppointmentFactory(doctor=doctor, patient=patient, starts_at=berlin(2, 10), status=status)
    assert book(doctor, patient, berlin(2, 10)) != before


@pytest.mark.parametrize(
    ("starts_at", "sentence"),
    [
        (berlin(1, 7, 30), "already passed"),
        (berlin(1, 7, 30, month=5), "already passed"),
        (berlin(2, 8, 30), "offers no visit"),
        (berlin(2, 17), "offers no visit"),
        (berlin(2, 10, 10), "offers no visit"),
        (berlin(2, 10) + timedelta(seconds=1), "offers no visit"),
        (berlin(2, 10) + timedelta(microseconds=1), "offers no visit"),
        (berlin(9, 10), "up to 7 days ahead"),
        (berlin(1, 10).replace(year=9999, month=12, day=31, hour=23), "up to 7 days ahead"),
        (berlin(1, 10).replace(year=1), "already passed"),
    ],
)
def test_patients_book_only_what_is_offered_to_them(starts_at, sentence, doctor, patient):
    with pytest.raises(BookingRefused, match=sentence):
        book(doctor, patient, starts_at)
    assert Appointment.objects.count() == 0


def test_the_last_day_of_the_window_can_be_booked(doctor, patient):
    assert book(doctor, patient, berlin(8, 16, 30)).status == Status.BOOKED


def test_staff_book_a_year_ahead(doctor, patient, receptionist):
    assert book(doctor, patient, berlin(1, 10) + timedelta(days=365), receptionist)
    with pytest.raises(BookingRefused, match="365 days"):
        book(doctor, patient, berlin(1, 10) + timedelta(days=366), receptionist)


def test_shortest_notice_holds_for_patients_only(doctor, patient, receptionist, hospital):
    hospital.shortest_notice_minutes = 120
    hospital.save()
    with pytest.raises(BookingRefused, match="until 2 hours before"):
        book(doctor, patient, berlin(1, 9, 30))
    assert book(doctor, patient, berlin(1, 10))
    assert book(doctor, patient, berlin(1, 9, 30), receptionist)


def test_time_off_is_not_offered(doctor, patient):
    TimeOffFactory(doctor=doctor, starts_at=berlin(2, 10, 15), ends_at=berlin(2, 12))
    with pytest.raises(BookingConflict, match="is away"):
        book(doctor, patient, berlin(2, 10))
    assert book(doctor, patient, berlin(2, 12))


def test_extra_dates_have_slots_of_their_own(clock, patient):
    doctor = ExtraHoursFactory(date=date(2026, 6, 6), starts=time(10), ends=time(11), slot_minutes=20).doctor
    visit = book(doctor, patient, berlin(6, 10, 20))
    assert visit.minutes == 20
    with pytest.raises(BookingRefused):
        book(doctor, patient, berlin(6, 10, 30))


def test_hours_end_when_they_are_no_longer_valid(clock, patient):
    doctor = WorkingHoursFactory(weekday=2, valid_from=date(2026, 6, 3), valid_until=date(2026, 6, 9)).doctor
    assert book(doctor, patient, berlin(3, 10))
    with pytest.raises(BookingRefused, match="offers no visit"):
        book(doctor, patient, berlin(10, 10), None or DoctorFactory._meta.model.objects.get(pk=doctor.pk).user)


def test_patient_cannot_be_in_two_places(doctor, patient):
    other = AppointmentFactory(patient=patient, starts_at=berlin(2, 9, 45))
    with pytest.raises(BookingConflict, match=f"already have a visit with {other.doctor.name}"):
        book(doctor, patient, berlin(2, 10))


def test_doctor_is_not_told_whom_else_the_patient_sees(doctor, patient):
    AppointmentFactory(doctor=doctor, patient=patient, starts_at=berlin(1, 9))
    other = AppointmentFactory(patient=patient, starts_at=berlin(2, 10))
    with pytest.raises(BookingConflict, match="already has another visit") as refusal:
        book(doctor, patient, berlin(2, 10), doctor.user)
    assert other.doctor.name not in str(refusal.value)


@pytest.mark.parametrize("change", ["retired", "closed department", "blocked"])
def test_nobody_books_with_a_doctor_who_left(change, doctor, patient, receptionist, clock):
    if change == "retired":
        doctor.retired_at = berlin(1, 7)
        doctor.save()
    elif change == "closed department":
        doctor.department.retired_at = berlin(1, 7)
        doctor.department.save()
    else:
        doctor.user.is_active = False
        doctor.user.save()
    for by in (patient.user, receptionist):
        with pytest.raises(BookingConflict, match="any more"):
            book(doctor, patient, berlin(2, 10), by)


def test_only_staff_book_with_a_doctor_who_accepts_no_patients(doctor, patient, receptionist):
    doctor.accepting_patients = False
    doctor.save()
    with pytest.raises(BookingConflict, match="does not accept patients"):
        book(doctor, patient, berlin(2, 10))
    assert book(doctor, patient, berlin(2, 10), receptionist)


def test_nobody_books_for_the_dead_or_the_blocked(doctor, patient, receptionist):
    dead = PatientFactory(died_on=date(2026, 1, 1))
    with pytest.raises(BookingRefused, match="has died"):
        book(doctor, dead, berlin(2, 10), receptionist)
    patient.user.is_active, patient.user.blocked_at = False, berlin(1, 7)
    patient.user.save()
    with pytest.raises(BookingRefused, match="is blocked"):
        book(doctor, patient, berlin(2, 10), receptionist)


class TestWhoMayBook:
    def test_patients_only_for_themselves(self, doctor, patient):
        with pytest.raises(PermissionDenied):
            book(doctor, PatientFactory(), berlin(2, 10), patient.user)

    def test_doctors_only_with_themselves_and_for_their_patients(self, doctor, patient):
        with pytest.raises(PermissionDenied):
            book(doctor, patient, berlin(2, 10), doctor.user)
        AppointmentFactory(doctor=doctor, patient=patient, starts_at=berlin(1, 9))
        assert book(doctor, patient, berlin(2, 10), doctor.user)
        with pytest.raises(PermissionDenied):
            book(DoctorFactory(), patient, berlin(2, 11), doctor.user)

    def test_nobody_without_the_permission(self, doctor, patient):
        patient.user.groups.clear()
        with pytest.raises(PermissionDenied):
            book(doctor, patient, berlin(2, 10))

    def test_the_system_may(self, doctor, patient):
        visit = services.book(doctor=doctor, patient=patient, starts_at=berlin(2, 10), by=None)
        assert (visit.booked_by, visit.events.get().by_name) == (None, "HMS")


class TestOverbooking:
    def test_reception_overbooks_a_taken_time_with_a_reason(self, doctor, patient, receptionist):
        AppointmentFactory(doctor=doctor, starts_at=berlin(2, 10))
        visit = book(doctor, patient, berlin(2, 10), receptionist, overbook_reason=" Acute pain ")
        visit.refresh_from_db()
        assert (visit.lane, visit.overbook_reason, visit.minutes) == (Lane.OVERBOOKED, "Acute pain", 30)
        assert visit.events.get().reason == "Acute pain"
        entry = AuditEvent.objects.get(action="appointment.overbooked")
        assert "pain" not in str(entry.detail)

    def test_a_time_beside_the_offered_ones_takes_the_usual_length(self, doctor, patient, receptionist, hospital):
        hospital.default_slot_minutes = 20
        hospital.save()
        assert book(doctor, patient, berlin(2, 10, 10), receptionist, overbook_reason="Walk-in").minutes == 30
        evening = book(doctor, PatientFactory(), berlin(2, 20), receptionist, overbook_reason="Walk-in")
        assert (evening.minutes, evening.lane) == (20, Lane.OVERBOOKED)
        short = book(doctor, PatientFactory(), berlin(2, 21), receptionist, overbook_reason="Walk-in", minutes=10)
        assert short.minutes == 10

    def test_a_free_time_needs_no_overbooking(self, doctor, patient, receptionist):
        visit = book(doctor, patient, berlin(2, 10), receptionist, overbook_reason="Just in case")
        assert (visit.lane, visit.overbook_reason) == (Lane.NORMAL, "")

    def test_it_takes_a_reason(self, doctor, patient, receptionist):
        AppointmentFactory(doctor=doctor, starts_at=berlin(2, 10))
        with pytest.raises(BookingConflict):
            book(doctor, patient, berlin(2, 10), receptionist, overbook_reason="   ")

    def test_patients_and_doctors_may_not(self, doctor, patient):
        AppointmentFactory(doctor=doctor, starts_at=berlin(2, 10))
        AppointmentFactory(doctor=doctor, patient=patient, starts_at=berlin(1, 9))
        for by in (patient.user, doctor.user):
            with pytest.raises(PermissionDenied):
                book(doctor, patient, berlin(2, 10), by, overbook_reason="Please")

    def test_never_the_same_patient_twice(self, doctor, patient, receptionist):
        AppointmentFactory(patient=patient, starts_at=berlin(2, 10))
        with pytest.raises(BookingConflict, match="already has a visit"):
            book(doctor, patient, berlin(2, 10), receptionist, overbook_reason="Acute")

    @pytest.mark.parametrize(
        ("starts_at", "minutes", "sentence"),
        [
            (berlin(1, 7), None, "already passed"),
            (berlin(3, 12), None, "is away"),
            (berlin(2, 10, 10) + timedelta(seconds=3), None, "whole minute"),
            (berlin(2, 10, 10), 481, "between 1 and 480"),
            (berlin(1, 10) + timedelta(days=367), None, "365 days"),
        ],
    )
    def test_within_reason(self, starts_at, minutes, sentence, doctor, patient, receptionist):
        TimeOffFactory(doctor=doctor, starts_at=berlin(3, 0), ends_at=berlin(4, 0))
        with pytest.raises(BookingRefused, match=sentence):
            book(doctor, patient, starts_at, receptionist, overbook_reason="Acute", minutes=minutes)

    def test_this_very_minute_is_not_past(self, doctor, patient, receptionist, clock):
        clock.move_to(berlin(1, 8, 0) + timedelta(seconds=40))
        assert book(doctor, patient, berlin(1, 8, 0), receptionist, overbook_reason="Walk-in")


def test_when_clocks_jump_ahead_an_hour_is_missing(clock, patient, receptionist):
    doctor = WorkingHoursFactory(weekday=6, starts=time(0), ends=time(6)).doctor
    midnight = datetime(2027, 3, 27, 23, tzinfo=UTC)
    for number in range(10):  # 00:00 to 01:30 and 03:00 to 05:30
        assert book(doctor, PatientFactory(), midnight + timedelta(minutes=30 * number), receptionist)
    with pytest.raises(BookingRefused, match="offers no visit"):
        book(doctor, patient, midnight + timedelta(minutes=300), receptionist)


def test_an_hour_that_comes_twice_can_be_booked_twice(clock, receptionist):
    doctor = WorkingHoursFactory(weekday=6, starts=time(2), ends=time(3)).doctor
    first = berlin(25, 2, month=10)
    visits = [book(doctor, PatientFactory(), first + timedelta(minutes=30 * n), receptionist) for n in range(4)]
    assert len({visit.starts_at for visit in visits}) == 4
    with pytest.raises(BookingRefused):
        book(doctor, PatientFactory(), first + timedelta(minutes=120), receptionist)


class TestTheDatabasesLastWord:
    """Should ever a rival slip past the locks, its refusal is a conflict for people; any other refusal is a bug."""

    def refused(self, **change):
        with pytest.raises(IntegrityError) as refusal, transaction.atomic():
            AppointmentFactory(**change)
        return refusal.value

    def test_overlaps_become_conflicts(self, doctor, patient):
        AppointmentFactory(doctor=doctor, patient=patient, starts_at=berlin(2, 10))
        taken = self.refused(doctor=doctor, starts_at=berlin(2, 10))
        assert "just been taken" in str(conflict_from(taken))
        twice = self.refused(patient=patient, starts_at=berlin(2, 10))
        assert "another visit of this patient" in str(conflict_from(twice))

    def test_anything_else_goes_on_up(self, doctor):
        nonsense = self.refused(doctor=doctor, status="lost")
        with pytest.raises(IntegrityError):
            conflict_from(nonsense)
