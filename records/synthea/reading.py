"""Reading the files of a Synthea export: line by line, strictly, with a sentence for whatever is wrong. No database."""

import csv
from dataclasses import dataclass

from django.utils.translation import gettext as _

from hms.lib.errors import Refused

LONGEST_LINE = 1_000_000

# What must be there. Further columns, which newer versions of Synthea write, are welcome and passed by.
COLUMNS = {
    "organizations.csv": ("Id", "NAME", "CITY"),
    "providers.csv": ("Id", "ORGANIZATION", "NAME", "GENDER", "SPECIALITY"),
    "patients.csv": (
        *("Id", "BIRTHDATE", "DEATHDATE", "FIRST", "LAST", "SUFFIX", "GENDER", "ADDRESS", "CITY", "STATE", "ZIP"),
    ),
    "encounters.csv": (
        *("Id", "START", "STOP", "PATIENT", "ORGANIZATION", "PROVIDER", "ENCOUNTERCLASS"),
        *("DESCRIPTION", "REASONDESCRIPTION"),
    ),
    "conditions.csv": ("START", "STOP", "PATIENT", "ENCOUNTER", "CODE", "DESCRIPTION"),
    "medications.csv": ("START", "STOP", "PATIENT", "ENCOUNTER", "CODE", "DESCRIPTION", "REASONDESCRIPTION"),
    "allergies.csv": (
        *("START", "STOP", "PATIENT", "ENCOUNTER", "CODE", "SYSTEM", "DESCRIPTION", "CATEGORY"),
        *("DESCRIPTION1", "SEVERITY1", "DESCRIPTION2", "SEVERITY2"),
    ),
    "observations.csv": (
        *("DATE", "PATIENT", "ENCOUNTER", "CATEGORY", "CODE", "DESCRIPTION", "VALUE", "UNITS", "TYPE"),
    ),
}


class ImportRefused(Refused):
    """The export cannot be taken over as it is; nothing of it was."""


@dataclass(frozen=True)
class Place:
    """A line of a file, for sentences about it."""

    file: str
    line: int

    def __str__(self):
        return _("%(file)s, line %(line)d") % {"file": self.file, "line": self.line}


class BadRow(ValueError):
    """A row that cannot be taken over, with the reason as a sentence."""


def refuse(place, sentence):
    raise ImportRefused(f"{place}: {sentence}")


def read(folder, name):
    """Yield (Place, {column: text}) for each row of a file; memory stays flat however long the file.

    Raises ImportRefused where the file itself is broken: missing, not UTF-8, without its columns, a quote that is
    never closed. A row with too few or too many fields is such a break too: what follows cannot be trusted.
    """
    lines = _Lines(folder / name, name)
    rows = csv.reader(lines, strict=True)
    try:
        header = [column.strip() for column in next(rows, [])]
        _require_columns(name, header)
        for row in rows:
            if not row:
                continue
            place = Place(name, rows.line_num)
            if len(row) != len(header):
                sentence = _("%(found)d fields, where the first line has %(wanted)d. Is the file cut off?")
                refuse(place, sentence % {"found": len(row), "wanted": len(header)})
            yield place, {column: text.strip() for column, text in zip(header, row, strict=True)}
    except csv.Error as error:
        refuse(Place(name, rows.line_num), _("not readable as CSV (%(why)s).") % {"why": error})


def _require_columns(name, header):
    missing = [column for column in COLUMNS[name] if column not in header]
    if missing:
        sentence = _("these columns are missing: %(columns)s.") % {"columns": ", ".join(missing)}
        refuse(Place(name, 1), sentence)


class _Lines:
    """The lines of a text file, decoded one at a time so that a wrong byte is told with its line."""

    def __init__(self, path, name):
        self.path, self.name = path, name

    def __iter__(self):
        try:
            with self.path.open("rb") as file:
                yield from self._decoded(file)
        except OSError as error:
            raise ImportRefused(
                _("%(file)s cannot be read: %(why)s.") % {"file": self.path, "why": error.strerror}
            ) from error

    def _decoded(self, file):
        number = 0
        while raw := file.readline(LONGEST_LINE):
            number += 1
            place = Place(self.name, number)
            if len(raw) == LONGEST_LINE:
                refuse(place, _("longer than a line of text can be."))
            if b"\0" in raw:
                refuse(place, _("a NUL byte: this is not a text file, or not in UTF-8."))
            try:
                yield raw.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                sentence = _("not in UTF-8 (byte %(byte)d of the line). Save the file in UTF-8 and try again.")
                refuse(place, sentence % {"byte": error.start + 1})
