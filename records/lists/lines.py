"""The lines of a list, a batch at a time: memory stays flat however long it is."""

import csv
from array import array
from contextlib import contextmanager
from io import StringIO
from itertools import islice

from django.db import connection
from django.utils.encoding import force_str

from clinic.models import Hospital
from hms.lib.sheets import cell
from records.lists.rows import LISTINGS, columns_for, rows_of
from records.lists.sql import Line

FETCHED = 10_000  # lines that PostgreSQL hands over at once
LOADED = 2_000  # rows that Python takes apart at once


class List:
    """What one person may take along of a list. `len()` first, then `heading()` and `batches()`.

    `opened` holds the patients whose charts were read for clinical columns.
    """

    def __init__(self, owner, kind, query="", *, now, clinical=False):
        self.owner, self.hospital = owner, Hospital.current()
        self.rows = rows_of(owner, kind, query, now)
        self.columns = columns_for(owner, kind)
        self.clinical = LISTINGS[kind].clinical(owner) if clinical else None
        self.opened = set()

    def __len__(self):
        return self.rows.count()

    def heading(self):
        """The first line."""
        titles = [*(column.title for column in self.columns), *(self.clinical.titles if self.clinical else ())]
        return written([[force_str(title) for title in titles]])

    def batches(self):
        """(how many rows, their lines as text) until there are no more."""
        if connection.vendor == "postgresql" and not self.clinical:
            return self.made_by_postgresql()
        return self.made_here()

    def made_by_postgresql(self):
        """From a cursor that the server holds: one reading of the data, whatever is written meanwhile."""
        lines = self.rows.values_list(Line(self.columns, self.hospital.zone), flat=True)
        with planned_for_all_rows():
            held = lines.iterator(chunk_size=FETCHED)
            while batch := list(islice(held, FETCHED)):
                yield len(batch), "".join(batch)

    def made_here(self):
        """The ids first, eight bytes each; then the rows of a few of them. Nothing stays open in between: on SQLite
        reading on while somebody else writes would keep this connection from writing how far it is."""
        ids = array("q", self.rows.values_list("pk", flat=True).iterator(chunk_size=FETCHED))
        for start in range(0, len(ids), LOADED):
            rows = self.loaded(ids[start : start + LOADED].tolist())
            yield len(rows), written(rows)

    def loaded(self, pks):
        """Rows of cells for some ids, in their order; what has gone meanwhile is left out."""
        sources = [column.expression for column in self.columns]
        table = self.rows.model.objects.filter(pk__in=pks).order_by()
        values = {pk: rest for pk, *rest in table.values_list("pk", *sources)}
        writers = [column.writer(self.hospital.zone) for column in self.columns]
        rows = {
            pk: [write(value) for write, value in zip(writers, values[pk], strict=True)] for pk in pks if pk in values
        }
        if self.clinical:
            cells, opened = self.clinical.cells(list(rows))
            self.opened |= opened
            empty = ("",) * len(self.clinical.titles)
            rows = {pk: [*row, *cells.get(pk, empty)] for pk, row in rows.items()}
        return list(rows.values())


def written(rows):
    """Rows of values as lines of CSV, every cell quoted and made harmless."""
    text = StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([[cell(value) for value in row] for row in rows])
    return text.getvalue()


@contextmanager
def planned_for_all_rows():
    """PostgreSQL plans a cursor for its first rows, and compiles for long queries; here all rows count at once."""
    with connection.cursor() as cursor:
        cursor.execute("SET cursor_tuple_fraction = 1; SET jit = off")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET cursor_tuple_fraction; RESET jit")
