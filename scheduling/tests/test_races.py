"""Many at once on one time: over HTTP with real processes, and through the services with real threads."""

import http.client
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, time, timedelta
from urllib.parse import urlencode, urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import Message
from accounts.sessions import SessionStore
from clinic.models import CareRelationship, Hospital
from clinic.tests.factories import DepartmentFactory, DoctorFactory, PatientFactory
from hms.lib.converters import InstantConverter
from scheduling import services
from scheduling.models import Appointment, AppointmentEvent, Status
from scheduling.services import BookingConflict
from scheduling.tests.factories import AppointmentFactory, open_all_week

CLIENTS = 50
SECRET = "a" * 32  # a token of the form Django gives out; cookie and header have to agree, no more
GONE = 409

pytestmark = pytest.mark.slow


@pytest.fixture
def world(transactional_db):
    """A hospital in UTC whose doctors are there day and night."""
    Hospital.objects.update(time_zone="UTC", booking_window_days=7, shortest_notice_minutes=0)
    return DepartmentFactory()


def tomorrow(hour, minute=0):
    return datetime.combine(timezone.now().date() + timedelta(days=1), time(hour, minute), tzinfo=UTC)


def doctor_in(department):
    doctor = DoctorFactory(department=department)
    open_all_week(doctor, starts=time(0), ends=time(0), minutes=30)
    return doctor


def signed_in(user):
    """The cookie header of somebody who signed in."""
    session = SessionStore()
    session["_auth_user_id"] = str(user.pk)
    session["_auth_user_backend"] = settings.AUTHENTICATION_BACKENDS[0]
    session["_auth_user_hash"] = user.get_session_auth_hash()
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}; {settings.CSRF_COOKIE_NAME}={SECRET}"


