"""The same with a real Celery worker on a real broker, which is killed in the middle; and with rivals at once."""

import threading
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from accounts.models import AuditEvent, Role
from accounts.tests.factories import UserFactory
from clinic import services
from clinic.models import Import, Patient
from clinic.services import ClinicConflict
from clinic.tasks import sweep_imports, work_import
from clinic.tests.imports import State, bring, check

MANY = 6000


def many():
    letters, lines = "abcdefghijklmnopqrst", ["id,name,dob\n"]
    for number in range(MANY):
        name = f"{letters[number % 20] * 4} {letters[number // 20 % 20] * 5}{letters[number // 400]}"
        lines.append(f"{number},{name},19{number % 90 + 10}-01-{number % 28 + 1:02}\n")
    return "".join(lines)


def wait_until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "It did not come true in time."
        time.sleep(0.02)


def state_of(imported):
    imported.refresh_from_db()
    return imported.state


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_of_a_run_leaves_no_double_and_no_missing_row(worker):
    admin = UserFactory(role=Role.ADMIN)
    imported = bring(many(), by=admin)
    services.match_import(imported, mapping=imported.mapping, by=admin, alike="take")
    wait_until(lambda: state_of(imported) == State.CHECKED)
    services.run_import(imported, by=admin)
    wait_until(imported.rows.exists)
    worker.kill()
    made = Patient.objects.count()
    assert state_of(imported) == State.RUNNING
    assert 0 < made < MANY
    assert imported.rows.count() == made
    Import.objects.update(claimed_at=timezone.now() - timedelta(minutes=3))
    assert services.run_due_imports() == 1
    assert state_of(imported) == State.DONE
    assert Patient.objects.count() == imported.rows.count() == imported.counts["made"] == MANY
    assert Patient.objects.values("import_ref").distinct().count() == MANY
    assert AuditEvent.objects.filter(action="patient.registered").count() == MANY
    assert list(settings.IMPORT_ROOT.glob("*.part")) == []


def together(*acts):
    """Run these at the same time, each with its own connection; what each gave or raised."""
    gate, answers = threading.Barrier(len(acts)), [None] * len(acts)

    def one(place, act):
        try:
            gate.wait(10)
            answers[place] = act()
        except Exception as error:
            answers[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


@pytest.mark.django_db(transaction=True)
def test_of_two_administrators_who_press_run_at_once_one_is_told_and_nobody_is_made_twice():
    first, second = UserFactory(role=Role.ADMIN), UserFactory(role=Role.ADMIN)
    imported = check(bring("id,name,dob\n1,Anna Li,1980-01-01\n", by=first), by=first)
    answers = together(*(lambda by=by: services.run_import(imported, by=by, quiet=True) for by in (first, second)))
    assert {type(answer) for answer in answers} == {Import, ClinicConflict}
    together(*[lambda: services.work_import(imported.pk)] * 2)
    assert Patient.objects.count() == 1
    assert AuditEvent.objects.filter(action="import.started").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_lists_with_the_same_people_that_are_run_at_once_make_everybody_once():
    admin = UserFactory(role=Role.ADMIN)
    lists = [check(bring("id,name,dob\n1,Anna Li,1980-01-01\n", by=admin), by=admin) for _twice in range(2)]
    answers = together(*(lambda one=one: services.run_import(one, by=admin, quiet=True) for one in lists))
    assert {type(answer) for answer in answers} == {Import, ClinicConflict}
    services.run_due_imports(timedelta(0))
    loser = Import.objects.get(state=State.CHECKED)
    services.run_import(loser, by=admin, quiet=True)
    services.run_due_imports(timedelta(0))
    assert Patient.objects.count() == 1
    loser.refresh_from_db()
    assert (loser.counts["there"], loser.counts["made"]) == (1, 0)


def test_beat_sweeps_imports_every_minute(db):
    task = PeriodicTask.objects.get(task=sweep_imports.name)
    assert (task.enabled, task.interval.every, task.interval.period) == (True, 1, "minutes")
    assert work_import.name == "clinic.tasks.work_import"
