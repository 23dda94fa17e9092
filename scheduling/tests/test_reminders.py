"""Reminders: due by the hospital's clock, each once, true when they go out, made up for after an outage."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection
from django_celery_beat.models import PeriodicTask

from accounts import consents, outbox
from accounts.models import ConsentKind, How, Message, MessageState
from accounts.services import answer, delivery
from accounts.tests.factories import UserFactory
from clinic.models import Hospital
from clinic.tests.factories import DoctorFactory, GuardianshipFactory, PatientFactory
from scheduling import due, services
from scheduling.models import Appointment, Status
from scheduling.services.reminders import to_remind
from scheduling.tests.conftest import berlin
from scheduling.tests.factories import AppointmentFactory

HALF_AN_HOUR = timedelta(minutes=30)
AGREES = [ConsentKind.PRIVACY, ConsentKind.REMINDERS_EMAIL]
EVENING = berlin(1, 17, 5)  # Monday, five minutes after the hour
KINDS = ["appointment.reminder", "appointment.reminder_today"]


def who_agrees(**fields):
    return PatientFactory(user__consents=AGREES, **fields)


def reminders():
    return Message.objects.filter(kind__in=KINDS).order_by("pk")


@pytest.fixture
def visit(doctor):
    """Tuesday at ten, booked on Monday morning."""
    return AppointmentFactory(
        doctor=doctor, patient=who_agrees(name="Mina Alvarez"), starts_at=berlin(2, 10), ends_at=berlin(2, 10, 30)
    )


def test_the_evening_before_and_not_earlier(visit, clock):
    clock.move_to(berlin(1, 16, 59))
    assert services.send_reminders() == {"written": 0, "failed": 0}
    clock.move_to(EVENING)
    assert services.send_reminders() == {"written": 1, "failed": 0}
    (message,) = reminders()
    assert (message.state, message.address) == (MessageState.DUE, visit.patient.user.email)
    assert message.subject == f"Reminder: your visit to {visit.doctor.name}, Tue 2 Jun, 10:00 (Europe/Berlin)"


def test_a_second_run_writes_nothing(visit, clock):
    clock.move_to(EVENING)
    services.send_reminders()
    clock.move_to(EVENING + timedelta(minutes=5))
    assert services.send_reminders() == {"written": 0, "failed": 0}
    assert reminders().count() == 1


def test_on_the_day_itself_where_the_hospital_wants_it(visit, clock, hospital):
    clock.move_to(EVENING)
    services.send_reminders()
    clock.move_to(berlin(2, 7, 5))
    assert services.send_reminders()["written"] == 0
    Hospital.objects.update(reminder_same_day_hour=7)
    assert services.send_reminders()["written"] == 1
    assert [message.kind for message in reminders()] == KINDS


@pytest.mark.parametrize(
    ("since_the_hour", "written"),
    [(timedelta(hours=5, minutes=59), 1), (timedelta(hours=6), 0), (timedelta(days=3), 0)],
)
def test_after_an_outage_it_is_made_up_for_within_the_window(visit, clock, since_the_hour, written):
    clock.move_to(berlin(1, 17) + since_the_hour)
    assert services.send_reminders()["written"] == written


def test_never_for_a_visit_that_has_begun(visit, clock):
    Hospital.objects.update(reminder_catch_up_hours=24)
    clock.move_to(visit.starts_at)
    assert services.send_reminders()["written"] == 0
    clock.move_to(visit.starts_at - timedelta(minutes=1))
    assert services.send_reminders()["written"] == 1
    clock.move_to(visit.starts_at)
    assert delivery.deliver(reminders().get().pk) == MessageState.OBSOLETE


def test_after_a_night_without_power_one_mail_is_enough(visit, clock):
    Hospital.objects.update(reminder_same_day_hour=7, reminder_catch_up_hours=24)
    clock.move_to(berlin(2, 7, 30))
    services.send_reminders()
    assert [message.kind for message in reminders()] == ["appointment.reminder_today"]


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.CHECKED_IN, Status.COMPLETED, Status.HELD])
def test_only_for_visits_that_are_booked(visit, clock, status):
    Appointment.objects.update(status=status)
    clock.move_to(EVENING)
    assert services.send_reminders()["written"] == 0


def test_not_for_somebody_who_has_died(visit, clock):
    visit.patient.died_on = EVENING.date()
    visit.patient.save()
    clock.move_to(EVENING)
    assert services.send_reminders()["written"] == 0


def test_who_books_or_moves_after_the_hour_has_just_been_told(doctor, clock, receptionist):
    clock.move_to(EVENING)
    late = services.book(doctor=doctor, patient=who_agrees(), starts_at=berlin(2, 11), by=receptionist)
    assert services.rehearse_reminders() == {"visits due": 0, "told since": 1}
    assert services.send_reminders()["written"] == 0
    services.reschedule(late, starts_at=berlin(3, 11), by=receptionist)
    clock.move_to(berlin(2, 17, 5))
    assert services.send_reminders()["written"] == 1


def test_a_visit_cancelled_between_writing_and_sending_is_not_reminded_of(visit, clock, receptionist, mailoutbox):
    clock.move_to(EVENING)
    services.send_reminders()
    services.cancel(visit, by=receptionist)
    assert delivery.deliver(reminders().get().pk) == MessageState.OBSOLETE
    assert [mail for mail in mailoutbox if mail.subject.startswith("Reminder")] == []


def test_a_moved_visit_is_reminded_of_at_its_new_time(visit, clock, receptionist):
    clock.move_to(EVENING)
    services.send_reminders()
    old = reminders().get()
    services.reschedule(visit, starts_at=berlin(4, 9), by=receptionist)
    assert not outbox.is_still_true(old)
    clock.move_to(berlin(3, 17))
    services.send_reminders()
    new = reminders().last()
    assert "Thu 4 Jun, 09:00" in new.subject
    assert outbox.is_still_true(new)


class TestWhoIsTold:
    def test_nobody_who_has_not_agreed(self, visit, clock):
        Appointment.objects.update(patient=PatientFactory())
        clock.move_to(EVENING)
        services.send_reminders()
        assert reminders().get().state == MessageState.NO_CONSENT

    def test_a_walk_in_by_what_was_signed_on_paper(self, visit, clock, receptionist):
        walk_in = PatientFactory(user=None, email="walkin@example.org")
        Appointment.objects.update(patient=walk_in)
        said = {consents.current(ConsentKind.REMINDERS_EMAIL): True}
        answer(said, how=How.DESK, by=receptionist, patient=walk_in)
        clock.move_to(EVENING)
        services.send_reminders()
        message = reminders().get()
        assert (message.recipient, message.address, message.state) == (None, "walkin@example.org", MessageState.DUE)

    def test_guardians_get_a_childs_by_their_own_consent(self, visit, clock):
        child = PatientFactory(user=None, name="Lio Alvarez")
        Appointment.objects.update(patient=child)
        agrees, refuses = who_agrees().user, UserFactory()
        for guardian in (agrees, refuses):
            GuardianshipFactory(guardian=guardian, patient=child)
        clock.move_to(EVENING)
        services.send_reminders()
        assert [(message.recipient, message.state) for message in reminders()] == [
            (agrees, MessageState.DUE),
            (refuses, MessageState.NO_CONSENT),
        ]
        assert "visit of Lio Alvarez" in reminders()[0].subject


# Berlin turns its clocks at 2 or 3 on 29 March and 25 October 2026, St John's at 2 on 8 March and 1 November.
CHANGES = [
    ("Europe/Berlin", (2026, 3, 29), 2, (2026, 3, 29, 1, 0)),  # jumped over: at the moment of the jump
    ("Europe/Berlin", (2026, 3, 29), 17, (2026, 3, 29, 15, 0)),
    ("Europe/Berlin", (2026, 10, 25), 2, (2026, 10, 25, 0, 0)),  # shown twice: the first time
    ("Europe/Berlin", (2026, 10, 25), 17, (2026, 10, 25, 16, 0)),
    ("America/St_Johns", (2026, 3, 8), 2, (2026, 3, 8, 5, 30)),
    ("America/St_Johns", (2026, 3, 8), 17, (2026, 3, 8, 19, 30)),
    ("America/St_Johns", (2026, 11, 1), 1, (2026, 11, 1, 3, 30)),
    ("America/St_Johns", (2026, 11, 1), 17, (2026, 11, 1, 20, 30)),
]


@pytest.mark.parametrize(("zone", "day", "hour", "instant"), CHANGES)
def test_on_the_days_the_clocks_change_the_hour_is_the_walls(zone, day, hour, instant):
    zone, day, since = ZoneInfo(zone), date(*day), datetime(*instant, tzinfo=UTC)
    assert due.instant_of(day, hour, zone) == since
    ask = {"eve_hour": hour, "day_hour": None, "catch_up": timedelta(hours=6)}
    tomorrow = due.Round(day + timedelta(days=1), since, today=False)
    assert tomorrow in due.rounds(since, zone, **ask)
    assert tomorrow not in due.rounds(since - timedelta(seconds=1), zone, **ask)


@pytest.mark.parametrize("day", [28, 29])
def test_each_visit_around_a_clock_change_gets_one_reminder(doctor, clock, day):
    """Ticks of five minutes over two days; the night of 28 to 29 March is 23 hours long."""
    starts_at = berlin(day, 3, 30, month=3)
    clock.move_to(berlin(26, 12, month=3))
    AppointmentFactory(doctor=doctor, patient=who_agrees(), starts_at=starts_at, ends_at=starts_at + HALF_AN_HOUR)
    for minutes in range(0, 60 * 72, 180):
        clock.move_to(berlin(26, 12, month=3) + timedelta(minutes=minutes))
        services.send_reminders()
    assert reminders().count() == 1
    assert reminders().get().created_at == berlin(day - 1, 18, month=3)


def families(count):
    """Visits on Tuesday of as many children with guardians, walk-ins and patients with accounts."""
    for number in range(count):
        child = PatientFactory(user=None)
        GuardianshipFactory(patient=child)
        for patient in (child, PatientFactory(user=None), who_agrees()):
            at = berlin(2, 9 + number)
            AppointmentFactory(doctor=DoctorFactory(), patient=patient, starts_at=at, ends_at=at + HALF_AN_HOUR)


@pytest.mark.parametrize("count", [1, 3])
def test_finding_whom_to_remind_costs_the_same_however_many_there_are(clock, count, django_assert_num_queries):
    families(count)
    clock.move_to(EVENING)
    hospital = Hospital.current()
    with django_assert_num_queries(2):  # the visits; who acts for whom
        ((_round, found),) = to_remind(hospital, EVENING)
    assert [len(people) for _visit, people in found] == [1] * 3 * count


@pytest.mark.parametrize("count", [1, 3])
def test_a_tick_that_finds_nothing_new_costs_three_queries(clock, count, django_assert_num_queries):
    families(count)
    clock.move_to(EVENING)
    services.send_reminders()
    with django_assert_num_queries(3):  # the hospital; the visits; links that are old
        assert services.send_reminders() == {"written": 0, "failed": 0}
    assert reminders().count() == 3 * count


@pytest.mark.slow
def test_two_beats_at_once_write_each_once(transactional_db, clock):
    families(2)
    clock.move_to(EVENING)
    gate = threading.Barrier(2)

    def beat(_number):
        gate.wait()
        try:
            return services.send_reminders()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(beat, range(2)))
    assert sum(one["written"] for one in told) == 6
    assert [one["failed"] for one in told] == [0, 0]
    assert reminders().count() == 6


def test_the_command_names_what_is_due_and_changes_nothing(visit, clock):
    clock.move_to(EVENING)
    said = StringIO()
    call_command("send_reminders", "--dry-run", stdout=said)
    assert said.getvalue() == f"{visit.reference} Tue 2 Jun, 10:00\ntold since: 0, visits due: 1\n"
    assert not reminders().exists()
    said = StringIO()
    call_command("send_reminders", stdout=said)
    assert said.getvalue() == "failed: 0, written: 1\n"


def test_beat_starts_it_every_few_minutes(db):
    (row,) = PeriodicTask.objects.filter(task="scheduling.tasks.send_reminders")
    assert (str(row.interval), row.enabled) == ("every 5 minutes", True)
