"""The audit trail as somebody finds it who may do anything in the database."""

from contextlib import contextmanager

from django.db import connection

GUARDED = ("accounts_auditevent", "accounts_consent", "accounts_consenttext", "accounts_messagetext")


def guard_statements(connection):
    """(statements that take the triggers of append-only tables away, statements that put them back)."""
    if connection.vendor == "postgresql":
        off, on = ([f"ALTER TABLE {table} {verb} TRIGGER USER" for table in GUARDED] for verb in ("DISABLE", "ENABLE"))
        return ["SET CONSTRAINTS ALL IMMEDIATE", *off], [*on, "SET CONSTRAINTS ALL DEFERRED"]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN {GUARDED}")
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
