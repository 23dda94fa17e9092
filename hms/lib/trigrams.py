"""Indexes of three-letter pieces on PostgreSQL (pg_trgm), where the extension can be had. Searches work without."""

from django.db import DatabaseError, connections, transaction

TABLE, COLUMNS = "clinic_patient", ("sounds", "search", "phone")
INDEX = "patient_{}_trigrams"
_known = set()


def make(database):
    """Make extension and indexes, where they are missing. False when they cannot be had."""
    if database.vendor != "postgresql":
        return False
    try:
        with transaction.atomic(database.alias), database.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            for column in COLUMNS:
                name = INDEX.format(column)
                cursor.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {TABLE} USING gin ({column} gin_trgm_ops)")
    except DatabaseError:  # no right to create it, or a PostgreSQL without it
        return False
    return True


def are_indexed(alias):
    """Whether that database has the indexes. Asked until they are there: they can be made while HMS runs."""
    database = connections[alias]
    if database.vendor != "postgresql":
        return False
    where = database.settings_dict["HOST"], database.settings_dict["NAME"]
    if where not in _known:
        with database.cursor() as cursor:
            cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [INDEX.format("sounds")])
            if cursor.fetchone()[0]:
                _known.add(where)
    return where in _known
