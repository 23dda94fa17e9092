"""Encounters and what belongs to them, for tests."""

from datetime import timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from clinic.tests.factories import PatientFactory
from records.models import Allergy, CodeSystem, Diagnosis, Encounter, Export, MedicalHistory, PrescriptionLine, Vitals
from scheduling.models import Status


class EncounterFactory(DjangoModelFactory):
    """A signed record of a completed visit a week or more ago; `signed_at=None` makes a draft."""

    class Meta:
        model = Encounter

    appointment = factory.SubFactory(
        "scheduling.tests.factories.AppointmentFactory",
        status=Status.COMPLETED,
        starts_at=factory.Sequence(
            lambda number: timezone.now().replace(microsecond=0) - timedelta(days=7, hours=number)
        ),
        ends_at=factory.LazyAttribute(lambda visit: visit.starts_at + timedelta(minutes=30)),
    )
    patient = factory.SelfAttribute("appointment.patient")
    doctor = factory.SelfAttribute("appointment.doctor")
    started_at = factory.SelfAttribute("appointment.starts_at")
    ended_at = factory.SelfAttribute("appointment.ends_at")
    signed_at = factory.SelfAttribute("ended_at")
    complaint = factory.Sequence(lambda number: f"Complaint {number}")
    notes = factory.Sequence(lambda number: f"Notes {number}")


class ImportedEncounterFactory(EncounterFactory):
    """History from elsewhere: no appointment of ours behind it."""

    appointment = None
    patient = factory.SubFactory(PatientFactory)
    doctor = None
    started_at = factory.LazyFunction(lambda: timezone.now().replace(microsecond=0) - timedelta(days=700))
    ended_at = factory.LazyAttribute(lambda encounter: encounter.started_at + timedelta(minutes=15))
    import_ref = factory.Sequence(lambda number: f"test:encounter:{number}")


class DiagnosisFactory(DjangoModelFactory):
    class Meta:
        model = Diagnosis

    encounter = factory.SubFactory(EncounterFactory)
    code = "J06.9"
    words = factory.Sequence(lambda number: f"Diagnosis {number}")


class PrescriptionLineFactory(DjangoModelFactory):
    class Meta:
        model = PrescriptionLine

    encounter = factory.SubFactory(EncounterFactory)
    medicine = factory.Sequence(lambda number: f"Medicine {number}")
    dose = "500 mg"
    frequency = "twice a day"


class VitalsFactory(DjangoModelFactory):
    """A heart rate; not of any encounter unless one is given."""

    class Meta:
        model = Vitals

    patient = factory.SubFactory(PatientFactory)
    measured_at = factory.LazyFunction(timezone.now)
    system = CodeSystem.LOINC
    code = "8867-4"
    label = "Pulse"
    number = 72
    unit = "/min"


class AllergyFactory(DjangoModelFactory):
    class Meta:
        model = Allergy

    patient = factory.SubFactory(PatientFactory)
    substance = factory.Sequence(lambda number: f"Substance {number}")
    severity = Allergy.Severity.SEVERE


class MedicalHistoryFactory(DjangoModelFactory):
    class Meta:
        model = MedicalHistory

    patient = factory.SubFactory(PatientFactory)
    illnesses = factory.Sequence(lambda number: f"Illness {number}")
    written_by_name = factory.SelfAttribute("patient.name")


class ExportFactory(DjangoModelFactory):
    """A patient's waiting export of their own history."""

    class Meta:
        model = Export

    patient = factory.SubFactory(PatientFactory)
    owner = factory.SelfAttribute("patient.user")
    kind = Export.Kind.HISTORY
