"""What two records of one person hold, for the tests of merging and of undoing it."""

from datetime import timedelta
from itertools import count

from django.utils import timezone

from clinic import merging
from clinic.models import Patient
from clinic.services.kept import kept_row
from records.tests.factories import (
    AllergyFactory,
    EncounterFactory,
    MedicalHistoryFactory,
    VitalsFactory,
)
from scheduling.models import Status
from scheduling.tests.factories import AppointmentFactory

HOURS = count()  # no two visits at once


def everything(*patients):
    """All rows that are or point to these patients, column by column."""
    found = {
        entry.path: {row.pk: kept_row(row, but="id") for row in entry.rows(**{f"{entry.name}__in": patients})}
        for entry in merging.moving()
    }
    ids = [patient.pk for patient in patients]
    found["patients"] = {row.pk: kept_row(row, but="id") for row in Patient.objects.filter(pk__in=ids)}
    return found


def chart_of(patient, doctor, **more):
    """A visit with its record, an allergy, a measurement and a history."""
    visit = AppointmentFactory(
        patient=patient,
        doctor=doctor,
        status=Status.COMPLETED,
        starts_at=timezone.now() - timedelta(days=9, hours=next(HOURS)),
    )
    encounter = EncounterFactory(appointment=visit)
    return {
        "visit": visit,
        "encounter": encounter,
        "vitals": VitalsFactory(patient=patient, encounter=encounter),
        "allergy": AllergyFactory(patient=patient),
        "history": MedicalHistoryFactory(patient=patient),
    }
