"""The audit trail as somebody finds it who may do anything in the database."""

from contextlib import contextmanager

from django.db import connection

TRAIL = "accounts_auditevent"


def guard_statements(connection):
    """(statements that take the audit trail's triggers away, statements that put them back)."""
    if connection.vendor == "postgresql":
        return [f"ALTER TABLE {TRAIL} DISABLE TRIGGER USER"], [f"ALTER TABLE {TRAIL} ENABLE TRIGGER USER"]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{TRAIL}'")
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
