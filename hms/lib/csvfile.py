"""CSV files that people bring: in whatever encoding, with whatever between the cells, read row by row. Pure.

Rows are counted as a spreadsheet program counts them, from 1, empty ones and the first one too.
"""

import codecs
import csv
from dataclasses import dataclass
from io import StringIO
from itertools import count

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

ENCODINGS = {  # Python's name: what people call it
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "cp1252": gettext_lazy("Windows-1252 (Western Europe)"),
    "iso8859-1": "ISO 8859-1 (Latin-1)",
    "cp1250": gettext_lazy("Windows-1250 (Central Europe)"),
    "cp1251": gettext_lazy("Windows-1251 (Cyrillic)"),
    "mac_roman": "Mac OS Roman",
}
DELIMITERS = {
    ",": gettext_lazy("Comma ,"),
    ";": gettext_lazy("Semicolon ;"),
    "\t": gettext_lazy("Tab"),
    "|": gettext_lazy("Bar |"),
}
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
NOT_TEXT = {
    b"PK\x03\x04": gettext_lazy("This is a workbook or a zip. Open it in a spreadsheet program and save it as CSV."),
    b"\xd0\xcf\x11\xe0": gettext_lazy(
        "This is an old Excel workbook. Open it in a spreadsheet program and save it as CSV."
    ),
    b"%PDF": gettext_lazy("This is a PDF. A table is needed, saved as CSV."),
    b"\x1f\x8b": gettext_lazy("This file is compressed. Please unpack it first."),
}
CHUNK = 1 << 16
SNIFFED = 1 << 16  # characters that are looked at to find out what stands between the cells
MOST_COLUMNS = 200


class Unreadable(ValueError):
    """A file that is no table of text at all, with a sentence for whoever brought it."""


@dataclass(frozen=True)
class Form:
    """How the bytes of a file become rows of cells."""

    encoding: str
    delimiter: str


@dataclass(frozen=True)
class Record:
    """One row: its number, its cells, and what is wrong with it as a sentence; then there may be no cells."""

    number: int
    cells: list
    wrong: str = ""


def form_of(path):
    """Find out how a file is written. Raises Unreadable for what is no text, or empty."""
    encoding = encoding_of(path)
    return Form(encoding, delimiter_of(sample(path, encoding)))


def encoding_of(path):
    """The encoding whose mark the file begins with; UTF-8 when all of it is; else that of Windows in the West.

    Which of the encodings with one byte for each letter it is nobody can know from the bytes: people see, and choose.
    """
    with path.open("rb") as file:
        head = file.read(CHUNK)
    if not head.strip():
        raise Unreadable(_("This file is empty."))
    for magic, sentence in NOT_TEXT.items():
        if head.startswith(magic):
            raise Unreadable(str(sentence))
    marked = next((name for bom, name in BOMS if head.startswith(bom)), None)
    if marked == "utf-16":
        return marked
    if has_nul(path):
        raise Unreadable(_("This is not a text file. Save the table as CSV and try again."))
    return marked or ("utf-8-sig" if is_in(path, "utf-8") else "cp1252")


def has_nul(path):
    with path.open("rb") as file:
        return any(b"\0" in chunk for chunk in iter(lambda: file.read(CHUNK), b""))


def is_in(path, encoding):
    """Whether all of the file can be read so."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            for chunk in iter(lambda: file.read(CHUNK), b""):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def sample(path, encoding):
    with path.open("r", encoding=encoding, errors="replace", newline="") as file:
        return file.read(SNIFFED)


def delimiter_of(text):
    """What gives the most rows as many cells as the first one has; a comma where nothing divides anything."""
    best, most = ",", (0, 0)
    for delimiter in DELIMITERS:
        rows = [row for row in _lenient(text, delimiter)[:50] if row]
        width = len(rows[0]) if rows else 0
        fitting = sum(len(row) == width for row in rows) if width > 1 else 0
        if (fitting, width) > most:
            best, most = delimiter, (fitting, width)
    return best


def _lenient(text, delimiter):
    rows = []
    try:
        rows.extend(csv.reader(StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        return rows  # those before the one it stumbled over
    return rows


class Table:
    """A file as rows. `told` is how many of its `size` bytes have been taken up. Memory stays flat."""

    def __init__(self, path, form):
        self.path, self.form = path, form
        self.size = path.stat().st_size
        self._file = None

    @property
    def told(self):
        return min(self._file.buffer.tell(), self.size) if self._file and not self._file.closed else self.size

    def __iter__(self):
        """Each row that holds anything. What cannot be decoded or is wrongly quoted is a Record that says so."""
        with self.path.open("r", encoding=self.form.encoding, errors="replace", newline="") as self._file:
            rows = csv.reader(self._file, delimiter=self.form.delimiter, strict=True)
            for number in count(1):
                try:
                    cells = next(rows)
                except StopIteration:
                    return
                except csv.Error:
                    yield Record(number, [], _("The quotes of this row are not closed as they should be."))
                    continue
                if any(cell.strip() for cell in cells):
                    yield Record(number, cells, what_is_wrong(cells))


def what_is_wrong(cells):
    """A sentence about a row that no person wrote so; empty when it is text."""
    if len(cells) > MOST_COLUMNS:
        return _("This row has %(found)d cells.") % {"found": len(cells)}
    text = "".join(cells)
    if "\0" in text:
        return _("A NUL character stands in this row.")
    if "\ufffd" in text:
        return _("Letters of this row cannot be read in the chosen encoding.")
    return ""
