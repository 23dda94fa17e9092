"""The import as a whole: everything or nothing, and afterwards told in numbers."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from clinic.models import Department, Doctor, Hospital, Patient
from records.models import Allergy, Diagnosis, Encounter, PrescriptionLine, Vitals
from records.synthea import rows
from records.synthea.loading import Load
from records.synthea.overlaps import overlap_notes
from records.synthea.reading import COLUMNS, ImportRefused
from scheduling.services import refresh_care


class Rehearsed(Exception):
    """Ends a rehearsal: the transaction takes everything back."""


def import_export(folder, *, by=None, say=print, skip_bad_rows=False, rehearse=False):
    """Take over a folder with a Synthea CSV export; returns (Report, counts). What is there already stays as it is.

    Raises ImportRefused, with a line for each thing that is wrong, when the files are not what they should be;
    nothing is kept then. `skip_bad_rows` keeps the rest when single rows are wrong. `rehearse` keeps nothing.
    """
    require_files(folder)
    with timezone.override(Hospital.current().zone):
        try:
            with transaction.atomic():
                report, counts = take_over(folder, by=by, say=say, skip_bad_rows=skip_bad_rows)
                if rehearse:
                    raise Rehearsed
        except Rehearsed:
            say(_("A rehearsal: nothing of it was kept."))
    return report, counts


def require_files(folder):
    """ImportRefused, with all that is missing, before anything is read."""
    if not folder.is_dir():
        raise ImportRefused(_("%(folder)s is no folder.") % {"folder": folder})
    missing = [name for name in COLUMNS if not (folder / name).is_file()]
    if missing:
        sentence = _("%(folder)s is no Synthea CSV export: it has no %(files)s.")
        raise ImportRefused(sentence % {"folder": folder, "files": ", ".join(missing)})


def take_over(folder, *, by, say, skip_bad_rows):
    load = Load(folder, say=say, skip_bad_rows=skip_bad_rows)
    report = load.run()
    if load.care:
        say(_("working out who treats whom: %(pairs)d pairs") % {"pairs": len(load.care)})
    keep_care_true(load.care)
    report.notes += overlap_notes(folder)
    if report.new:
        new = {file.partition(".")[0]: tally.new for file, tally in report.tallies.items() if tally.new}
        audit.record(by, "import.completed", detail={"source": "Synthea", **new})
    return report, counted()


def keep_care_true(pairs):
    """Care relationships follow from the visits, imported ones too."""
    doctors = Doctor.objects.in_bulk({doctor for doctor, _patient in pairs})
    patients = Patient.objects.in_bulk({patient for _doctor, patient in pairs})
    for doctor, patient in sorted(pairs):
        refresh_care(doctors[doctor], patients[patient])


def counted():
    """{what: how many} of all that stands in the database from Synthea, from this run and earlier ones."""
    kept = {
        "patients": Patient,
        "doctors": Doctor,
        "encounters": Encounter,
        "diagnoses": Diagnosis,
        "allergies": Allergy,
        "medications": PrescriptionLine,
        "observations": Vitals,
    }
    counts = {what: model.objects.filter(import_ref__startswith=rows.SOURCE) for what, model in kept.items()}
    counts["departments"] = Department.objects.filter(doctors__in=counts["doctors"]).distinct()
    counts["encounters"] = counts["encounters"].exclude(import_ref__startswith=rows.ENTRY)
    return {what: found.count() for what, found in counts.items()}
