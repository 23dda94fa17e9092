"""Administrators at the same instant, with real threads on the real database: one wins, the others are told."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from accounts import services as accounts
from accounts.models import Role, User
from accounts.tests.factories import PASSWORD
from clinic.models import Department, Doctor, Hospital, Specialization
from clinic.services import (
    create_specialization,
    merge_specialization,
    open_departments,
    update_department,
    update_doctor,
    update_hospital,
)
from clinic.tests.factories import DepartmentFactory, DoctorFactory
from hms.lib.errors import Refused
from hms.lib.seen import ChangedMeanwhile, edition

pytestmark = pytest.mark.django_db(transaction=True)
WINDOWS = 5


def at_once(act):
    """Call `act(number)` in WINDOWS threads at the same instant: the answers; a refusal is an answer too."""
    gate = Barrier(WINDOWS)

    def window(number):
        gate.wait(30)
        try:
            return act(number)
        except Refused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(WINDOWS) as pool:
        return list(pool.map(window, range(WINDOWS)))


def told(answers):
    return [answer for answer in answers if isinstance(answer, Refused)]


def test_a_new_installation_gets_one_administrator():
    answers = at_once(lambda n: accounts.begin(name=f"Boss {n}", email=f"boss{n}@example.org", password=PASSWORD))
    assert User.objects.filter(role=Role.ADMIN).count() == 1
    assert len(told(answers)) == WINDOWS - 1


def test_of_many_who_saw_the_same_one_saves():
    hospital = Hospital.current()
    seen = edition(hospital, ["name"])
    answers = at_once(lambda n: update_hospital(hospital, name=f"Name {n}", seen=seen, by=None))
    assert [type(answer) for answer in told(answers)] == [ChangedMeanwhile] * (WINDOWS - 1)


def test_departments_opened_twice_are_there_once():
    names = {"Cardiology": "", "Dermatology": ""}
    answers = at_once(lambda _n: open_departments(names, by=None))
    assert sorted(map(len, answers)) == [0] * (WINDOWS - 1) + [2]
    assert Department.objects.count() == 2


def test_who_moves_away_while_being_named_head_does_not_stay_head():
    department, other = DepartmentFactory(), DepartmentFactory()
    doctor = DoctorFactory(department=department)

    def act(number):
        if number % 2:
            return update_department(department, head=doctor, by=None)
        return update_doctor(doctor, department=other, by=None)

    at_once(act)
    assert Doctor.objects.get().department == other
    assert not Department.objects.exclude(head=None).exists()


def test_two_that_are_merged_into_each_other_leave_one():
    pair = [create_specialization(name=name, by=None) for name in ("Heart", "Cardiology")]
    DoctorFactory(specialization="Heart")
    DoctorFactory(specialization="Cardiology")
    answers = at_once(lambda n: merge_specialization(pair[n % 2], into=pair[1 - n % 2], by=None))
    stays = Specialization.objects.get()
    assert set(Doctor.objects.values_list("specialization", flat=True)) == {stays.name}
    assert len(told(answers)) == WINDOWS - 1
