"""A database constraint: rows that share a value never overlap in time. On PostgreSQL and on SQLite."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS
from django.db.models import BaseConstraint, F, Func, Q, Value
from django.utils.translation import gettext_lazy as _


class TimeRange(Func):
    """tstzrange(starts, ends, '[)'): back-to-back intervals do not overlap."""

    function = "tstzrange"


class NonOverlap(BaseConstraint):
    """Among rows that meet `condition`, no two with the same `owner` overlap in [starts, ends).

    PostgreSQL gets an exclusion constraint. SQLite has none, so it gets triggers on INSERT and UPDATE that look and
    refuse; they ride on the deferred SQL of the table's creation, so they come back when Django remakes the table.
    `condition` is a dict of {column: allowed values}, which both dialects can say.
    """

    default_violation_error_message = _("This overlaps another entry.")

    def __init__(self, *, owner, starts, ends, condition, name, violation_error_message=None):
        super().__init__(name=name, violation_error_message=violation_error_message)
        self.owner, self.starts, self.ends = owner, starts, ends
        self.condition = {column: sorted(values) for column, values in condition.items()}

    def deconstruct(self):
        path, args, kwargs = super().deconstruct()
        kwargs |= {"owner": self.owner, "starts": self.starts, "ends": self.ends, "condition": self.condition}
        return path, args, kwargs

    def __eq__(self, other):
        return isinstance(other, NonOverlap) and self.deconstruct() == other.deconstruct()

    __hash__ = BaseConstraint.__hash__

    @property
    def _where(self):
        return Q(**{f"{column}__in": values for column, values in self.condition.items()})

    def _exclusion(self):
        return ExclusionConstraint(
            name=self.name,
            expressions=[(F(self.owner), "="), (TimeRange(self.starts, self.ends, Value("[)")), "&&")],
            condition=self._where,
        )

    def constraint_sql(self, model, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            return self._exclusion().constraint_sql(model, schema_editor)
        schema_editor.deferred_sql.extend(self._triggers(model, schema_editor))
        return None

    def create_sql(self, model, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            return self._exclusion().create_sql(model, schema_editor)
        return None  # SQLite adds a constraint by remaking the table, which asks constraint_sql

    def remove_sql(self, model, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            return self._exclusion().remove_sql(model, schema_editor)
        return None  # the old table's triggers go with it when SQLite remakes the table

    def _triggers(self, model, schema_editor):
        """CREATE TRIGGER statements for the table under its final name (a remake builds it as new__<table>)."""
        quote = schema_editor.quote_name
        table = model._meta.db_table.removeprefix("new__")
        column = {name: quote(model._meta.get_field(name).column) for name in (self.owner, self.starts, self.ends)}
        owner, starts, ends = column[self.owner], column[self.starts], column[self.ends]
        new_counts = self._counts(model, schema_editor, "NEW")
        row_counts = self._counts(model, schema_editor, "rival")
        for event in ("INSERT", "UPDATE"):
            yield (
                f"CREATE TRIGGER {quote(f'{self.name}_{event.lower()}')} BEFORE {event} ON {quote(table)} "
                f"WHEN {new_counts} AND EXISTS (SELECT 1 FROM {quote(table)} AS rival WHERE {row_counts} "
                f"AND rival.{owner} = NEW.{owner} AND rival.{starts} < NEW.{ends} AND rival.{ends} > NEW.{starts} "
                f"AND rival.{quote('id')} IS NOT NEW.{quote('id')}) "
                f"BEGIN SELECT RAISE(ABORT, 'constraint failed: {self.name}'); END"
            )

    def _counts(self, model, schema_editor, alias):
        """The condition in SQL, with every value quoted, for the row called `alias`."""
        parts = []
        for name, values in self.condition.items():
            column = schema_editor.quote_name(model._meta.get_field(name).column)
            parts.append(f"{alias}.{column} IN ({', '.join(schema_editor.quote_value(value) for value in values)})")
        return " AND ".join(parts)

    def validate(self, model, instance, exclude=None, using=DEFAULT_DB_ALIAS):
        """For forms and the administration site: say it before the database has to."""
        if any(getattr(instance, column) not in values for column, values in self.condition.items()):
            return
        owner = model._meta.get_field(self.owner).attname
        rivals = model._default_manager.using(using).filter(
            self._where,
            **{
                owner: getattr(instance, owner),
                f"{self.starts}__lt": getattr(instance, self.ends),
                f"{self.ends}__gt": getattr(instance, self.starts),
            },
        )
        if rivals.exclude(pk=instance.pk).exists():
            raise ValidationError(self.get_violation_error_message(), code=self.violation_error_code)
