"""Going through the file of an import, a batch at a time: to say what would become of its rows, or to take them over.

Both are one pass, so that a check says what a run does. A run that is taken up again goes through the whole file too:
what it has made already is known by its rows.
"""

from collections import Counter
from itertools import islice

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from clinic import phones, topics
from clinic.importing import matching, values
from clinic.importing.matching import ALIKE, DIFFERS, NEW, THERE
from clinic.importing.rows import Reading
from clinic.models import Doctor, DuplicatePair, Hospital, Import, ImportedRow, Patient
from clinic.numbers import new_number
from clinic.services import importfiles
from clinic.services.departments import create_department
from clinic.services.duplicates import as_row
from clinic.services.rows import ClinicRefused
from hms.lib import cached, leases, sheets
from hms.lib.bulk import unused
from hms.lib.search import fold

BATCH = 500
MOST_ROWS = 250_000
TOLD = {"error": 100, ALIKE: 50, DIFFERS: 25}  # how many of each are shown on the page
DEPARTMENTS_TOLD = 50
TRIES = 3  # of a batch, when a number is taken or somebody else writes the same
ERROR = "error"


def reading_of(imported):
    """How the rows of an import are understood."""
    return Reading(
        kind=imported.kind,
        columns=imported.columns,
        mapping=imported.mapping,
        how=values.How(imported.dates, phones.region_of(Hospital.current())),
        department=imported.department.name if imported.department else "",
        source=imported.source,
    )


class Pass:
    """One way through the file. `writes` says whether rows become people."""

    def __init__(self, imported, *, writes):
        self.imported, self.writes = imported, writes
        self.reading = reading_of(imported)
        self.known = matching.OF[imported.kind](imported)
        self.counts = dict.fromkeys(("rows", NEW, THERE, DIFFERS, ALIKE, ERROR), 0)
        self.problems, self.told = [], Counter()
        self.seen = {}  # {hash of what a row is known by: its number}
        self.people = {}  # the same of name and date of birth

    def run(self):
        """Go through it. Returns (counts, problems to show, name of the file of rows left out or "")."""
        importfiles.forget_halves(self.imported)
        draft = importfiles.half_of(self.imported)
        try:
            with importfiles.create(draft, mode="w+", encoding="utf-8", newline="") as file:
                self.sheet = sheets.Sheet(file)
                self.sheet.write([*self.imported.columns, _("Row"), _("What is wrong")])
                with timezone.override(Hospital.current().zone):
                    self._through(importfiles.table_of(self.imported))
            if unknown := getattr(self.known, "unknown", None):
                self.counts["departments"] = sorted(unknown.values())[:DEPARTMENTS_TOLD]
            if not self._left_out():
                return self.counts, self.problems, ""
            return self.counts, self.problems, draft.rename(draft.with_suffix(".csv")).name
        finally:
            draft.unlink(missing_ok=True)

    def _left_out(self):
        return self.counts[ERROR] + (self.counts[ALIKE] if self.imported.alike == Import.Alike.LEAVE else 0)

    def _through(self, table):
        records = iter(table)
        if self.imported.has_heading:
            next(records, None)
        while batch := list(islice(records, BATCH)):
            self.counts["rows"] += len(batch)
            if self.counts["rows"] > MOST_ROWS:
                sentence = _("The file has more than %(most)d rows. Please split it.")
                raise ClinicRefused(sentence % {"most": MOST_ROWS})
            read = [self._read(record) for record in batch]
            told = {"done": table.told, "total": table.size, "claimed_at": timezone.now()}
            if self.writes:
                self._write(read, told)
            else:
                leases.move(self.imported, **told)
                self._judge(read)
            for item in read:
                self._count(item)

    def _read(self, record):
        """A row, understood, and refused when it stands in the file before."""
        item = self.reading.item(record)
        if not item.problems:
            first = self.seen.setdefault(hash(item.ref), item.number)
            if first != item.number:
                item.bad("", "", _("This is in the file already, in row %(number)d.") % {"number": first})
        return item

    def _judge(self, read):
        """Say of each row whom it is about. Gives those that are to become people."""
        right = [item for item in read if not item.problems]
        made = set()
        if self.writes:
            numbers = {"number__range": (read[0].number, read[-1].number)}
            made = set(ImportedRow.objects.filter(of=self.imported, **numbers).values_list("number", flat=True))
        fresh = [item for item in right if item.number not in made]
        self.known.judge(fresh)
        for item in right:
            item.verdict = NEW if item.number in made else item.verdict
            self._like_an_earlier_row(item, is_fresh=item.verdict in {NEW, ALIKE} and item.number not in made)
        wanted = {NEW, ALIKE} if self.imported.alike == Import.Alike.TAKE else {NEW}
        return [item for item in fresh if not item.problems and item.verdict in wanted]

    def _like_an_earlier_row(self, item, *, is_fresh):
        """Two rows of one file with the same name and date of birth (or department) may be one person."""
        told = item.fields.get("birth_date") or fold(item.fields.get("department", ""))
        who = hash((tuple(sorted(fold(item.fields["name"]).split())), told))
        first = self.people.setdefault(who, item.number)
        if first != item.number and is_fresh:
            item.verdict, item.earlier = ALIKE, first

    def _write(self, read, told):
        """Take a batch over in one transaction: people, who they came from, audit rows, and how far it is."""
        for attempt in range(1, TRIES + 1):
            try:
                with transaction.atomic():
                    leases.move(self.imported, **told)
                    make(self.imported, self.known, self._judge(read))
                return
            except IntegrityError:
                if attempt == TRIES:
                    raise
                self.imported.refresh_from_db(fields=["departments_made"])
                self.known = matching.OF[self.imported.kind](self.imported)

    def _count(self, item):
        verdict = ERROR if item.problems else item.verdict
        self.counts[verdict] += 1
        if verdict == ALIKE:
            item.bad("", item.fields["name"], self._whom(item))
        elif verdict == DIFFERS:
            item.bad("", item.fields["name"], _("Is there already with other data, which stay as they are."))
        self.told[verdict] += len(item.problems)
        for problem in item.problems if self.told[verdict] <= TOLD.get(verdict, 0) else []:
            entry = {"row": item.number, "column": problem.column, "value": problem.value, "sentence": problem.sentence}
            self.problems.append(entry | {"what": verdict, "whom": item.whom or next(iter(item.alike), (None,))[0]})
        if verdict == ERROR or (verdict == ALIKE and self.imported.alike == Import.Alike.LEAVE):
            width = len(self.imported.columns)
            cells = [*item.cells[:width], *[""] * (width - len(item.cells))]
            said = " · ".join(_as_line(problem) for problem in item.problems)
            self.sheet.write([*cells, item.number, said, *item.cells[width:]])  # what has no column comes back too

    def _whom(self, item):
        if item.earlier:
            return _("May be the same person as in row %(number)d.") % {"number": item.earlier}
        reasons = ", ".join(str(reason.label) for reason in item.alike[0][1]) or _("Same name")
        return _("May be somebody who is there already: %(reasons)s.") % {"reasons": reasons}


