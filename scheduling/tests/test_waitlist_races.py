"""Freed times, offers and answers at the same moment: real threads on the real database."""

from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Message
from clinic.models import Hospital
from clinic.tests.factories import DepartmentFactory, DoctorFactory, PatientFactory
from scheduling.models import Appointment, FreedTime, Status, WaitlistEntry, WaitlistOffer
from scheduling.services import BookingRefused, book, cancel, reschedule, waitlist
from scheduling.tests.factories import AppointmentFactory, open_all_week
from scheduling.tests.test_races import all_at_once

pytestmark = pytest.mark.slow
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def doctor(transactional_db):
    """A hospital in UTC at noon, and a doctor who is there day and night."""
    Hospital.objects.update(time_zone="UTC", booking_window_days=7, shortest_notice_minutes=0)
    with time_machine.travel(NOON, tick=True):
        doctor = DoctorFactory(department=DepartmentFactory())
        open_all_week(doctor, starts=time(0), ends=time(0), minutes=30)
        yield doctor


def tomorrow(hour):
    return datetime.combine(NOON.date() + timedelta(days=1), time(hour), tzinfo=UTC)


def waiting(doctor, number):
    wish = {"department": doctor.department, "doctor": doctor, "until": NOON.date() + timedelta(days=20), "by": None}
    return [waitlist.join(patient=PatientFactory(), **wish) for _number in range(number)]


def freed(doctor, *hours):
    """Visits that have just been cancelled."""
    for hour in hours:
        cancel(AppointmentFactory(doctor=doctor, starts_at=tomorrow(hour)), by=None)


def held_for(doctor):
    """An offer to the first of two."""
    waiting(doctor, 2)
    freed(doctor, 10)
    waitlist.offer_freed_times()
    return WaitlistOffer.objects.with_people().get()


def again(offer):
    return WaitlistOffer.objects.with_people().get(pk=offer.pk)


def attempt(act, *args, **kwargs):
    try:
        return act(*args, **kwargs) or "done"
    except BookingRefused as refusal:
        return refusal


def test_six_workers_offer_one_time_once(doctor):
    entries = waiting(doctor, 6)
    freed(doctor, 10)
    results = all_at_once([waitlist.offer_freed_times] * 6)
    assert sum(result["offered"] for result in results) == 1
    assert sum(result["failed"] for result in results) == 0
    assert WaitlistOffer.objects.get().entry == entries[0]
    assert Appointment.objects.filter(status=Status.HELD).count() == 1
    assert Message.objects.filter(kind="appointment.offer").count() == 1


def test_workers_share_out_three_times_in_turn(doctor):
    entries = waiting(doctor, 5)
    freed(doctor, 10, 11, 12)
    results = all_at_once([waitlist.offer_freed_times] * 4)
    assert sum(result["failed"] for result in results) == 0
    waitlist.offer_freed_times()  # whoever met another worker leaves the rest to the next tick
    assert {offer.entry_id for offer in WaitlistOffer.objects.open()} == {entry.pk for entry in entries[:3]}
    assert Appointment.objects.filter(status=Status.HELD).count() == 3


def test_accepting_six_times_books_once(doctor):
    offer = held_for(doctor)
    results = all_at_once([lambda: attempt(waitlist.accept, again(offer), by=offer.entry.patient.user)] * 6)
    assert all(isinstance(result, Appointment) for result in results)
    assert Message.objects.filter(kind="appointment.booked").count() == 1


def test_of_accepting_and_declining_one_counts(doctor):
    for _round in range(4):
        offer = held_for(doctor)
        acts = (waitlist.accept, waitlist.decline)
        accepted, _declined = all_at_once(
            [lambda act=act, o=offer: attempt(act, again(o), by=o.entry.patient.user) for act in acts]
        )
        visit = Appointment.objects.filter(patient=offer.entry.patient).first()
        assert isinstance(accepted, Appointment) == (visit is not None and visit.status == Status.BOOKED)
        assert again(offer).outcome == ("accepted" if visit else "declined")
        for rows in (WaitlistOffer.objects.all(), FreedTime.objects.all(), WaitlistEntry.objects.all()):
            clear(rows)


def clear(rows):
    for offer in rows.model.objects.all() if rows.model is WaitlistOffer else ():
        offer.links.all().delete()
    Appointment.objects.all().update(status=Status.CANCELLED)
    rows.delete()


def test_when_its_time_is_over_an_offer_goes_on_or_is_booked_by_somebody_but_not_both(doctor):
    offer, other = held_for(doctor), PatientFactory()
    WaitlistOffer.objects.update(expires_at=NOON)
    Appointment.objects.filter(status=Status.HELD).update(held_until=NOON)
    results = all_at_once(
        [
            waitlist.offer_freed_times,
            lambda: attempt(book, doctor=doctor, patient=other, starts_at=tomorrow(10), by=other.user),
            lambda: attempt(waitlist.accept, again(offer), by=offer.entry.patient.user),
        ]
    )
    assert results[0]["failed"] == 0
    assert not isinstance(results[2], Appointment)
    (visit,) = Appointment.objects.blocking().filter(doctor=doctor, starts_at=tomorrow(10))
    assert (visit.patient == other) == isinstance(results[1], Appointment)
    assert visit.patient != offer.entry.patient


def test_somebody_books_a_time_while_it_is_offered(doctor):
    for _round in range(3):
        waiting(doctor, 1)
        hour = 8 + _round
        freed(doctor, hour)
        other = PatientFactory()
        results = all_at_once(
            [
                waitlist.offer_freed_times,
                lambda o=other, h=hour: attempt(book, doctor=doctor, patient=o, starts_at=tomorrow(h), by=o.user),
            ]
        )
        assert results[0]["failed"] == 0
        (visit,) = Appointment.objects.blocking().filter(doctor=doctor, starts_at=tomorrow(hour))
        assert (visit.status == Status.BOOKED) == isinstance(results[1], Appointment)


def test_the_same_visit_is_moved_and_cancelled_and_its_time_is_free_once(doctor):
    waiting(doctor, 3)
    visit = AppointmentFactory(doctor=doctor, starts_at=tomorrow(10))
    seen = [Appointment.objects.select_related("doctor", "patient").get(pk=visit.pk) for _number in range(2)]
    all_at_once(
        [
            lambda: attempt(cancel, seen[0], by=None),
            lambda: attempt(reschedule, seen[1], starts_at=tomorrow(15), by=None),
        ]
    )
    waitlist.offer_freed_times()
    assert WaitlistOffer.objects.filter(freed__starts_at=tomorrow(10)).count() == 1


def test_leaving_meets_the_offer(doctor):
    for _round in range(3):
        (entry,) = waiting(doctor, 1)
        freed(doctor, 8 + _round)
        results = all_at_once([waitlist.offer_freed_times, lambda e=entry: waitlist.leave(e, by=None)])
        assert results[0]["failed"] == 0
        waitlist.offer_freed_times()
        if held := Appointment.objects.filter(status=Status.HELD).first():
            pytest.fail(f"{held.patient} has left and is held a time")


def test_the_clock_of_these_tests_is_by_day(doctor):
    assert 8 <= timezone.now().hour < 21
