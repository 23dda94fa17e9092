"""A medical history on paper: the same rows as in the table, set for reading."""

from pathlib import Path

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from hms.lib import pdf
from records import exportfile
from records.models import Allergy, MedicalHistory
from records.mydata.papers import Local, filled
from records.services.chart import HISTORY_FIELDS
from records.visits import Visit

TEMPLATE = Path(settings.BASE_DIR) / "templates/pdf/copy.typ"


class Paper:
    """Takes the items of a PatientHistory one by one, then makes the PDF."""

    def __init__(self, history, patient):
        self.patient, self.hospital, self.now = patient, history.hospital, timezone.now()
        self.local = Local(self.hospital)
        self.visits, self.allergies, self.histories = [], [], []

    def add(self, item):
        match item:
            case Visit():
                self.visits.append(self.visit(item))
            case Allergy():
                self.allergies.append(self.allergy(item))
            case MedicalHistory():
                self.histories.append(self.history(item))

    def visit(self, visit):
        who = [str(part) for part in (visit.doctor, visit.department) if part]
        encounter, appointment = visit.encounter, visit.appointment
        found = exportfile.encounter_cells(encounter) if encounter else [""] * 6
        complaint, diagnoses, prescriptions, measurements, notes, _next = found
        facts = filled(
            (_("Doctor"), " · ".join(who)),
            (_("Status"), appointment.get_status_display() if appointment else ""),
            (_("Reason for the visit"), appointment.reason if appointment else ""),
            (_("Complaint"), complaint),
            (_("Diagnoses"), diagnoses),
            (_("Prescriptions"), prescriptions),
            (_("Measurements"), measurements),
            (_("Notes"), notes),
            (_("Next visit"), self.local(encounter.next_visit_on) if encounter else ""),
        )
        return {"title": self.local(visit.starts_at), "facts": facts}

    def allergy(self, allergy):
        facts = filled(
            (_("Reaction"), allergy.reaction),
            (_("Severity"), allergy.get_severity_display()),
            (_("Noted"), self.local(allergy.noted_on)),
            (_("Ended"), self.local(allergy.ended_on)),
            (_("Recorded by"), allergy.recorded_by_name),
        )
        return {"title": allergy.substance, "facts": facts}

    def history(self, history):
        names = {name: MedicalHistory._meta.get_field(name).verbose_name for name in HISTORY_FIELDS}
        said = ((names[name].capitalize(), getattr(history, name)) for name in HISTORY_FIELDS)
        return {"title": self.local(history.written_at), "facts": filled((_("By"), history.written_by_name), *said)}

    def sections(self):
        kinds = (
            (_("Visits"), self.visits, _("No visits yet.")),
            (_("Allergies"), self.allergies, _("None known.")),
            (_("Medical history in own words"), self.histories, _("Nothing written yet.")),
        )
        return [{"title": title, "note": "" if rows else none, "entries": rows} for title, rows, none in kinds]

    def as_pdf(self):
        """The document, as bytes."""
        made = date_format(self.now.astimezone(self.hospital.zone), "DATETIME_FORMAT")
        lead = _("Made on %(when)s (%(zone)s). Times are those of the hospital.")
        data = {
            "title": _("Medical history"),
            "lang": translation.get_language() or "en",
            "hospital": self.hospital.name,
            "footer": f"{self.hospital.name} · {self.patient.number} · {made}",
            "lead": lead % {"when": made, "zone": self.hospital.time_zone},
            "facts": filled(
                (_("Name"), self.patient.name),
                (_("Patient number"), self.patient.number),
                (_("Date of birth"), self.local(self.patient.birth_date)),
                (_("Blood group"), self.patient.get_blood_group_display()),
            ),
            "sections": self.sections(),
        }
        return pdf.render(TEMPLATE, data)
