"""A doctor with a patient in the waiting room, for the tests of records."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Role
from accounts.tests.factories import UserFactory
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
