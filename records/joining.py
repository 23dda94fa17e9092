"""What records has to say when two patients' records are merged, and when that is undone."""

from clinic import merging
from records.services import exports


def register():
    """For AppConfig.ready(). Diagnoses, prescriptions and versions go with their encounters."""
    merging.moves("records.Encounter.patient", follows=["appointment"])
    merging.moves("records.Vitals.patient", follows=["encounter"])
    merging.moves("records.Allergy.patient", follows=["encounter", "corrects"])
    merging.moves("records.MedicalHistory.patient")
    merging.moves("records.Export.patient")
    merging.moves("records.BreakGlass.patient")
    merging.moves("records.ClinicalGrant.patient")
    merging.stays("records.FirstVisit.patient", why="it is found again from the visits, which move")
    merging.after_undo.append(exports.withdraw)
