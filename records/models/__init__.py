"""What happened: encounters and what was found, prescribed and measured. Read by patients and who treats them."""

from records.models.breakglass import BreakGlass, Verdict
from records.models.chart import Allergy, MedicalHistory, Vitals
from records.models.encounters import (
    CodeSystem,
    Diagnosis,
    Encounter,
    EncounterVersion,
    PrescriptionLine,
    charts_as_own,
    charts_exported_by,
    charts_of,
    charts_written_by,
)
from records.models.exports import LISTS, Export
from records.models.grants import ClinicalGrant
from records.models.reports import MonthlyReport
from records.models.tallies import (
    DepartmentDay,
    DepartmentMonth,
    DoctorDay,
    DoctorMonth,
    FirstVisit,
    FirstVisitMonth,
    TallyBook,
)

__all__ = [
    "LISTS",
    "Allergy",
    "BreakGlass",
    "ClinicalGrant",
    "CodeSystem",
    "DepartmentDay",
    "DepartmentMonth",
    "Diagnosis",
    "DoctorDay",
    "DoctorMonth",
    "Encounter",
    "EncounterVersion",
    "Export",
    "FirstVisit",
    "FirstVisitMonth",
    "MedicalHistory",
    "MonthlyReport",
    "PrescriptionLine",
    "TallyBook",
    "Verdict",
    "Vitals",
    "charts_as_own",
    "charts_exported_by",
    "charts_of",
    "charts_written_by",
]
