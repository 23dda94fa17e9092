"""What is kept in Redis: true right after a change, nobody else's, and no loss when Redis is gone."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import time as dtime
from datetime import timedelta
from statistics import median

import pytest
from django.core.cache import caches
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.services import block
from accounts.tests.factories import UserFactory
from clinic.models import Hospital
from clinic.services import retire_department, retire_doctor, update_department
from clinic.tests.factories import DepartmentFactory, DoctorFactory, PatientFactory
from hms.lib import cached
from scheduling import free, offers, services
from scheduling.models import WorkingHours
from scheduling.tests.factories import open_all_week

DIRECTORY = reverse("scheduling:doctor-list")
DEPARTMENTS = reverse("clinic:department-list")


@pytest.fixture
def doctor(transactional_db, broker):
    Hospital.objects.update(time_zone="UTC", booking_window_days=7, shortest_notice_minutes=0)
    doctor = DoctorFactory(name="Dr Ada Okafor", user=UserFactory(role=Role.DOCTOR))
    open_all_week(doctor, starts=dtime(0), ends=dtime(23, 30))
    return doctor


@pytest.fixture
def administrator(doctor):
    return UserFactory(role=Role.ADMIN)


def terms(user):
    return free.terms_for(user, Hospital.current(), timezone.now())


def reader():
    """Some patient who looks for a time; each another one."""
    return UserFactory.build(role=Role.PATIENT)


def first(doctor):
    return offers.next_free([doctor], terms=terms(reader()))[doctor.pk]


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def cost(client, url):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def test_a_search_asks_for_times_once_and_everybody_sees_the_next_change(doctor):
    client = Client()
    before, after = cost(client, DIRECTORY), cost(Client(), DIRECTORY)
    assert before - after >= 4
    patient = PatientFactory(user=UserFactory(role=Role.PATIENT))
    seen = first(doctor)
    visit = services.book(doctor=doctor, patient=patient, starts_at=seen.starts, by=patient.user)
    assert first(doctor).starts > seen.starts
    services.cancel(visit, by=UserFactory(role=Role.RECEPTION))
    assert first(doctor) == seen


def test_changed_hours_and_a_blocked_doctor_show_at_once(doctor, administrator):
    assert first(doctor) is not None
    assert doctor.name in Client().get(DIRECTORY).content.decode()
    for hours in WorkingHours.objects.filter(doctor=doctor).select_related("doctor"):
        services.remove_hours(hours, by=administrator)
    assert first(doctor) is None
    block(doctor.user, by=administrator, reason="Left")
    assert doctor.name not in Client().get(DIRECTORY).content.decode()


@pytest.mark.parametrize(("url", "left"), [(DEPARTMENTS, 1), ("/", 1), (reverse("scheduling:booking-departments"), 2)])
def test_the_list_of_departments_is_asked_for_once_and_every_change_shows_at_once(doctor, administrator, url, left):
    other = DepartmentFactory(name="Paediatrics")
    DoctorFactory(department=other)
    before, after = cost(Client(), url), cost(Client(), url)
    assert before > after == left  # the hospital; for booking also the doctors who are listed
    assert "Paediatrics" in Client().get(url).text
    update_department(other, by=administrator, name="Children")
    assert "Children" in Client().get(url).text
    retire_doctor(other.doctors.get(), by=administrator)
    retire_department(other, by=administrator)
    assert "Children" not in Client().get(url).text


def test_only_administrators_see_departments_that_have_retired(doctor, administrator):
    gone = DepartmentFactory(name="Leprosy", retired_at=timezone.now())
    for _round in range(2):
        assert gone.name in signed_in(administrator).get(DEPARTMENTS).text
        assert gone.name not in Client().get(DEPARTMENTS).text


def test_a_blocked_doctor_does_not_count_in_the_list(doctor, administrator):
    def counted():
        [found] = Client().get(DEPARTMENTS).context["departments"]
        return found.doctor_count

    assert counted() == 1
    block(doctor.user, by=administrator, reason="Left")
    assert counted() == 0


def test_figures_of_the_hospital_are_true_after_a_booking_and_not_shown_to_another_role(doctor, administrator):
    client = signed_in(administrator)
    before, after = cost(client, "/"), cost(client, "/")
    assert before - after == 4
    patient = PatientFactory(user=UserFactory(role=Role.PATIENT))
    booked = services.book(doctor=doctor, patient=patient, starts_at=first(doctor).starts, by=patient.user)
    is_today = booked.starts_at.date() == timezone.now().date()
    assert sum(cell.value for row in client.get("/").context["load"].rows for cell in row.cells[:1]) == is_today
    administrator.role = Role.RECEPTION
    administrator.save()
    assert "counts" not in signed_in(administrator).get("/").context


def test_nobody_is_given_what_was_made_for_another(doctor):
    one, two = UserFactory(), UserFactory()
    for _round in range(2):
        for user in (one, two):
            kept = cached.remember(
                "mine", 60, lambda user=user: user.email, scope=cached.personal(user), topics=["mine"]
            )
            assert kept == user.email


def test_what_was_read_before_a_commit_is_not_kept_after_it(doctor):
    def make_slowly():
        cached.changed("race")  # the writer commits while the reader is still at work with older rows
        return "old"

    assert cached.remember("race", 60, make_slowly, scope=cached.EVERYBODY, topics=["race"]) == "old"
    assert cached.remember("race", 60, lambda: "new", scope=cached.EVERYBODY, topics=["race"]) == "new"
    with transaction.atomic():  # may be rolled back
        assert cached.remember("race", 60, lambda: "mine", scope=cached.EVERYBODY, topics=["race"]) == "mine"
        cached.after_commit("other")
    assert cached.remember("race", 60, lambda: "newer", scope=cached.EVERYBODY, topics=["race"]) == "new"


def test_many_at_once_make_it_once(doctor):
    made, together = [], threading.Barrier(8)

    def make():
        made.append(1)
        time.sleep(0.05)  # as long as some queries take
        return "value"

    def read(_number):
        together.wait()
        try:
            return cached.remember("crowd", 60, make, scope=cached.EVERYBODY, topics=["crowd"])
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(read, range(8))) == {"value"}
    assert len(made) == 1


def test_a_free_time_that_has_passed_is_not_offered(doctor):
    shown = first(doctor)
    later = terms(reader())._replace(not_before=shown.starts + timedelta(minutes=1))
    later = later._replace(now=later.not_before)
    assert offers.next_free([doctor], terms=later)[doctor.pk].starts > shown.starts


def without_redis(doctor):
    """Every page comes; one alone waits for Redis. What changes meanwhile is told when Redis is back."""
    took = []
    for url in (DIRECTORY, reverse("scheduling:booking-departments"), DIRECTORY):
        began = time.perf_counter()
        assert doctor.name in Client().get(url).content.decode() or url != DIRECTORY
        took.append(time.perf_counter() - began)
    assert median(took) < 1
    report = Client().get("/readyz")
    assert (report.status_code, report.json()["cache"], report.json()["status"]) == (200, "gone", "degraded")
    cached.changed("late")
    assert "late" in cached._owed


def test_a_process_that_cannot_reach_redis_for_long_owes_it_everything(doctor, broker):
    broker.kill()
    cached.changed(*(f"late:{number}" for number in range(cached.OWED_MOST + 1)))
    assert cached._owed == {cached.EVERYTHING}


def test_pages_come_while_redis_is_silent(doctor, silent_broker):
    without_redis(doctor)


def test_pages_come_while_redis_is_gone_and_changes_are_told_later(doctor, broker):
    broker.kill()
    without_redis(doctor)
    broker.start()
    cached._silent_until = 0.0
    assert cached.remember("late", 60, lambda: 1, scope=cached.EVERYBODY, topics=["late"]) == 1
    assert not cached._owed
    assert caches["redis"].get("topic:late")