def post(site, path, cookie, **fields):
    """(status, body) of one POST over a connection of its own."""
    headers = {
        "Cookie": cookie,
        "X-CSRFToken": SECRET,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    with closing(http.client.HTTPConnection(urlsplit(site).netloc, timeout=60)) as link:
        link.request("POST", path, urlencode(fields), headers)
        answer = link.getresponse()
        return answer.status, answer.read().decode()


def all_at_once(acts):
    """Run every act in a thread of its own, let go together; their results in order."""
    gate = threading.Barrier(len(acts))

    def run(act):
        gate.wait()
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def confirm(doctor, starts_at):
    return reverse("scheduling:booking-confirm", args=[doctor.pk, starts_at])


def move(visit):
    return reverse("scheduling:appointment-reschedule", args=[visit.pk])


def as_text(instant):
    return InstantConverter().to_url(instant)


class TestOverHttp:
    def test_fifty_patients_press_for_one_time_and_one_gets_it(self, world, live_web):
        doctor, starts_at = doctor_in(world), tomorrow(10)
        cookies = [signed_in(patient.user) for patient in PatientFactory.create_batch(CLIENTS)]
        path = confirm(doctor, starts_at)
        answers = all_at_once(
            [
                lambda cookie=cookie, n=n: post(live_web, path, cookie, reason=f"word{n}")
                for n, cookie in enumerate(cookies)
            ]
        )
        assert Counter(status for status, _body in answers) == {302: 1, GONE: CLIENTS - 1}
        for number, (status, body) in enumerate(answers):
            if status == GONE:
                assert f"word{number}" in body
                assert 'formaction="/book/doctors/' in body
        visit = Appointment.objects.get()
        assert (visit.doctor, visit.starts_at, visit.status) == (doctor, starts_at, Status.BOOKED)
        assert Message.objects.count() == AppointmentEvent.objects.count() == CareRelationship.objects.count() == 1

    def test_one_patient_presses_fifty_times_and_books_once(self, world, live_web):
        doctor, cookie = doctor_in(world), signed_in(PatientFactory().user)
        path = confirm(doctor, tomorrow(10))
        answers = all_at_once([lambda: post(live_web, path, cookie)] * CLIENTS)
        assert Counter(status for status, _body in answers) == {302: CLIENTS}
        assert Appointment.objects.count() == Message.objects.count() == 1

    def test_one_patient_books_two_doctors_at_the_same_time_and_gets_one(self, world, live_web):
        starts_at = tomorrow(10)
        for _round in range(5):
            doctors, cookie = [doctor_in(world), doctor_in(world)], signed_in(PatientFactory().user)
            answers = all_at_once(
                [
                    lambda doctor=doctor, cookie=cookie: post(live_web, confirm(doctor, starts_at), cookie)
                    for doctor in doctors
                ]
            )
            assert Counter(status for status, _body in answers) == {302: 1, GONE: 1}
        assert Appointment.objects.count() == 5

    def test_two_visits_move_into_one_time_and_one_gets_it(self, world, live_web):
        starts_at = tomorrow(15)
        for _round in range(5):
            doctor = doctor_in(world)
            visits = [AppointmentFactory(doctor=doctor, starts_at=tomorrow(8 + number)) for number in range(2)]
            cookies = [signed_in(visit.patient.user) for visit in visits]
            answers = all_at_once(
                [
                    lambda visit=visit, cookie=cookie: post(live_web, move(visit), cookie, starts=as_text(starts_at))
                    for visit, cookie in zip(visits, cookies, strict=True)
                ]
            )
            assert Counter(status for status, _body in answers) == {302: 1, GONE: 1}
            assert doctor.appointments.filter(starts_at=starts_at).count() == 1
            assert doctor.appointments.blocking().count() == 2

    def test_one_visit_is_moved_from_two_pages_and_goes_to_one_place(self, world, live_web):
        doctor = doctor_in(world)
        visit = AppointmentFactory(doctor=doctor, starts_at=tomorrow(8))
        cookie, seen = signed_in(visit.patient.user), as_text(tomorrow(8))
        targets = [as_text(tomorrow(hour)) for hour in (12, 14, 16)]
        answers = all_at_once(
            [lambda to=to: post(live_web, move(visit), cookie, starts=to, seen=seen) for to in targets]
        )
        assert Counter(status for status, _body in answers) == {302: 1, GONE: 2}
        visit.refresh_from_db()
        assert (as_text(visit.starts_at) in targets, visit.moved_count) == (True, 1)

    def test_booking_and_moving_meet_in_one_time(self, world, live_web):
        doctor, starts_at = doctor_in(world), tomorrow(15)
        visit = AppointmentFactory(doctor=doctor, starts_at=tomorrow(8))
        mover, cookies = signed_in(visit.patient.user), [signed_in(PatientFactory().user) for _number in range(9)]
        acts = [lambda cookie=cookie: post(live_web, confirm(doctor, starts_at), cookie) for cookie in cookies]
        acts.insert(4, lambda: post(live_web, move(visit), mover, starts=as_text(starts_at)))
        assert Counter(status for status, _body in all_at_once(acts)) == {302: 1, GONE: 9}
        assert doctor.appointments.blocking().filter(starts_at=starts_at).count() == 1

    def test_a_killed_web_server_loses_no_acknowledged_booking(self, world, web_process):
        """kill -9 in the middle of a crowd: whoever was told "booked" has the visit, whole, after the restart."""
        doctors = [doctor_in(world) for _number in range(8)]
        wishes = [(doctor, tomorrow(hour, minute)) for doctor in doctors for hour in range(8, 14) for minute in (0, 30)]
        people = PatientFactory.create_batch(len(wishes))
        cookies = [signed_in(patient.user) for patient in people]
        site, told, done = web_process.url, [], threading.Semaphore(0)

        def book(number):
            doctor, starts_at = wishes[number]
            try:
                status, _body = post(site, confirm(doctor, starts_at), cookies[number])
            except (OSError, http.client.HTTPException):
                return
            finally:
                done.release()
            if status == 302:
                told.append(number)

        with ThreadPoolExecutor(12) as pool:
            for number in range(len(wishes)):
                pool.submit(book, number)
            for _answer in range(len(wishes) // 4):
                done.acquire()
            web_process.kill()
        assert 0 < len(told) < len(wishes)
        web_process.start()
        for number in told:
            doctor, starts_at = wishes[number]
            visit = Appointment.objects.get(doctor=doctor, starts_at=starts_at, patient=people[number])
            assert (visit.status, visit.events.count()) == (Status.BOOKED, 1)
            assert Message.objects.filter(about_id=visit.pk).count() == 1
        booked = Appointment.objects.count()
        assert booked == AppointmentEvent.objects.count() == Message.objects.count() == CareRelationship.objects.count()
        left = next(number for number in range(len(wishes)) if not Appointment.objects.filter(patient=people[number]))
        doctor, starts_at = wishes[left]
        assert post(site, confirm(doctor, starts_at), cookies[left])[0] == 302


class TestThroughTheServices:
    def attempt(self, act, **wish):
        try:
            return act(**wish)
        except BookingConflict as conflict:
            return conflict

    def test_eight_threads_book_one_time(self, world):
        doctor, starts_at = doctor_in(world), tomorrow(10)
        people = PatientFactory.create_batch(8)
        results = all_at_once(
            [
                lambda who=who: self.attempt(
                    services.book, doctor=doctor, patient=who, starts_at=starts_at, by=who.user
                )
                for who in people
            ]
        )
        assert sum(isinstance(result, Appointment) for result in results) == 1
        assert Appointment.objects.count() == 1

    def test_cancelling_and_completing_meet(self, world):
        """Whatever comes first, the other is refused, and who treats whom agrees with the outcome."""
        for _round in range(5):
            doctor = doctor_in(world)
            visit = AppointmentFactory(doctor=doctor, starts_at=timezone.now(), status=Status.CHECKED_IN)
            seen = [Appointment.objects.get(pk=visit.pk) for _number in range(2)]
            results = all_at_once(
                [
                    lambda seen=seen, doctor=doctor: self.attempt(services.cancel, appointment=seen[0], by=doctor.user),
                    lambda seen=seen, doctor=doctor: self.attempt(
                        services.complete, appointment=seen[1], by=doctor.user
                    ),
                ]
            )
            assert sum(isinstance(result, Appointment) for result in results) == 1
            visit.refresh_from_db()
            care = CareRelationship.objects.current().filter(doctor=doctor, patient=visit.patient)
            assert care.exists() == (visit.status == Status.COMPLETED)

    def test_a_doctor_does_not_leave_while_somebody_books(self, world):
        """Retiring locks the doctor too: either the visit stands against it, or nobody books any more."""
        from accounts.models import Role
        from accounts.tests.factories import UserFactory
        from clinic.services import ClinicRefused, retire_doctor

        admin = UserFactory(role=Role.ADMIN)

        def retire(doctor):
            try:
                return retire_doctor(doctor, by=admin)
            except ClinicRefused:
                return None

        for _round in range(5):
            doctor, who = doctor_in(world), PatientFactory()
            _left, booked = all_at_once(
                [
                    lambda doctor=doctor: retire(doctor),
                    lambda doctor=doctor, who=who: self.attempt(
                        services.book, doctor=doctor, patient=who, starts_at=tomorrow(10), by=who.user
                    ),
                ]
            )
            doctor.refresh_from_db()
            assert isinstance(booked, Appointment) != doctor.is_retired
