"""What PostgreSQL says of an instant, read the quick way, is what Django would have read."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from psycopg import DataError

from hms.lib import timestamps

pytestmark = pytest.mark.django_db


TEXT, TIMESTAMPTZ = 0, 1184  # as PostgreSQL numbers them
QUICK = timestamps.quick_loader()


def read(literal):
    """The instant, read by the quick loader on any database, and by the connection itself where it is PostgreSQL."""
    found = QUICK(TIMESTAMPTZ).load(literal.encode())
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s::timestamptz", [literal])
            assert cursor.fetchone()[0] == found
    return found


@pytest.mark.parametrize(
    ("literal", "expected"),
    [
        ("2026-11-24 10:00:00+00", datetime(2026, 11, 24, 10, tzinfo=UTC)),
        ("2026-11-24 10:00:00.5+02", datetime(2026, 11, 24, 8, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-11-24 10:00:00.123456+05:30", datetime(2026, 11, 24, 4, 30, 0, 123_456, tzinfo=UTC)),
        ("0001-01-01 00:00:00+00", datetime(1, 1, 1, tzinfo=UTC)),
        ("9999-12-31 23:59:59.999999+00", datetime.max.replace(tzinfo=UTC)),
    ],
)
def test_an_instant_is_read_as_it_is(literal, expected):
    found = read(literal)
    assert (found, found.tzinfo) == (expected, UTC)


@pytest.mark.parametrize("literal", ["infinity", "0044-03-15 12:00:00+00 BC", "10000-01-01 00:00:00+00"])
def test_what_python_has_no_instant_for_is_refused_as_ever(literal):
    with pytest.raises(DataError):
        read(literal)


def test_every_connection_reads_quickly():
    connection.ensure_connection()
    if connection.vendor == "postgresql":
        assert connection.connection.adapters.get_loader(TIMESTAMPTZ, TEXT).__module__ == timestamps.__name__
    else:
        assert not hasattr(connection.connection, "adapters")
