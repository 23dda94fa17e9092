"""The file of a copy: a zip with data.json for programs and data.pdf for people. Rows are in memory a few at a time."""

import json
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from clinic.models import Hospital
from hms.lib import pdf
from records.mydata import papers, shapes
from records.mydata.sections import SECTIONS

FORMAT, VERSION = "hms-patient-copy", 1
JSON_NAME, PDF_NAME = "data.json", "data.pdf"
PARTS = {"json": (JSON_NAME, "application/json"), "pdf": (PDF_NAME, "application/pdf")}
ON_PAPER = 200  # rows of each kind on paper, the newest; a sheaf of thousands helps nobody, and the JSON has them all
TEMPLATE = Path(settings.BASE_DIR) / "templates/pdf/copy.typ"


class Copy:
    """Everything held about one patient, for the owner of the account. `len()` first, then `write(file)`."""

    def __init__(self, user, patient):
        self.user, self.patient = user, patient
        self.hospital = Hospital.current()
        self.local = papers.Local(self.hospital)
        self.made_at = timezone.now()
        self.paper = []

    def __len__(self):
        return sum(section.find(self.user, self.patient).count() for section in SECTIONS)

    def write(self, file, *, told=lambda: None):
        """Write the zip; `told()` is called after each row and before the paper is set."""
        with ZipFile(file, "w", ZIP_DEFLATED) as archive:
            with archive.open(JSON_NAME, "w", force_zip64=True) as document:
                for piece in self.pieces(told):
                    document.write(piece.encode("utf-8", "replace"))
            told()
            archive.writestr(PDF_NAME, self.as_pdf())

    def head(self):
        """What stands before the lists."""
        staff_notes = self.patient.appointments.exclude(staff_notes="").exists()
        hospital = shapes.some(self.hospital, "name", "address", "phone", "email", "time_zone", "currency")
        return {
            "format": FORMAT,
            "version": VERSION,
            "made_at": self.made_at,
            "hospital": hospital,
            "account": shapes.account(self.user),
            "patient": shapes.patient(self.patient),
            "not_in_this_copy": [str(NOTES)] if staff_notes else [],
        }

    def pieces(self, told):
        """The JSON document, piece by piece. The rows that go on paper are kept aside on the way."""
        yield "{\n"
        for name, value in self.head().items():
            yield f"{dumped(name)}: {dumped(value)},\n"
        for number, section in enumerate(SECTIONS):
            yield f"{',' if number else ''}\n{dumped(section.name)}: ["
            yield from self.pieces_of(section, told)
            yield "]"
        yield "\n}\n"

    def pieces_of(self, section, told):
        entries, count = [], 0
        for count, row in enumerate(section.rows(self.user, self.patient), start=1):
            yield f"{',' if count > 1 else ''}\n{dumped(row)}"
            if count <= ON_PAPER:
                title, facts = section.on_paper(row, self.local)
                entries.append({"title": str(title), "facts": facts})
            told()
        self.paper.append({"title": str(section.title), "note": note_on(section, count), "entries": entries})

    def as_pdf(self):
        """What is for people to read, once the rows have passed."""
        head = self.head()
        about = papers.patient(head["patient"], self.local) + papers.account(head["account"], self.local)
        made = _("Made on %(when)s (%(zone)s) for %(name)s.") % {
            "when": self.local(self.made_at),
            "zone": self.hospital.time_zone,
            "name": self.patient.name,
        }
        data = {
            "title": _("Everything we hold about you"),
            "lang": translation.get_language() or "en",
            "hospital": self.hospital.name,
            "footer": f"{self.hospital.name} · {self.patient.number} · {self.local(self.made_at)}",
            "lead": " ".join([made, *head["not_in_this_copy"]]),
            "facts": about,
            "sections": self.paper,
        }
        return pdf.render(TEMPLATE, data)


NOTES = translation.gettext_lazy(
    "Staff have written notes about your visits for each other. They can name other people, so somebody looks at them "
    "before you get them: please ask the reception."
)


def note_on(section, count):
    """Why it is held, and whether the paper has all of it."""
    if count == 0:
        return f"{section.why} " + _("There is nothing of this kind.")
    if count > ON_PAPER:
        more = _("These are the newest %(some)d of %(all)d; data.json has all of them.")
        return f"{section.why} " + more % {"some": ON_PAPER, "all": count}
    return str(section.why)


def dumped(value):
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)


def part_of(path, part):
    """One of the PARTS of a finished copy, open for reading."""
    with ZipFile(path) as archive:
        return archive.open(PARTS[part][0])  # the file below stays open until this is closed
