"""The hospital, its departments, its doctors and patients, and who treats whom."""

from clinic.models.care import CareRelationship
from clinic.models.departments import Department
from clinic.models.doctors import Doctor
from clinic.models.family import Answer, GuardianRequest, Guardianship, Kind, Origin, Scope
from clinic.models.hospital import Hospital, first_zone, known_zone
from clinic.models.merging import DuplicatePair, PatientMerge
from clinic.models.patients import OLDEST, BloodGroup, Gender, Patient, believable_birth_date

__all__ = [
    "OLDEST",
    "Answer",
    "BloodGroup",
    "CareRelationship",
    "Department",
    "Doctor",
    "DuplicatePair",
    "Gender",
    "GuardianRequest",
    "Guardianship",
    "Hospital",
    "Kind",
    "Origin",
    "Patient",
    "PatientMerge",
    "Scope",
    "believable_birth_date",
    "first_zone",
    "known_zone",
]
