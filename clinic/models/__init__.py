"""The hospital, its departments, its doctors and patients, who treats whom, and who wants to come in."""

from clinic.models.applications import Application
from clinic.models.care import CareRelationship
from clinic.models.claims import TRIES, Claim
from clinic.models.departments import Department
from clinic.models.doctors import Doctor
from clinic.models.family import Answer, GuardianRequest, Guardianship, Kind, Origin, Scope
from clinic.models.hospital import Hospital, first_zone, known_zone
from clinic.models.imports import Import, ImportedRow
from clinic.models.merging import DuplicatePair, PatientMerge
from clinic.models.patients import OLDEST, BloodGroup, Gender, Patient, believable_birth_date

__all__ = [
    "OLDEST",
    "TRIES",
    "Answer",
    "Application",
    "BloodGroup",
    "CareRelationship",
    "Claim",
    "Department",
    "Doctor",
    "DuplicatePair",
    "Gender",
    "GuardianRequest",
    "Guardianship",
    "Hospital",
    "Import",
    "ImportedRow",
    "Kind",
    "Origin",
    "Patient",
    "PatientMerge",
    "Scope",
    "believable_birth_date",
    "first_zone",
    "known_zone",
]
