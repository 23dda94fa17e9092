"""Hours and visits, for tests."""

from datetime import UTC, datetime, time, timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from clinic.tests.factories import DoctorFactory, PatientFactory
from scheduling.models import Appointment, ExtraHours, TimeOff, Weekday, WorkingHours
from scheduling.services.care import refresh_care


def tomorrow(number=0):
    """An instant tomorrow from 08:00 UTC on, another half hour for each number up to 16."""
    day = timezone.now().astimezone(UTC).date() + timedelta(days=1)
    return datetime.combine(day, time(8), tzinfo=UTC) + timedelta(minutes=30 * (number % 16))


class WorkingHoursFactory(DjangoModelFactory):
    """Mondays from nine to five, in half hours."""

    class Meta:
        model = WorkingHours

    doctor = factory.SubFactory(DoctorFactory)
    weekday = Weekday.MONDAY
    starts = time(9)
    ends = time(17)
    slot_minutes = 30


def open_all_week(doctor, starts=time(9), ends=time(17), minutes=30):
    """The same hours on every weekday."""
    return [
        WorkingHoursFactory(doctor=doctor, weekday=day, starts=starts, ends=ends, slot_minutes=minutes)
        for day in Weekday.values
    ]


class ExtraHoursFactory(DjangoModelFactory):
    class Meta:
        model = ExtraHours

    doctor = factory.SubFactory(DoctorFactory)
    date = factory.LazyFunction(lambda: tomorrow().date())
    starts = time(9)
    ends = time(12)
    slot_minutes = 30


class TimeOffFactory(DjangoModelFactory):
    class Meta:
        model = TimeOff

    doctor = factory.SubFactory(DoctorFactory)
    starts_at = factory.LazyFunction(tomorrow)
    ends_at = factory.LazyAttribute(lambda off: off.starts_at + timedelta(days=1))


class AppointmentFactory(DjangoModelFactory):
    """A visit booked for tomorrow; the care relationship follows from it, as the services would have it."""

    class Meta:
        model = Appointment
        skip_postgeneration_save = True

    reference = factory.Sequence(lambda number: f"V{number:07d}")  # like no patient's number
    doctor = factory.SubFactory(DoctorFactory)
    patient = factory.SubFactory(PatientFactory)
    department = factory.SelfAttribute("doctor.department")
    starts_at = factory.Sequence(tomorrow)
    ends_at = factory.LazyAttribute(lambda visit: visit.starts_at + timedelta(minutes=30))

    @factory.post_generation
    def care(self, create, extracted, **kwargs):
        if create:
            refresh_care(self.doctor, self.patient)
