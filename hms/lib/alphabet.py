"""Names in alphabetical order on SQLite, which by itself puts Ä and a behind Z.

PostgreSQL orders by the language its database was made for. On SQLite every ORDER BY of a column called …name compares
as searches do (hms.lib.search), in a collation of ours that each connection is told of; no table knows of it. No index
serves it: the first page of 50,000 patients takes 0.05 s more.
"""

from functools import lru_cache
from string import ascii_lowercase

from django.db.backends.signals import connection_created
from django.db.models.expressions import Col, OrderBy

from hms.lib.search import fold

COLLATION = "hms_names"
PLAIN = frozenset(ascii_lowercase)  # letters that stay as they are


def order_names():
    """For AppConfig.ready(): every new connection to SQLite knows the alphabet, and every query asks for it."""
    connection_created.connect(_register, dispatch_uid="hms.lib.alphabet")
    OrderBy.as_sqlite = _as_sqlite


def _register(connection, **_kwargs):
    if connection.vendor == "sqlite":
        connection.connection.create_collation(COLLATION, compare)


def compare(one, other):
    """-1, 0 or 1. Only what is written alike is equal. Most of many names differ in their first letter already."""
    first, second = one[:1].lower(), other[:1].lower()
    if first != second and first in PLAIN and second in PLAIN:
        return 1 if first > second else -1
    one, other = place(one), place(other)
    return (one > other) - (one < other)


@lru_cache(maxsize=4096)
def place(name):
    """What a name is compared by."""
    return fold(name), name


def _as_sqlite(order, compiler, connection):
    """How SQLite is asked for an order: Django looks for this method, and has none of its own."""
    column = getattr(order.expression, "source", order.expression)  # of a reference to what is selected
    is_name = isinstance(column, Col) and column.target.name.endswith("name")
    template = f"%(expression)s COLLATE {COLLATION} %(ordering)s" if is_name else None
    return order.as_sql(compiler, connection, template=template)
