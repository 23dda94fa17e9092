"""What many tests of scheduling begin with."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import HealthCheck, settings

from accounts.models import Role
from accounts.tests.factories import UserFactory
from clinic.models import Hospital
from clinic.tests.factories import DoctorFactory, PatientFactory
from scheduling.tests.factories import open_all_week

# A busy machine is not an error of the code under test.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

MONDAY_MORNING = datetime(2026, 6, 1, 6, 0, tzinfo=UTC)  # 08:00 in Berlin


def berlin(day, hour, minute=0, month=6):
    """An instant of the year 2026 by the clock in Berlin."""
    return datetime(2026, month, day, hour, minute, tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)


@pytest.fixture
def hospital(db):
    """A hospital in Berlin, whose patients book seven days ahead."""
    hospital = Hospital.current()
    hospital.time_zone = "Europe/Berlin"
    hospital.save()
    return hospital


@pytest.fixture
def clock(hospital):
    """Monday 1 June 2026, 08:00 in Berlin; `clock.move_to(...)` goes on from there."""
    with time_machine.travel(MONDAY_MORNING, tick=False) as traveller:
        yield traveller


@pytest.fixture
def doctor(clock):
    """Sees patients every day from nine to five, in half hours."""
    doctor = DoctorFactory(name="Dr Ada Okafor")
    open_all_week(doctor, time(9), time(17), 30)
    return doctor


@pytest.fixture
def patient(clock):
    return PatientFactory(name="Mina Alvarez")


@pytest.fixture
def receptionist(clock):
    return UserFactory(role=Role.RECEPTION)


@pytest.fixture
def administrator(clock):
    return UserFactory(role=Role.ADMIN)
