"""From a Synthea export into our tables: in batches, idempotent, in one transaction that the caller opens."""

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import islice

from django.db.models import Model
from django.utils.translation import gettext as _

from clinic.models import Department, Doctor, Patient
from clinic.services import create_department
from hms.lib import cached
from records.models import Allergy, Diagnosis, Encounter, PrescriptionLine, Vitals
from records.synthea import building, rows
from records.synthea.reading import BadRow, ImportRefused, Place, read

BATCH = 1000
PROGRESS_EVERY = 10_000  # rows
MOST_PROBLEMS = 50  # told one by one; then the import has been told enough


@dataclass
class Item:
    """A row that was understood: where it stands, its text, and the fields it becomes."""

    place: Place
    row: dict
    fields: dict

    @property
    def ref(self):
        return self.fields["import_ref"]


@dataclass
class Tally:
    """What became of the rows of one file."""

    rows: int = 0
    new: int = 0
    there: int = 0

    @property
    def left_out(self):
        return self.rows - self.new - self.there


@dataclass
class Report:
    """What an import did, row by row where it did not simply take over."""

    tallies: dict = field(default_factory=lambda: defaultdict(Tally))
    problems: list = field(default_factory=list)  # rows that cannot be taken over
    notes: list = field(default_factory=list)  # rows taken over, or left out by rule, with something to say about them

    @property
    def new(self):
        return sum(tally.new for tally in self.tallies.values())


@dataclass(frozen=True)
class Table:
    """How a file becomes rows of a model. `key` names the columns that tell two rows apart where there is no Id."""

    file: str
    model: type[Model]
    convert: callable
    build: callable
    key: tuple = ()


TABLES = [
    Table("providers.csv", Doctor, rows.doctor, building.doctors),
    Table("patients.csv", Patient, rows.patient, building.patients),
    Table("encounters.csv", Encounter, rows.encounter, building.encounters),
    Table("conditions.csv", Diagnosis, rows.diagnosis, building.diagnoses, ("PATIENT", "ENCOUNTER", "CODE", "START")),
    Table(
        *("medications.csv", PrescriptionLine, rows.prescription, building.prescriptions),
        ("PATIENT", "ENCOUNTER", "CODE", "START"),
    ),
    Table("allergies.csv", Allergy, rows.allergy, building.allergies, ("PATIENT", "CODE", "DESCRIPTION", "START")),
    Table(
        *("observations.csv", Vitals, rows.vitals, building.vitals),
        ("PATIENT", "ENCOUNTER", "DATE", "CODE", "DESCRIPTION"),
    ),
]


class Load:
    """One run over an export. What it keeps in memory per row is one number; the rest is a batch at a time."""

    def __init__(self, folder, *, say, skip_bad_rows=False):
        self.folder, self.say, self.skip_bad_rows = folder, say, skip_bad_rows
        self.report = Report()
        self.organizations = {}
        self.left_out = set()  # Ids of encounters left out by rule: what belongs to them is left out with them
        self._departments = {}
        self.care = set()  # (doctor, patient) pairs whose relationship has to be looked at

    def run(self):
        """Take over every file; the Report, or ImportRefused with all that is wrong."""
        for _place, row in self._counted("organizations.csv"):
            self.organizations[row["Id"]] = ", ".join(rows.title(row[column]) for column in ("NAME", "CITY"))
        cached.after_commit(cached.EVERYTHING)
        for table in TABLES:
            self._take_over(table)
        if self.report.problems and not self.skip_bad_rows:
            raise ImportRefused("\n".join(self.report.problems))
        return self.report

    def bad(self, place, sentence):
        """A row that cannot be taken over. Fifty of them end the import: the files are not what they should be."""
        self.report.problems.append(f"{place}: {sentence}")
        if len(self.report.problems) >= MOST_PROBLEMS and not self.skip_bad_rows:
            self.report.problems.append(_("There may be more."))
            raise ImportRefused("\n".join(self.report.problems))

    def note(self, place, sentence):
        """Something to tell about a row that was taken over, or that is left out by rule."""
        self.report.notes.append(f"{place}: {sentence}")

    def department(self, name):
        """The department of a speciality; opened when there is none of that name."""
        key = name.lower()
        if key not in self._departments:
            there = Department.objects.filter(name__iexact=name).first()
            self._departments[key] = there or create_department(name=name, by=None)
        return self._departments[key]

    def _counted(self, file):
        tally = self.report.tallies[file]
        for place, row in read(self.folder, file):
            tally.rows += 1
            yield place, row
            if tally.rows % PROGRESS_EVERY == 0:
                self.say(_("%(file)s: %(rows)d rows so far") % {"file": file, "rows": tally.rows})

    def _take_over(self, table):
        tally, seen = self.report.tallies[table.file], set()
        lines = self._counted(table.file)
        while batch := list(islice(lines, BATCH)):
            items = [item for place, row in batch if (item := self._understood(table, place, row, seen))]
            refs = [item.ref for item in items]
            there = set(table.model.objects.filter(import_ref__in=refs).values_list("import_ref", flat=True))
            tally.there += len(there)
            tally.new += table.build(self, [item for item in items if item.ref not in there])
        self.say(self._outcome(table.file, tally))

    def _understood(self, table, place, row, seen):
        """The row as an Item, or None with the reason told."""
        try:
            fields = table.convert(row)
            fields["import_ref"] = self._ref(table, row, seen)
        except BadRow as error:
            self.bad(place, error)
            return None
        return Item(place, row, fields)

    def _ref(self, table, row, seen):
        """What the row is known by. Rows without an Id that agree in all of their key are the first, the second, …"""
        if not table.key:
            ref = rows.id_ref(row["Id"])
            if hash(ref) in seen:
                raise BadRow(_("this Id stands in the file twice."))
        else:
            number, parts = 1, [row[column] for column in table.key]
            while hash(ref := rows.ref(table.file[:4], *parts, str(number))) in seen:
                number += 1
        seen.add(hash(ref))
        return ref

    def _outcome(self, file, tally):
        words = _("%(file)s: %(rows)d rows, %(new)d new, %(there)d already there, %(left_out)d left out")
        counts = {"rows": tally.rows, "new": tally.new, "there": tally.there, "left_out": tally.left_out}
        return words % {"file": file, **counts}
