"""Whose telephone number a message by SMS goes to."""

import pytest

from accounts.tests.factories import UserFactory
from clinic.reaching import phone_of
from clinic.tests.factories import DoctorFactory, PatientFactory

pytestmark = pytest.mark.django_db
PHONE = "+442079460301"


def test_the_number_is_that_of_the_patient_or_doctor_behind_the_account():
    assert phone_of(PatientFactory(phone=PHONE).user, None) == PHONE
    assert phone_of(DoctorFactory(phone=PHONE).user, None) == PHONE
    assert phone_of(PatientFactory(phone="").user, None) == ""
    assert phone_of(UserFactory(), None) == ""


def test_without_an_account_it_is_the_patients_own_and_nobody_elses():
    patient, other = PatientFactory(user=None, phone=PHONE), PatientFactory(user=None, phone="+442079460302")
    assert phone_of(None, patient.pk) == PHONE
    assert phone_of(other.user, None) == ""
