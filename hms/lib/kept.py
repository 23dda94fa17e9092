"""Queries whose SQL is written once for each process: what every request asks, and Django takes longer to write than
the database to answer."""

import re
from contextlib import suppress
from contextvars import ContextVar
from copy import copy
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import chain

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.utils import timezone

SAMPLES = {
    int: lambda number: -(10**15) - number,
    date: lambda number: date(1066, 10, 14) + timedelta(days=number),
    datetime: lambda number: datetime(1066, 10, 14, tzinfo=UTC) + timedelta(days=number),
}


_clock = ContextVar("clock", default=None)


def now():
    """What time it is, for the methods of QuerySets: one that is kept has the time of asking, not that of writing."""
    return _clock.get() or timezone.now()


class Kept:
    """A query of which only values change.

    `build(*values)` makes its QuerySet, of values of the `kinds`: int (ids), date or datetime, or a list of one of
    them, as [int]. It uses them, and `now()`, as they are, to be compared with, and asks nothing else that is another
    one later, like today. TypeError otherwise, when it is asked for the first time.
    """

    def __init__(self, build, *kinds):
        self._build, self._kinds, self._texts = build, kinds, {}

    def rows(self, *values):
        """What the QuerySet gives, as a list: objects, or what its `values` or `values_list` asks for."""
        text, parameters = self._text(_as_it_is, values)
        return text.rows(parameters) if text.sql else []

    def count(self, *values):
        """How many rows there are."""
        return self._number("SELECT COUNT(*) FROM (%s) counted", values)

    def exists(self, *values):
        """Whether there is any."""
        return bool(self._number("SELECT EXISTS (%s)", values))

    def _number(self, around, values):
        text, parameters = self._text(_in_no_order, values)
        if not text.sql:
            return 0
        with connection.cursor() as cursor:
            cursor.execute(around.replace("%s", text.sql), parameters)
            return cursor.fetchone()[0]

    def _text(self, shape, values):
        """(_Text, the parameters that belong to it)."""
        values = [_filled(value) if isinstance(value, list) else value for value in values]
        lengths = [len(value) if isinstance(value, list) else None for value in values]
        key = shape, *lengths
        if key not in self._texts:
            self._texts[key] = self._written(shape, lengths)
        return self._texts[key], self._texts[key].bound(values)

    def _written(self, shape, lengths):
        one, other = (_Text(self._build, shape, self._samples(lengths, turn)) for turn in (0, 1))
        if (one.sql, one.marks) != (other.sql, other.marks) or any(map(_is_of_a_time, one.marks)):
            raise TypeError(f"{self._build}: more changes than the values, or one is not compared with as it is")
        return one

    def _samples(self, lengths, turn):
        """Values of the kinds, each another one, and others in the other turn; the last is what time it is."""
        numbers = iter(range(turn, 10**6, 2))
        return [
            SAMPLES[kind](next(numbers))
            if length is None
            else [SAMPLES[kind[0]](next(numbers)) for _n in range(length)]
            for kind, length in zip((*self._kinds, datetime), (*lengths, None), strict=True)
        ]


class _Text:
    """A QuerySet of some values with its SQL, and for each parameter the number of its value, or a tuple of what it
    always is. No SQL for what Django knows to be nothing."""

    def __init__(self, build, shape, samples):
        self.sql, self.marks = "", []
        token = _clock.set(samples[-1])
        try:
            self.queryset = shape(build(*samples[:-1]))
        finally:
            _clock.reset(token)
        self.compiler = self.queryset.query.get_compiler(connection=connection)
        adapted = _adapted(samples)
        with suppress(EmptyResultSet):
            self.sql, parameters = self.compiler.as_sql()
            self.marks = [adapted.index(one) if one in adapted else (one,) for one in parameters]

    def bound(self, values):
        """The parameters, with these values and the time where they belong."""
        adapted = _adapted([*values, timezone.now()])
        return [adapted[mark] if isinstance(mark, int) else mark[0] for mark in self.marks]

    def rows(self, parameters):
        """The QuerySet reads its rows as always, from a compiler that need not write any more."""
        asked, compiler = self.queryset.all(), copy(self.compiler)
        compiler.as_sql = lambda: (self.sql, parameters)
        asked.query.get_compiler = lambda *_args, **_named: compiler
        return list(asked)


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


def _as_it_is(rows):
    return rows


def _in_no_order(rows):
    return rows.order_by()


def _filled(values):
    """As many as the next power of two, so that lists of every length share a few texts: the last one comes again."""
    return values + values[-1:] * ((1 << (len(values) - 1).bit_length()) - len(values)) if values else values


def _adapted(values):
    """As parameters for the database, what stands in lists one by one."""
    alone = chain.from_iterable(value if isinstance(value, list) else (value,) for value in values)
    return [_as_parameter(value) for value in alone]


def _as_parameter(value):
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return connection.ops.adapt_datefield_value(value) if isinstance(value, date) else value


def _is_of_a_time(mark):
    """Whether a parameter is always the same day or instant; SQLite's are text."""
    always = mark[0] if isinstance(mark, tuple) else None
    return isinstance(always, date) or (isinstance(always, str) and re.match(r"\d{4}-\d\d-\d\d", always) is not None)
