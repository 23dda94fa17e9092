"""Points in time from PostgreSQL, read quickly.

Django reads them with a regular expression in Python, 15 µs each: a list with three of them a row, or the visits of a
large hospital's day, spends more on that than on everything else. Python's own reader of ISO 8601 takes under 1 µs.
"""

from datetime import UTC, datetime

from django.db.backends.signals import connection_created


def read_quickly():
    """For AppConfig.ready(): every new connection to PostgreSQL reads its timestamps this way."""
    connection_created.connect(_register, dispatch_uid="hms.lib.timestamps")


def _register(connection, **_kwargs):
    if connection.vendor == "postgresql":
        connection.connection.adapters.register_loader("timestamptz", quick_loader())


def quick_loader():
    """The class that reads one: psycopg's, in Python, is asked for what is not plain ISO 8601."""
    from psycopg.types.datetime import TimestamptzLoader

    class QuickLoader(TimestamptzLoader):
        """What Django's loader gives: an instant in UTC. Raises DataError for infinity and years Python has not."""

        timezone = UTC  # asked for by Django: a connection in another zone gets Django's own loader

        def load(self, data):
            try:
                found = datetime.fromisoformat(str(data, "ascii"))
                return found if found.tzinfo is UTC else found.astimezone(UTC)
            except ValueError:
                return super().load(data).replace(tzinfo=UTC)

    return QuickLoader
