"""What stands in an exported medical history: one row per visit, allergy and saving of the standing history."""

from django.utils.translation import gettext as _

from clinic.models import Hospital
from records import visits
from records.measures import value_words
from records.models import Allergy, Encounter, MedicalHistory
from records.services.chart import HISTORY_FIELDS
from scheduling.models import Appointment, Status

AT_ONCE = 50  # visits loaded together


def heading():
    """The names of the columns."""
    return [
        _("Kind"),
        _("When"),
        _("Time zone"),
        _("Doctor"),
        _("Department"),
        _("Status"),
        _("Reason for the visit"),
        _("Complaint"),
        _("Diagnoses"),
        _("Prescriptions"),
        _("Measurements"),
        _("Notes"),
        _("Next visit"),
    ]


class PatientHistory:
    """Everything of one patient that one person may read, as rows of text. `len()` first, then `rows()`.

    A time that is only held as an offer is no visit, and may be gone tomorrow: it is left out.
    """

    def __init__(self, user, patient):
        self.user = user
        self.hospital = Hospital.current()
        self.zone = self.hospital.zone
        self.visits = visits.keys(
            Appointment.objects.visible_to(user).filter(patient=patient).exclude(status=Status.HELD),
            Encounter.objects.visible_to(user).signed().filter(patient=patient),
        )
        self.allergies = Allergy.objects.visible_to(user).filter(patient=patient)
        self.histories = MedicalHistory.objects.visible_to(user).filter(patient=patient)

    def __len__(self):
        return self.visits.count() + self.allergies.count() + self.histories.count()

    def items(self):
        """Visits, Allergies and MedicalHistories, in this order. A few visits are in memory at a time."""
        keys = list(self.visits)
        for start in range(0, len(keys), AT_ONCE):
            yield from visits.load(self.user, keys[start : start + AT_ONCE])
        yield from self.allergies
        yield from self.histories

    def rows(self):
        """The same as rows of text."""
        written = {visits.Visit: self.visit_row, Allergy: self.allergy_row, MedicalHistory: self.history_row}
        return (written[type(item)](item) for item in self.items())

    def local(self, instant):
        return instant.astimezone(self.zone).isoformat(" ", "minutes")

    def visit_row(self, visit):
        row = [
            _("Visit"),
            self.local(visit.starts_at),
            self.zone.key,
            visit.doctor,
            visit.department,
            visit.appointment.get_status_display() if visit.appointment else _("Completed"),
            visit.appointment.reason if visit.appointment else "",
        ]
        return row + (encounter_cells(visit.encounter) if visit.encounter else [""] * 6)

    def allergy_row(self, allergy):
        said = [allergy.substance, allergy.reaction, allergy.get_severity_display()]
        state = _("Ended %(day)s") % {"day": allergy.ended_on} if allergy.ended_on else ""
        row = [_("Allergy"), allergy.noted_on, "", allergy.recorded_by_name, "", state]
        return row + [""] * 5 + [" · ".join(part for part in said if part), ""]

    def history_row(self, history):
        names = {name: MedicalHistory._meta.get_field(name).verbose_name for name in HISTORY_FIELDS}
        texts = [f"{names[name]}: {getattr(history, name)}" for name in HISTORY_FIELDS if getattr(history, name)]
        row = [
            _("Medical history in own words"),
            self.local(history.written_at),
            self.zone.key,
            history.written_by_name,
        ]
        return row + [""] * 7 + ["\n".join(texts), ""]


def encounter_cells(encounter):
    """The six cells of what was found and prescribed; several things in one cell stand on lines of their own."""
    return [
        encounter.complaint,
        "\n".join(f"{row.code} {row.words}".strip() for row in encounter.diagnoses.all()),
        "\n".join(prescription_words(row) for row in encounter.prescriptions.all()),
        "\n".join(vitals_words(row) for row in encounter.vitals.all()),
        encounter.notes,
        encounter.next_visit_on,
    ]


def prescription_words(line):
    """A prescription line as one line of text."""
    parts = [line.medicine, line.dose, line.route, line.frequency, line.duration, line.instructions]
    return ", ".join(part for part in parts if part)


def vitals_words(row):
    """A measurement as one line of text."""
    return f"{row.label}: {value_words(row)}"
