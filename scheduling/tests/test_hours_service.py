"""Working hours, extra dates and time off: what the services allow, what they write, and whom they strand."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import AuditEvent
from clinic.tests.factories import DoctorFactory
from scheduling import services, stranded
from scheduling.models import ExtraHours, Lane, Status, TimeOff, WorkingHours
from scheduling.services import BookingConflict, HoursRefused, VisitsAffected
from scheduling.tests.conftest import MONDAY_MORNING, berlin
from scheduling.tests.factories import (
    AppointmentFactory,
    ExtraHoursFactory,
    TimeOffFactory,
    WorkingHoursFactory,
    open_all_week,
)

NINE_TO_ONE = {"starts": time(9), "ends": time(13), "slot_minutes": 30}


@pytest.fixture
def newcomer(clock):
    """A doctor without any hours."""
    return DoctorFactory(name="Dr New Comer")


def add(doctor, **fields):
    values = {"weekday": 0, **NINE_TO_ONE, "by": doctor.user, **fields}
    return services.add_hours(doctor=doctor, **values)


def add_off(doctor, starts_at, ends_at, **more):
    return services.add_time_off(doctor=doctor, starts_at=starts_at, ends_at=ends_at, by=doctor.user, **more)


def test_a_doctor_opens_a_calendar(newcomer):
    hours = add(newcomer)
    assert (hours.weekday, hours.starts, hours.ends, hours.slot_minutes) == (0, time(9), time(13), 30)
    entry = AuditEvent.objects.get(action="hours.added")
    assert (entry.actor_id, entry.target_id, entry.detail["doctor"]) == (newcomer.user.pk, hours.pk, newcomer.pk)


def test_slots_are_as_long_as_the_hospital_says_unless_told(newcomer, hospital):
    hospital.default_slot_minutes = 20
    hospital.save()
    assert add(newcomer, slot_minutes=None).slot_minutes == 20


def test_the_same_hours_twice_are_one_row(newcomer):
    assert add(newcomer) == add(newcomer)
    assert AuditEvent.objects.filter(action="hours.added").count() == 1


def test_hours_on_several_days_are_all_or_nothing(newcomer):
    add(newcomer, weekday=2)
    values = {"doctor": newcomer, "by": newcomer.user, "starts": time(12), "ends": time(15), "slot_minutes": 30}
    with pytest.raises(HoursRefused, match="On Wednesday these hours overlap 09:00–13:00"):
        services.add_hours_on([0, 1, 2], **values)
    assert WorkingHours.objects.count() == 1
    services.add_hours_on([0, 1, 3], **values)
    assert sorted(WorkingHours.objects.values_list("weekday", flat=True)) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"ends": time(9)}, "ends"),
        ({"ends": time(8)}, "ends"),
        ({"starts": time(23, 50), "ends": time(0)}, "slot_minutes"),
        ({"slot_minutes": 241}, "slot_minutes"),
        ({"slot_minutes": 4}, "slot_minutes"),
        ({"slot_minutes": 481, "starts": time(0), "ends": time(0)}, "slot_minutes"),
        ({"valid_from": date(2026, 6, 2), "valid_until": date(2026, 6, 1)}, "valid_until"),
    ],
)
def test_hours_that_cannot_be_are_refused_beside_their_field(newcomer, fields, field):
    with pytest.raises(HoursRefused) as refused:
        add(newcomer, **fields)
    assert refused.value.field == field
    assert not WorkingHours.objects.exists()


def test_hours_may_end_at_midnight(newcomer):
    assert add(newcomer, starts=time(18), ends=time(0)).ends == time(0)
    with pytest.raises(HoursRefused, match="overlap"):
        add(newcomer, starts=time(23), ends=time(23, 30))


@pytest.mark.parametrize(
    ("theirs", "ours", "overlap"),
    [
        ((None, None), (None, None), True),
        ((None, date(2026, 6, 30)), (date(2026, 7, 1), None), False),
        ((None, date(2026, 6, 30)), (date(2026, 6, 30), None), True),
        ((date(2026, 7, 1), None), (None, date(2026, 6, 30)), False),
        ((date(2026, 7, 1), date(2026, 7, 31)), (None, None), True),
        ((date(2026, 7, 1), date(2026, 7, 31)), (date(2026, 8, 1), date(2026, 8, 2)), False),
    ],
)
def test_hours_overlap_only_while_both_are_valid(newcomer, theirs, ours, overlap):
    add(newcomer, valid_from=theirs[0], valid_until=theirs[1])
    asked = {"starts": time(12), "ends": time(14), "valid_from": ours[0], "valid_until": ours[1]}
    if overlap:
        with pytest.raises(HoursRefused):
            add(newcomer, **asked)
    else:
        add(newcomer, **asked)


def test_hours_that_touch_do_not_overlap_nor_those_of_another_doctor(newcomer):
    add(newcomer)
    add(newcomer, starts=time(13), ends=time(15))
    add(newcomer, starts=time(8), ends=time(9))
    add(DoctorFactory())
    assert WorkingHours.objects.count() == 4


def test_changing_hours_leaves_out_the_row_itself_when_looking_for_overlaps(newcomer):
    hours = add(newcomer)
    services.change_hours(hours, by=newcomer.user, ends=time(12))
    hours.refresh_from_db()
    assert hours.ends == time(12)
    assert AuditEvent.objects.get(action="hours.changed").detail["before"] == "Monday 09:00–13:00"


def test_a_change_that_changes_nothing_leaves_no_trace(newcomer):
    services.change_hours(add(newcomer), by=newcomer.user, **NINE_TO_ONE)
    assert not AuditEvent.objects.filter(action="hours.changed").exists()


def test_what_has_been_removed_cannot_be_changed(newcomer):
    hours = add(newcomer)
    services.remove_hours(hours, by=newcomer.user)
    with pytest.raises(BookingConflict, match="removed this"):
        services.change_hours(hours, by=newcomer.user, ends=time(12))


def test_removing_twice_is_removing_once(newcomer):
    hours = WorkingHours.objects.get(pk=add(newcomer).pk)
    again = WorkingHours.objects.get(pk=hours.pk)
    services.remove_hours(hours, by=newcomer.user)
    services.remove_hours(again, by=newcomer.user)
    assert AuditEvent.objects.filter(action="hours.removed").count() == 1


def test_only_the_doctor_and_administrators_change_hours(newcomer, receptionist, administrator, patient):
    for stranger in (receptionist, patient.user, DoctorFactory().user):
        with pytest.raises(PermissionDenied):
            add(newcomer, by=stranger)
    assert add(newcomer, by=administrator).pk


def test_an_extra_date_is_open_beside_the_weekly_hours(doctor):
    extra = services.add_extra(doctor=doctor, date=date(2026, 6, 6), starts=time(18), ends=time(20), by=doctor.user)
    assert (extra.date, extra.slot_minutes) == (date(2026, 6, 6), 30)


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"date": date(2026, 5, 31)}, "date", "has passed"),
        ({"date": date(2036, 5, 31)}, "date", "years ahead"),
        ({"ends": time(17)}, "ends", "after the beginning"),
        ({"starts": time(16), "ends": time(18)}, "starts", "hours from 09:00–17:00"),
        ({"starts": time(20), "ends": time(22)}, "starts", "hours from 19:00–21:00"),
        ({"slot_minutes": 90, "ends": time(19)}, "slot_minutes", "does not fit"),
    ],
)
def test_extra_dates_that_cannot_be_are_refused(doctor, fields, field, words):
    ExtraHoursFactory(doctor=doctor, date=date(2026, 6, 6), starts=time(19), ends=time(21))
    values = {"date": date(2026, 6, 6), "starts": time(18), "ends": time(19), "slot_minutes": 30, **fields}
    with pytest.raises(HoursRefused, match=words) as refused:
        services.add_extra(doctor=doctor, by=doctor.user, **values)
    assert refused.value.field == field
    assert ExtraHours.objects.count() == 1


def test_time_off_strands_visits_that_the_person_has_not_seen(doctor):
    visit = AppointmentFactory(doctor=doctor, starts_at=berlin(3, 10))
    AppointmentFactory(doctor=doctor, starts_at=berlin(4, 10))
    with pytest.raises(VisitsAffected) as affected:
        add_off(doctor, berlin(3, 0), berlin(4, 0), seen=[])
    assert affected.value.visits == [visit]
    assert not TimeOff.objects.exists()
    add_off(doctor, berlin(3, 0), berlin(4, 0), seen=[visit.pk])
    visit.refresh_from_db()
    assert visit.status == Status.BOOKED
    assert stranded.of_doctor(doctor, now=MONDAY_MORNING) == [visit]


def test_time_off_asks_again_when_another_visit_was_booked_meanwhile(doctor):
    seen = AppointmentFactory(doctor=doctor, starts_at=berlin(3, 10))
    late = AppointmentFactory(doctor=doctor, starts_at=berlin(3, 11))
    with pytest.raises(VisitsAffected) as affected:
        add_off(doctor, berlin(3, 0), berlin(4, 0), seen=[seen.pk])
    assert affected.value.visits == [seen, late]


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "field"),
    [
        (berlin(3, 10), berlin(3, 10), "until_day"),
        (berlin(3, 10), berlin(3, 9), "until_day"),
        (MONDAY_MORNING - timedelta(days=2), MONDAY_MORNING, "until_day"),
        (MONDAY_MORNING - timedelta(days=500), berlin(3, 9), "from_day"),
        (berlin(3, 9), MONDAY_MORNING + timedelta(days=3650), "until_day"),
        (berlin(10, 9), berlin(10, 15), "from_day"),
    ],
)
def test_time_off_that_cannot_be_is_refused(doctor, starts_at, ends_at, field):
    TimeOffFactory(doctor=doctor, starts_at=berlin(10, 0), ends_at=berlin(12, 0))
    with pytest.raises(HoursRefused) as refused:
        add_off(doctor, starts_at, ends_at)
    assert refused.value.field == field
    assert TimeOff.objects.count() == 1


def test_the_reason_for_time_off_stays_out_of_the_audit_trail(doctor):
    add_off(doctor, berlin(3, 0), berlin(4, 0), reason="operation on my knee")
    entry = AuditEvent.objects.get(action="time_off.added")
    assert "knee" not in f"{entry.detail} {entry.target_label}"


def test_a_doctor_who_fell_ill_this_morning_is_away_from_now(doctor):
    off = add_off(doctor, MONDAY_MORNING - timedelta(hours=1), berlin(2, 0))
    services.change_time_off(off, by=doctor.user, ends_at=berlin(3, 0))
    off.refresh_from_db()
    assert off.ends_at == berlin(3, 0)
    services.remove_time_off(off, by=doctor.user)
    assert not TimeOff.objects.exists()


def test_removing_hours_strands_the_visits_in_them(doctor):
    visit = AppointmentFactory(doctor=doctor, starts_at=berlin(2, 10))
    tuesday = doctor.working_hours.get(weekday=1)
    assert stranded.by_removing(tuesday, now=MONDAY_MORNING) == [visit]
    with pytest.raises(VisitsAffected):
        services.remove_hours(tuesday, by=doctor.user, seen=[])
    assert doctor.working_hours.count() == 7
    services.remove_hours(tuesday, by=doctor.user, seen=[visit.pk])
    assert stranded.of_doctor(doctor, now=MONDAY_MORNING) == [visit]


def test_shorter_hours_strand_what_no_longer_fits(doctor):
    fits = AppointmentFactory(doctor=doctor, starts_at=berlin(2, 11, 30))
    late = AppointmentFactory(doctor=doctor, starts_at=berlin(2, 12, 0))
    tuesday = doctor.working_hours.get(weekday=1)
    with pytest.raises(VisitsAffected) as affected:
        services.change_hours(tuesday, by=doctor.user, seen=[], ends=time(12))
    assert affected.value.visits == [late]
    assert fits not in affected.value.visits


def test_removing_an_extra_date_strands_the_visits_on_it(newcomer):
    extra = ExtraHoursFactory(doctor=newcomer, date=date(2026, 6, 6))
    visit = AppointmentFactory(doctor=newcomer, starts_at=berlin(6, 9))
    assert stranded.of_doctor(newcomer, now=MONDAY_MORNING) == []
    assert stranded.by_removing(extra, now=MONDAY_MORNING) == [visit]
    services.remove_extra(extra, by=newcomer.user, seen=[visit.pk])
    assert stranded.of_doctor(newcomer, now=MONDAY_MORNING) == [visit]


def test_only_visits_that_wait_can_be_stranded(newcomer):
    for status in Status.values:
        AppointmentFactory(doctor=newcomer, starts_at=berlin(2, 10), status=status, lane=Lane.HISTORY)
        AppointmentFactory(
            doctor=newcomer, starts_at=berlin(2, 10) - timedelta(days=9), status=status, lane=Lane.HISTORY
        )
    TimeOffFactory(doctor=newcomer, starts_at=berlin(2, 0), ends_at=berlin(3, 0))
    found = stranded.of_doctor(newcomer, now=MONDAY_MORNING)
    assert [visit.status for visit in found] == [Status.HELD, Status.BOOKED, Status.CHECKED_IN]


def test_an_overbooked_visit_needs_no_open_hours_but_a_doctor_who_is_there(newcomer):
    visit = AppointmentFactory(
        doctor=newcomer, starts_at=berlin(2, 20), lane=Lane.OVERBOOKED, overbook_reason="emergency"
    )
    assert stranded.of_doctor(newcomer, now=MONDAY_MORNING) == []
    TimeOffFactory(doctor=newcomer, starts_at=berlin(2, 20, 15), ends_at=berlin(3, 0))
    assert stranded.of_doctor(newcomer, now=MONDAY_MORNING) == [visit]


def test_a_visit_over_two_blocks_that_touch_is_covered(newcomer):
    WorkingHoursFactory(doctor=newcomer, weekday=1, starts=time(9), ends=time(10))
    WorkingHoursFactory(doctor=newcomer, weekday=1, starts=time(10), ends=time(0))
    WorkingHoursFactory(doctor=newcomer, weekday=2, starts=time(0), ends=time(1))
    AppointmentFactory(doctor=newcomer, starts_at=berlin(2, 9, 45))
    AppointmentFactory(doctor=newcomer, starts_at=berlin(2, 23, 45))
    assert stranded.of_doctor(newcomer, now=MONDAY_MORNING) == []


def test_a_visit_in_the_hour_that_comes_twice_is_covered(newcomer, clock):
    zone = ZoneInfo("Europe/Berlin")
    clock.move_to(datetime(2026, 10, 20, 6, tzinfo=zone))
    WorkingHoursFactory(doctor=newcomer, weekday=6, starts=time(2), ends=time(3))
    for hour in (0, 1):  # half past two, both times
        AppointmentFactory(doctor=newcomer, starts_at=datetime(2026, 10, 25, hour, 30, tzinfo=UTC))
    assert stranded.of_doctor(newcomer, now=datetime(2026, 10, 20, 6, tzinfo=zone)) == []


@pytest.mark.parametrize("visits", [1, 3])
def test_stranded_visits_cost_the_same_however_many(visits, newcomer, django_assert_num_queries):
    for number in range(visits):
        AppointmentFactory(doctor=newcomer, starts_at=berlin(2 + number, 10))
    with django_assert_num_queries(6):
        assert len([visit.patient.name for visit in stranded.of_doctor(newcomer, now=MONDAY_MORNING)]) == visits


def test_hours_open_and_close_what_patients_can_book(newcomer, patient):
    open_all_week(newcomer)
    visit = services.book(doctor=newcomer, patient=patient, starts_at=berlin(2, 10), by=patient.user)
    add_off(newcomer, berlin(3, 0), berlin(4, 0))
    with pytest.raises(BookingConflict, match="away"):
        services.reschedule(visit, starts_at=berlin(3, 10), by=patient.user)
