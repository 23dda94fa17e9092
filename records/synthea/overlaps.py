"""Encounters of the export that overlap others: kept as history, and told."""

from django.utils.translation import gettext as _

from records.synthea import rows
from records.synthea.reading import read
from scheduling.models import Appointment, Lane


def overlapping(owner):
    """import_refs of imported visits that begin before an earlier one of the same `owner` (a field's name) is over."""
    visits = Appointment.objects.filter(lane=Lane.HISTORY, import_ref__startswith=rows.SOURCE)
    ordered = visits.order_by(owner, "starts_at", "pk").values_list(owner, "starts_at", "ends_at", "import_ref")
    last_owner, last_end = None, None
    for of, starts_at, ends_at, ref in ordered.iterator():
        if of == last_owner and starts_at < last_end:
            yield ref
            last_end = max(last_end, ends_at)
        else:
            last_owner, last_end = of, ends_at


def overlap_notes(folder):
    """A sentence for each encounter of the files that overlaps an earlier one of its patient or of its doctor."""
    of_patient, of_doctor = set(overlapping("patient_id")), set(overlapping("doctor_id"))
    if not of_patient and not of_doctor:
        return
    for place, row in read(folder, "encounters.csv"):
        ref = rows.SOURCE + row["Id"]
        if ref in of_patient:
            yield f"{place}: {_('overlaps an earlier encounter of the same patient; kept as history.')}"
        if ref in of_doctor:
            yield f"{place}: {_('overlaps an earlier encounter of the same doctor; kept as history.')}"
