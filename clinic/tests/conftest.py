"""The people of the clinic's tests, each with a client that is signed in."""

import pytest
from django.test import Client

from accounts.models import Role
from accounts.tests.factories import UserFactory
from clinic.models import Hospital
from clinic.tests.factories import DoctorFactory, PatientFactory


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def hospital(db):
    return Hospital.current()


@pytest.fixture
def admin(db):
    return UserFactory(role=Role.ADMIN)


@pytest.fixture
def receptionist(db):
    return UserFactory(role=Role.RECEPTION)


@pytest.fixture
def doctor(db):
    return DoctorFactory()


@pytest.fixture
def patient(db):
    return PatientFactory()


@pytest.fixture
def as_admin(admin):
    return signed_in(admin)


@pytest.fixture
def as_reception(receptionist):
    return signed_in(receptionist)


@pytest.fixture
def as_doctor(doctor):
    return signed_in(doctor.user)


@pytest.fixture
def as_patient(patient):
    return signed_in(patient.user)
