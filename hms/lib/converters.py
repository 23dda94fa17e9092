"""What may stand in a URL: ids a database can hold, days and instants that exist."""

from datetime import UTC, date, datetime

LARGEST_ID = 2**63 - 1


class IdConverter:
    """A primary key: 1 to 2^63-1, no leading zero."""

    regex = "[1-9][0-9]{0,18}"

    def to_python(self, value):
        number = int(value)
        if number > LARGEST_ID:
            raise ValueError(value)
        return number

    def to_url(self, value):
        return str(int(value))


class DateConverter:
    """A calendar day, ISO 8601: 2026-11-24."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value):
        return date.fromisoformat(value)

    def to_url(self, value):
        return value if isinstance(value, str) else value.isoformat()


class MonthConverter:
    """A calendar month, 2026-11, as the date of its first day."""

    regex = "[0-9]{4}-(?:0[1-9]|1[0-2])"

    def to_python(self, value):
        if not 1900 <= int(value[:4]) < 2200:  # beyond, the zones of the world say nothing
            raise ValueError(value)
        return date.fromisoformat(f"{value}-01")

    def to_url(self, value):
        return value if isinstance(value, str) else f"{value:%Y-%m}"


class InstantConverter:
    """An instant to the second, in UTC: 20261124T083000Z."""

    regex = "[0-9]{8}T[0-9]{6}Z"
    form = "%Y%m%dT%H%M%SZ"

    def to_python(self, value):
        return datetime.strptime(value, self.form).replace(tzinfo=UTC)

    def to_url(self, value):
        return value if isinstance(value, str) else value.astimezone(UTC).strftime(self.form)
