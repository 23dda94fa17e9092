"""CSV that opens well and does no harm in a spreadsheet program. Pure."""

import csv
import io

BOM = "\ufeff"  # without it, spreadsheet programs take UTF-8 for something else
STARTS_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # the last four: full-width forms
# What str.lstrip() takes away, for those who say the same in another language.
BLANK = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)


def cell(value):
    """A value as the text of a cell. What a program would take for a formula gets an apostrophe before it."""
    text = "" if value is None else str(value).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return f"'{text}" if is_formula(text) or text.startswith(("\t", "\n")) else text


def plain(text):
    """A cell as somebody brings it, without blanks around it and without the apostrophe that `cell` put before it."""
    text = text.strip()
    return text[1:].strip() if text.startswith("'") and is_formula(text[1:]) else text


def is_formula(text):
    """Whether a spreadsheet program may take it for a formula."""
    return text.lstrip().startswith(STARTS_FORMULA)


def line(values):
    """One line of CSV as text, every cell quoted and made harmless."""
    buffer = io.StringIO()
    csv.writer(buffer, quoting=csv.QUOTE_ALL).writerow([cell(value) for value in values])
    return buffer.getvalue()


def lines(titles, rows):
    """A whole sheet, line by line, for an answer that is sent while it is read."""
    yield BOM
    yield line(titles)
    yield from map(line, rows)


class Sheet:
    """Writes rows to a text file opened with newline="" and encoding="utf-8"."""

    def __init__(self, file, *, bom=True):
        if bom:
            file.write(BOM)
        self.writer = csv.writer(file, quoting=csv.QUOTE_ALL)

    def write(self, values):
        """One row, every cell quoted and made harmless."""
        self.writer.writerow([cell(value) for value in values])
