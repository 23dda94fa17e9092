"""Departments, doctors, patients and who treats whom, for tests."""

from datetime import date, timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.models import Role
from accounts.tests.factories import UserFactory
from clinic.models import (
    Application,
    CareRelationship,
    Claim,
    Department,
    Doctor,
    Gender,
    Guardianship,
    Kind,
    Origin,
    Patient,
    Scope,
)


class DepartmentFactory(DjangoModelFactory):
    class Meta:
        model = Department

    name = factory.Sequence(lambda number: f"Department {number}")
    description = factory.LazyAttribute(lambda department: f"What {department.name} treats.")


class DoctorFactory(DjangoModelFactory):
    """A doctor who signs in; `user=None` makes one without an account."""

    class Meta:
        model = Doctor

    department = factory.SubFactory(DepartmentFactory)
    name = factory.Sequence(lambda number: f"Dr Example {number}")
    user = factory.SubFactory(UserFactory, role=Role.DOCTOR, name=factory.SelfAttribute("..name"))
    specialization = "General medicine"
    gender = Gender.FEMALE


class PatientFactory(DjangoModelFactory):
    """A patient who signs in; `user=None` makes a walk-in without an account."""

    class Meta:
        model = Patient

    number = factory.Sequence(lambda number: f"T{number:08d}")
    name = factory.Sequence(lambda number: f"Patient Example {number}")
    birth_date = date(1980, 5, 17)
    user = factory.SubFactory(UserFactory, role=Role.PATIENT, name=factory.SelfAttribute("..name"))


class CareRelationshipFactory(DjangoModelFactory):
    """This doctor treats this patient, with no end in sight."""

    class Meta:
        model = CareRelationship

    doctor = factory.SubFactory(DoctorFactory)
    patient = factory.SubFactory(PatientFactory)


class GuardianshipFactory(DjangoModelFactory):
    """An account acts for somebody without one, reads too, and has no end in sight."""

    class Meta:
        model = Guardianship

    guardian = factory.SubFactory(UserFactory, role=Role.PATIENT)
    patient = factory.SubFactory(PatientFactory, user=None)
    kind = Kind.RELATIVE
    scope = Scope.READ
    origin = Origin.AGREED


class ApplicationFactory(DjangoModelFactory):
    """A doctor's application that waits for an administrator."""

    class Meta:
        model = Application

    name = factory.Sequence(lambda number: f"Dr Applicant {number}")
    email = factory.Sequence(lambda number: f"applicant{number}@example.org")
    specialization = "Cardiology"
    qualification = "MD"
    experience_years = 7
    licence = factory.Sequence(lambda number: f"L-{number}")
    state = Application.State.WAITING
    token_hash = factory.Sequence(lambda number: f"{number:064d}")
    confirmed_at = factory.LazyFunction(timezone.now)
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=3))


class ClaimFactory(DjangoModelFactory):
    """A link for a walk-in patient; nobody knows its token."""

    class Meta:
        model = Claim

    patient = factory.SubFactory(PatientFactory, user=None, email="walkin@example.org")
    email = factory.SelfAttribute("patient.email")
    token_hash = factory.Sequence(lambda number: f"{number:064d}")
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=7))
