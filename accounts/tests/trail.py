"""The audit trail as somebody finds it who may do anything in the database."""

from contextlib import contextmanager

from django.apps import apps
from django.db import connection

from hms.lib.appendonly import AppendOnly


def guarded():
    """The tables that the database lets nobody change."""
    models = apps.get_models()
    return [
        model._meta.db_table for model in models if any(isinstance(one, AppendOnly) for one in model._meta.constraints)
    ]


def guard_statements(connection):
    """(statements that take the triggers of append-only tables away, statements that put them back)."""
    if connection.vendor == "postgresql":
        off, on = (
            [f"ALTER TABLE {table} {verb} TRIGGER USER" for table in guarded()] for verb in ("DISABLE", "ENABLE")
        )
        return ["SET CONSTRAINTS ALL IMMEDIATE", *off], [*on, "SET CONSTRAINTS ALL DEFERRED"]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN {tuple(guarded())}")
        triggers = cursor.fetchall()
    return [f'DROP TRIGGER "{name}"' for name, _sql in triggers], [sql for _name, sql in triggers]


@contextmanager
def unguarded_trail():
    """The audit trail as somebody finds it who may do anything in the database."""

    def run(statements):
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    off, on = guard_statements(connection)
    run(off)
    try:
        yield
    finally:
        run(on)
