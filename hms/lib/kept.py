"""Queries whose SQL is written once for each process: what every request asks, and Django takes longer to write than
the database to answer."""

from datetime import UTC, datetime, timedelta
from functools import cached_property, partial

from django.core.exceptions import EmptyResultSet
from django.db import connection

SAMPLES = {
    int: lambda number: -(10**15) - number,
    datetime: lambda number: datetime(1066, 10, 14, tzinfo=UTC) + timedelta(days=number),
}


class Kept:
    """A query of which only values change.

    `build(*values)` makes its QuerySet, of values of the `kinds`: int (ids) or datetime. It uses them as they are, to
    be compared with, and asks nothing else that is another one later, like the clock. TypeError otherwise, when it is
    asked for the first time.
    """

    def __init__(self, build, *kinds):
        self._build, self._kinds = build, kinds

    def objects(self, *values):
        """[row], as the QuerySet gives them; what it annotates is as the database says it: SQLite's truths are 1 and 0,
        JSON is text."""
        queryset, sql, marks = self._rows
        return list(queryset.raw(sql, _bound(marks, values))) if sql else []

    def count(self, *values):
        """How many rows there are."""
        return self._asked("SELECT COUNT(*) FROM (%s) counted", values)

    def exists(self, *values):
        """Whether there is any."""
        return bool(self._asked("SELECT EXISTS (%s)", values))

    def _asked(self, around, values):
        _queryset, sql, marks = self._number
        if not sql:
            return 0
        with connection.cursor() as cursor:
            cursor.execute(around.replace("%s", sql), _bound(marks, values))
            return cursor.fetchone()[0]

    @cached_property
    def _rows(self):
        return self._written(lambda rows: rows)

    @cached_property
    def _number(self):
        return self._written(lambda rows: rows.order_by())

    def _written(self, shape):
        """(the QuerySet, its SQL, for each parameter the number of its value, or a tuple of what it always is).

        No SQL for what Django knows to be nothing.
        """
        (queryset, sql, marks), (_rows, other_sql, others) = (self._sampled(shape, turn) for turn in (0, 1))
        if (sql, marks) != (other_sql, others) or any(_is_instant(mark) for mark in marks):
            raise TypeError(f"{self._build}: more changes than the values, or one is not compared with as it is")
        return queryset, sql, marks

    def _sampled(self, shape, turn):
        samples = [SAMPLES[kind](2 * number + turn) for number, kind in enumerate(self._kinds)]
        queryset = shape(self._build(*samples))
        try:
            sql, parameters = queryset.query.sql_with_params()
        except EmptyResultSet:
            return queryset, "", []
        adapted = [_adapted(sample) for sample in samples]
        return queryset, sql, [_mark(parameter, adapted) for parameter in parameters]


class KeptByRole:
    """The same where the role decides what somebody may see: a Kept for each, whose first value is the person's id.

    `build(user, *values)` gets an account that has nothing but an id and a role.
    """

    def __init__(self, build, *kinds):
        self._build, self._kinds, self._known = build, kinds, {}

    def __call__(self, user):
        """The Kept of this person's role."""
        role = getattr(user, "role", None)
        if role not in self._known:
            self._known[role] = Kept(partial(self._as, user.__class__, role), int, *self._kinds)
        return self._known[role]

    def _as(self, model, role, user_id, *values):
        return self._build(model(pk=user_id, role=role), *values)


def _adapted(value):
    """As a parameter for the database."""
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value


def _bound(marks, values):
    """The parameters, with these values where they belong."""
    adapted = [_adapted(value) for value in values]
    return [adapted[mark] if isinstance(mark, int) else mark[0] for mark in marks]


def _mark(parameter, samples):
    """The number of the sample that a parameter is, or a tuple of the parameter."""
    return samples.index(parameter) if parameter in samples else (parameter,)


def _is_instant(mark):
    return isinstance(mark, tuple) and isinstance(mark[0], datetime)
