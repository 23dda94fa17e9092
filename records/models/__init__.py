"""What happened: encounters and what was found, prescribed and measured. Read by patients and who treats them."""

from records.models.chart import Allergy, MedicalHistory, Vitals
from records.models.encounters import (
    CodeSystem,
    Diagnosis,
    Encounter,
    EncounterVersion,
    PrescriptionLine,
    charts_as_own,
    charts_of,
    charts_to_take,
    charts_to_tell,
)
from records.models.exports import Export

__all__ = [
    "Allergy",
    "CodeSystem",
    "Diagnosis",
    "Encounter",
    "EncounterVersion",
    "Export",
    "MedicalHistory",
    "PrescriptionLine",
    "Vitals",
    "charts_as_own",
    "charts_of",
    "charts_to_take",
    "charts_to_tell",
]
