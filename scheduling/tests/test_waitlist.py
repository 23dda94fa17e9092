"""The waiting list: freed times are offered in turn, held for a while, then offered to the next."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import AuditEvent, JobRun, Message, MessageState
from accounts.services import delivery
from clinic.models import CareRelationship, Hospital
from clinic.tests.factories import DoctorFactory, GuardianshipFactory, PatientFactory
from scheduling import services, tasks
from scheduling.models import (
    Appointment,
    AppointmentEvent,
    FreedTime,
    Status,
    WaitlistEntry,
    WaitlistOffer,
)
from scheduling.services import BookingConflict, BookingRefused, waitlist
from scheduling.tests.conftest import berlin
from scheduling.tests.factories import AppointmentFactory, TimeOffFactory, open_all_week
from scheduling.tests.waiting import NOON, join, link_of, offered_first, offered_to, sweep, three_in_turn


@pytest.fixture
def visit(doctor):
    """Wednesday at ten, about to be cancelled."""
    return AppointmentFactory(doctor=doctor, starts_at=berlin(3, 10), ends_at=berlin(3, 10, 30))


class TestJoining:
    def test_twice_is_once_with_the_new_wishes_and_the_old_place(self, doctor, patient, clock):
        first = join(patient, doctor)
        clock.move_to(NOON)
        again = join(patient, doctor, parts=1)
        assert (first.pk, first.joined_at, again.parts) == (again.pk, again.joined_at, 1)
        assert join(patient, doctor).department == doctor.department

    @pytest.mark.parametrize(
        "wrong",
        [{"until": date(2026, 5, 31)}, {"until": date(2028, 1, 1)}, {"weekdays": 0}, {"parts": 0}, {"parts": 8}],
    )
    def test_wishes_that_cannot_be_are_refused(self, doctor, patient, wrong):
        with pytest.raises(BookingRefused):
            join(patient, doctor, **wrong)

    def test_the_database_refuses_nonsense_too(self, doctor, patient):
        entry = join(patient, doctor)
        for wrong in ({"parts": 0}, {"weekdays": 128}, {"ended_at": NOON}, {"outcome": "left"}):
            with pytest.raises(IntegrityError), transaction.atomic():
                WaitlistEntry.objects.filter(pk=entry.pk).update(**wrong)
        with pytest.raises(IntegrityError), transaction.atomic():
            WaitlistEntry.objects.create(
                patient=patient, department=doctor.department, doctor=doctor, until=date(2026, 6, 30)
            )

    def test_nobody_joins_for_a_stranger(self, doctor, patient):
        for by in (PatientFactory().user, doctor.user):
            with pytest.raises(PermissionDenied):
                join(patient, doctor, by=by)

    def test_the_place_counts_who_wants_the_same_doctor(self, doctor, clock):
        entries = three_in_turn(doctor, clock)
        other = DoctorFactory(department=doctor.department)
        apart = join(PatientFactory(), other)
        anybody = waitlist.join(
            patient=PatientFactory(), department=doctor.department, until=date(2026, 6, 30), by=None
        )
        assert waitlist.places_of([*entries, apart, anybody]) == {
            **{entry.pk: number for number, entry in enumerate(entries)},
            apart.pk: 0,
            anybody.pk: 4,
        }


class TestOffering:
    def test_a_cancelled_time_goes_to_the_first_and_is_held(self, doctor, visit, clock, receptionist):
        first, *_others = three_in_turn(doctor, clock)
        services.cancel(visit, by=receptionist)
        assert sweep() == {"offered": 1, "lapsed": 0, "failed": 0}
        assert offered_to() == [first]
        held = Appointment.objects.get(status=Status.HELD)
        assert (held.patient, held.starts_at, held.held_until) == (first.patient, berlin(3, 10), berlin(1, 14))
        assert not CareRelationship.objects.filter(patient=first.patient).exists()
        message = Message.objects.get(kind="appointment.offer")
        assert "held for you until Mon 1 Jun, 14:00 (Europe/Berlin)" in message.text
        assert sweep()["offered"] == 0

    def test_who_moves_a_visit_frees_its_time(self, doctor, visit, clock, receptionist):
        first, *_others = three_in_turn(doctor, clock)
        services.reschedule(visit, starts_at=berlin(4, 9), by=receptionist)
        sweep()
        assert (offered_to(), WaitlistOffer.objects.get().freed.starts_at) == ([first], berlin(3, 10))

    def test_nothing_is_remembered_where_nobody_waits(self, visit, receptionist):
        services.cancel(visit, by=receptionist)
        assert not FreedTime.objects.exists()

    def test_a_time_of_which_the_doctor_is_away_is_offered_to_nobody(self, doctor, visit, clock, receptionist):
        three_in_turn(doctor, clock)
        TimeOffFactory(doctor=doctor, starts_at=berlin(3, 0), ends_at=berlin(4, 0))
        services.cancel(visit, by=receptionist)
        assert sweep()["offered"] == 0
        assert FreedTime.objects.get().done_at == NOON

    @pytest.mark.parametrize("wishes", [{"weekdays": 127 - 4}, {"parts": 6}, {"until": date(2026, 6, 2)}])
    def test_whom_it_does_not_suit_is_passed_over(self, doctor, visit, clock, receptionist, wishes):
        join(PatientFactory(), doctor, **wishes)
        clock.move_to(NOON)
        second = join(PatientFactory(), doctor, weekdays=4, parts=1)
        services.cancel(visit, by=receptionist)
        sweep()
        assert offered_to() == [second]

    def test_who_has_another_visit_then_is_passed_over(self, doctor, visit, clock, receptionist):
        first, second, _third = three_in_turn(doctor, clock)
        AppointmentFactory(patient=first.patient, starts_at=berlin(3, 9, 45), ends_at=berlin(3, 10, 15))
        services.cancel(visit, by=receptionist)
        sweep()
        assert offered_to() == [second]

    def test_who_waits_for_anybody_of_the_department_has_the_same_turn(self, doctor, visit, clock, receptionist):
        anybody = waitlist.join(
            patient=PatientFactory(), department=doctor.department, until=date(2026, 6, 30), by=None
        )
        clock.move_to(NOON)
        join(PatientFactory(), doctor)
        services.cancel(visit, by=receptionist)
        sweep()
        assert offered_to() == [anybody]

    def test_nothing_is_offered_that_begins_too_soon(self, doctor, visit, clock, receptionist):
        three_in_turn(doctor, clock)
        clock.move_to(berlin(3, 8, 50))
        services.cancel(visit, by=receptionist)
        assert sweep()["offered"] == 0
        assert not Appointment.objects.filter(status=Status.HELD).exists()

    def test_the_hospitals_notice_counts(self, doctor, visit, clock, receptionist):
        three_in_turn(doctor, clock)
        Hospital.objects.update(shortest_notice_minutes=60 * 48)
        services.cancel(visit, by=receptionist)
        assert sweep()["offered"] == 0

    def test_nobody_is_asked_at_night_and_the_night_does_not_count(self, doctor, visit, clock, receptionist):
        first, second, _third = three_in_turn(doctor, clock)
        services.cancel(visit, by=receptionist)
        clock.move_to(berlin(1, 20, 30))
        sweep()
        assert WaitlistOffer.objects.get().expires_at == berlin(2, 9, 30)
        waitlist.decline(WaitlistOffer.objects.get(), by=first.patient.user)
        clock.move_to(berlin(1, 23))
        assert sweep()["offered"] == 0
        clock.move_to(berlin(2, 8))
        assert sweep()["offered"] == 1
        assert offered_to() == [second]

    def test_two_freed_times_go_to_two_people(self, doctor, visit, clock, receptionist):
        first, second, _third = three_in_turn(doctor, clock)
        other = AppointmentFactory(doctor=doctor, starts_at=berlin(3, 11), ends_at=berlin(3, 11, 30))
        for one in (visit, other):
            services.cancel(one, by=receptionist)
        sweep()
        assert offered_to() == [second, first]

    def test_a_held_time_is_free_for_nobody_else(self, doctor, visit, clock, receptionist, patient):
        three_in_turn(doctor, clock)
        services.cancel(visit, by=receptionist)
        sweep()
        with pytest.raises(BookingConflict):
            services.book(doctor=doctor, patient=patient, starts_at=berlin(3, 10), by=receptionist)

    def test_each_guardian_of_a_child_is_written_to(self, doctor, visit, receptionist, clock):
        child = PatientFactory(user=None)
        for _number in range(2):
            GuardianshipFactory(patient=child)
        join(child, doctor)
        clock.move_to(NOON)
        services.cancel(visit, by=receptionist)
        sweep()
        assert Message.objects.filter(kind="appointment.offer").count() == 2


@pytest.fixture
def offer(visit, clock, receptionist):
    return offered_first(visit, clock, by=receptionist)


class TestAnswering:
    def test_accepting_books_it_and_ends_the_waiting(self, offer, client, doctor):
        link = link_of("First Comer")
        for _twice in range(2):
            assert client.post(link, {"answer": "accept"}).status_code == 302
        booked = Appointment.objects.get(patient=offer.entry.patient)
        assert (booked.status, booked.held_until, booked.starts_at) == (Status.BOOKED, None, berlin(3, 10))
        (event,) = AppointmentEvent.objects.filter(appointment=booked)
        assert (event.kind, event.by_name) == ("booked", "By a link sent to First Comer")
        assert CareRelationship.objects.current().filter(patient=booked.patient, doctor=doctor).exists()
        assert Message.objects.filter(kind="appointment.booked").count() == 1
        offer.entry.refresh_from_db()
        assert offer.entry.outcome == WaitlistEntry.Outcome.BOOKED
        assert FreedTime.objects.get().done_at is not None
        assert "The visit is booked" in client.get(link).content.decode()
        assert sweep()["offered"] == 0

    def test_opening_the_link_changes_nothing_and_says_little(self, offer, client):
        page = client.get(link_of("First Comer"))
        body = page.content.decode()
        assert (page.status_code, "no-store" in page.headers["Cache-Control"]) == (200, True)
        assert "Do you want this time?" in body
        assert "Comer" not in body
        assert WaitlistOffer.objects.open().count() == 1

    def test_declining_gives_it_to_the_next_once_and_keeps_the_place(self, offer, client):
        link = link_of("First Comer")
        for _twice in range(2):
            assert client.post(link, {"answer": "decline"}).status_code == 302
        assert sweep()["offered"] == 1
        (held,) = offered_to()
        assert held.patient.name == "Second Comer"
        offer.entry.refresh_from_db()
        assert offer.entry.ended_at is None
        assert client.post(link, {"answer": "accept"}).status_code == 409
        assert Appointment.objects.filter(patient=offer.entry.patient).count() == 0

    def test_an_offer_that_lapses_goes_along_the_list_and_never_back(self, offer, clock, client):
        names = []
        for hour in (12, 14, 16, 18):
            clock.move_to(berlin(1, hour, 1))
            sweep()
            names += [entry.patient.name for entry in offered_to()]
        assert names == ["First Comer", "Second Comer", "Third Comer"]
        assert FreedTime.objects.get().done_at is not None
        assert not Appointment.objects.filter(status=Status.HELD).exists()
        assert client.post(link_of("First Comer"), {"answer": "accept"}).status_code == 409
        assert "This offer is over" in client.get(link_of("First Comer")).content.decode()
        assert WaitlistEntry.objects.waiting().count() == 3

    def test_who_let_one_lapse_is_first_again_for_the_next_time(self, offer, clock, doctor, receptionist):
        clock.move_to(berlin(1, 14, 1))
        other = AppointmentFactory(doctor=doctor, starts_at=berlin(4, 10), ends_at=berlin(4, 10, 30))
        services.cancel(other, by=receptionist)
        sweep()
        held = {one.freed.starts_at: one.entry.patient.name for one in WaitlistOffer.objects.open()}
        assert held == {berlin(3, 10): "Second Comer", berlin(4, 10): "First Comer"}

    def test_with_a_dead_worker_a_lapsed_offer_blocks_nobody(self, offer, clock, patient, receptionist, doctor):
        clock.move_to(berlin(1, 14, 1))
        assert services.book(doctor=doctor, patient=patient, starts_at=berlin(3, 10), by=patient.user)
        offer.refresh_from_db()
        assert offer.outcome == WaitlistOffer.Outcome.LAPSED
        assert sweep() == {"offered": 0, "lapsed": 0, "failed": 0}
        assert FreedTime.objects.get().done_at is not None

    def test_a_lapsed_offer_does_not_keep_its_own_patient_from_booking(self, offer, clock, receptionist):
        other = DoctorFactory()
        open_all_week(other)
        clock.move_to(berlin(1, 14, 1))
        who = offer.entry.patient
        assert services.book(doctor=other, patient=who, starts_at=berlin(3, 10), by=receptionist)

    def test_the_doctor_goes_on_leave_while_it_is_held(self, offer, client, doctor):
        TimeOffFactory(doctor=doctor, starts_at=berlin(3, 0), ends_at=berlin(4, 0))
        page = client.post(link_of("First Comer"), {"answer": "accept"})
        assert (page.status_code, "is away at that time" in page.content.decode()) == (409, True)

    def test_an_offer_is_not_cancelled_and_not_written_on(self, offer, receptionist):
        held = offer.appointment
        with pytest.raises(BookingConflict):
            services.cancel(held, by=receptionist)
        with pytest.raises(BookingConflict):
            services.annotate(held, notes="Wheelchair", by=receptionist)

    def test_leaving_the_list_gives_the_time_to_the_next(self, offer):
        waitlist.leave(offer.entry, by=offer.entry.patient.user)
        waitlist.leave(offer.entry, by=offer.entry.patient.user)
        sweep()
        assert [entry.patient.name for entry in offered_to()] == ["Second Comer"]
        assert AuditEvent.objects.filter(action="waitlist.left").count() == 1

    def test_no_mail_about_an_offer_that_is_over(self, offer, clock):
        message = Message.objects.get(kind="appointment.offer")
        clock.move_to(berlin(1, 14, 1))
        assert delivery.deliver(message.pk) == MessageState.OBSOLETE

    def test_nonsense_and_forged_links(self, offer, client):
        link = link_of("First Comer")
        assert client.post(link, {"answer": "maybe"}).status_code == 422
        assert client.get(reverse("scheduling:offer-answer", args=["nothing"])).status_code == 404

    def test_who_leaves_the_hospital_waits_no_more(self, offer):
        waitlist.forget_waiting(offer.entry.patient)
        assert not offer.links.exists()
        assert [one.patient.name for one in WaitlistEntry.objects.waiting()] == ["Second Comer", "Third Comer"]


class TestTheJob:
    def test_it_and_its_command_do_the_same(self, doctor, visit, clock, receptionist, capsys):
        three_in_turn(doctor, clock)
        services.cancel(visit, by=receptionist)
        call_command("offer_freed_times", "--dry-run")
        said = capsys.readouterr().out
        assert "Dr Ada Okafor Wed 3 Jun, 10:00" in said
        assert not WaitlistOffer.objects.exists()
        tasks.offer_freed_times()
        assert WaitlistOffer.objects.count() == 1
        assert JobRun.objects.get().task == "scheduling.tasks.offer_freed_times"
        call_command("offer_freed_times")

    def test_one_time_that_fails_stops_no_other(self, doctor, visit, clock, receptionist, monkeypatch):
        three_in_turn(doctor, clock)
        other = AppointmentFactory(doctor=doctor, starts_at=berlin(2, 11), ends_at=berlin(2, 11, 30))
        for one in (visit, other):
            services.cancel(one, by=receptionist)
        real = waitlist._offer_to_somebody

        def sometimes(freed):
            if freed.starts_at == other.starts_at:
                raise RuntimeError("broken")
            return real(freed)

        monkeypatch.setattr(waitlist, "_offer_to_somebody", sometimes)
        assert sweep() == {"offered": 1, "lapsed": 0, "failed": 1}

    def test_whoever_waited_until_the_last_day_is_taken_off(self, doctor, patient, clock):
        join(patient, doctor, until=date(2026, 6, 1))
        clock.move_to(berlin(2, 12))
        sweep()
        assert WaitlistEntry.objects.get().outcome == WaitlistEntry.Outcome.OVER

    def test_it_is_scheduled(self, db):
        from django_celery_beat.models import PeriodicTask

        assert PeriodicTask.objects.get(task="scheduling.tasks.offer_freed_times").enabled
