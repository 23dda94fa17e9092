"""A doctor with a patient in the waiting room, for the tests of records."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Role
from accounts.tests.factories import UserFactory
from clinic.services.duplicates import _note
from clinic.tests.factories import PatientFactory
from scheduling.models import Status
from scheduling.tests.factories import AppointmentFactory


@pytest.fixture
def visit(db):
    """A visit that began ten minutes ago; the patient is checked in."""
    begun = timezone.now().replace(second=0, microsecond=0) - timedelta(minutes=10)
    return AppointmentFactory(starts_at=begun, status=Status.CHECKED_IN)


@pytest.fixture
def doctor(visit):
    return visit.doctor


@pytest.fixture
def patient(visit):
    return visit.patient


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def as_doctor(doctor):
    return client_of(doctor.user)


@pytest.fixture
def as_patient(patient):
    return client_of(patient.user)


@pytest.fixture
def as_stranger(db):
    """Another patient, who has a chart of their own."""
    return client_of(AppointmentFactory().patient.user)


@pytest.fixture
def as_other_doctor(db):
    """A doctor who treats somebody else."""
    return client_of(AppointmentFactory().doctor.user)


@pytest.fixture
def as_reception(db):
    return client_of(UserFactory(role=Role.RECEPTION))


@pytest.fixture
def as_admin(db):
    return client_of(UserFactory(role=Role.ADMIN))


@pytest.fixture
def admin(db):
    return UserFactory(role=Role.ADMIN)


@pytest.fixture
def pair(db):
    """Mina, registered at the desk and once more by herself."""
    desk = PatientFactory(name="Mina Alvarez", user=None, phone="+493012345678", address="1 Lane")
    own = PatientFactory(name="Mina Álvares", user__email="mina@example.org", gender="female")
    return _note(desk, own, ["similar"])


@pytest.fixture
def desk(pair):
    return pair.first


@pytest.fixture
def own(pair):
    return pair.second
