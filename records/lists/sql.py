"""Lines of CSV made by PostgreSQL itself: what `columns` and hms.lib.sheets do, said in SQL.

A million rows are a million short strings for Python then, and no values to be taken apart. A test holds this against
the Python of it, cell by cell.
"""

from datetime import UTC, datetime, timedelta
from functools import cache

from django.db.models import Func, TextField
from django.utils import timezone
from django.utils.encoding import force_str

from hms.lib.sheets import BLANK, STARTS_FORMULA
from records.lists.columns import Kind

# Whatever begins with a plain letter or digit begins no formula: the patterns are for the few others.
HARMLESS = "ascii({x}) BETWEEN 97 AND 122 OR ascii({x}) BETWEEN 65 AND 90 OR ascii({x}) BETWEEN 48 AND 57"
ONE_KIND_OF_END = r"replace(replace({x}, E'\r\n', E'\n'), E'\r', E'\n')"
GUARDED = f"CASE WHEN {HARMLESS} THEN {{x}} WHEN {ONE_KIND_OF_END} ~ %s THEN '''' || {{x}} ELSE {{x}} END"
WORDS = f"""replace({ONE_KIND_OF_END.replace("{x}", GUARDED)}, '"', '""')"""
FORMULA = rf"^[{BLANK}]*[{''.join(sign if sign != '-' else chr(92) + '-' for sign in STARTS_FORMULA)}]|^[\t\n]"
MARKS = WORDS.count("%s")


class Line(Func):
    """A row as one line of CSV, every cell quoted. `columns` as in columns.py; PostgreSQL alone."""

    output_field = TextField()

    def __init__(self, columns, zone):
        super().__init__(*(column.expression for column in columns))
        self.columns, self.zone = columns, zone

    def as_postgresql(self, compiler, connection, **context):
        parts, params = [], []
        for column, source in zip(self.columns, self.get_source_expressions(), strict=True):
            sql, values = compiler.compile(source)
            written, more = self.written(column, sql, list(values))
            parts.append(written)
            params += more
        inner = """, '","', """.join(parts)
        return f"""concat('"', {inner}, E'"\\r\\n')""", params

    def written(self, column, x, values):
        """(SQL of the cell's text, its parameters). concat() takes NULL for nothing."""
        match column.kind:
            case Kind.WORDS:
                return self.words(x, values)
            case Kind.DAY:
                return f"({x})::text", values
            case Kind.INSTANT:
                return self.instant(x, values)
            case Kind.CHOICE:
                cases = " ".join(["WHEN %s THEN %s"] * len(column.words))
                words = [part for value, word in column.words for part in (value, force_str(word))]
                return f"CASE {x} {cases} END", [*values, *words]
        return x, values

    def words(self, x, values):
        sql, params = "", []
        pieces = WORDS.split("%s")
        for number, piece in enumerate(pieces):
            sql += piece.replace("{x}", x)
            params += values * piece.count("{x}")
            if number < len(pieces) - 1:
                sql += "%s"
                params.append(FORMULA)
        return sql, params

    def instant(self, x, values):
        """The wall clock there, and how far it is from UTC: the hour that comes twice in autumn is told apart."""
        *eras, first = offsets(self.zone, timezone.now().year + 3)
        cases = " ".join(["WHEN {x} >= %s THEN %s"] * len(eras)).replace("{x}", x)
        since = [part for era in eras for part in (*values, *era)]
        ahead = f"CASE {cases} ELSE %s END" if eras else "%s"
        sql = f"left(({x} AT TIME ZONE %s)::text, 16) || {ahead}"
        return sql, [*values, self.zone.key, *since, first[1]]


@cache
def offsets(zone, year):
    """[(since when, "+02:00")] of a zone from 1900 until a year, the latest first."""
    found, instant = [], datetime(1900, 1, 1, tzinfo=UTC)
    while instant.year < year:
        there = written_offset(instant, zone)
        if not found or found[-1][1] != there:
            found.append((changed(instant, zone) if found else instant, there))
        instant += timedelta(days=7)
    return found[::-1]


def changed(after, zone):
    """The first instant with the offset that `after` has, within the week before it."""
    before = after - timedelta(days=7)
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        if written_offset(middle, zone) == written_offset(after, zone):
            after = middle
        else:
            before = middle
    return after.replace(microsecond=0)


def written_offset(instant, zone):
    return instant.astimezone(zone).isoformat(" ", "minutes")[16:]