def _as_line(problem):
    said = f"{problem.column}: " if problem.column else ""
    return said + (f"“{problem.value}” – " if problem.value else "") + problem.sentence


def make(imported, known, items):
    """Rows become people, with what every registration leaves behind. In the caller's transaction."""
    if not items:
        return
    build = _patients if imported.kind == Import.Kind.PATIENTS else _doctors
    people = build(imported, known, items)
    ImportedRow.objects.bulk_create(
        ImportedRow(of=imported, number=item.number, target_id=person.pk)
        for item, person in zip(items, people, strict=True)
    )
    of_patients = imported.kind == Import.Kind.PATIENTS
    details = {
        person.pk: {"import": imported.pk, "row": item.number} for item, person in zip(items, people, strict=True)
    }
    action = "patient.registered" if of_patients else "doctor.created"
    audit.record_many(imported.asked_by, action, people, of_patients=of_patients, details=details)


def _patients(imported, known, items):
    numbers = unused(new_number, Patient, "number", len(items))
    people = Patient.objects.bulk_create(
        Patient(number=number, import_ref=item.ref, **item.fields) for number, item in zip(numbers, items, strict=True)
    )
    DuplicatePair.objects.bulk_create(
        [
            as_row(frozenset((person.pk, other)), reasons)
            for item, person in zip(items, people, strict=True)
            for other, reasons in item.alike
        ],
        ignore_conflicts=True,
    )
    return people


def _doctors(imported, known, items):
    built = []
    for item in items:
        fields = dict(item.fields)
        department = _department(imported, known, fields.pop("department"))
        built.append(Doctor(department=department, import_ref=item.ref, **fields))
    cached.after_commit(topics.CLINIC)
    return Doctor.objects.bulk_create(built)


def _department(imported, known, name):
    """The department of this name; made when there is none, which undoing knows."""
    key = fold(name)
    if key not in known.departments:
        made = create_department(name=name, by=imported.asked_by)
        known.departments[key] = made
        imported.departments_made.append(made.pk)
        leases.move(imported, departments_made=imported.departments_made)
    return known.departments[key]
