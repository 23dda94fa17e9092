"""A database constraint: rows are written once and stay as they are. On PostgreSQL and on SQLite."""

from django.db.models import BaseConstraint

REFUSAL = "constraint failed: {name}"


class AppendOnly(BaseConstraint):
    """Refuses DELETE, and UPDATE of anything but the `once` fields, each of which may be filled where it was NULL.

    On PostgreSQL TRUNCATE is refused as well. Both engines do it by triggers. On SQLite these ride on the deferred SQL
    of the table's creation, so that they come back when Django remakes the table (see nonoverlap.py); a column that is
    added without a remake is guarded from the next one on, and one that is to go needs the constraint taken off before.
    Whoever may drop a trigger gets past this; that it shows is the business of the seals outside the database.
    """

    def __init__(self, *, once=(), name, violation_error_message=None):
        super().__init__(name=name, violation_error_message=violation_error_message)
        self.once = sorted(once)

    def deconstruct(self):
        path, args, kwargs = super().deconstruct()
        return path, args, kwargs | {"once": self.once}

    def __eq__(self, other):
        return isinstance(other, AppendOnly) and self.deconstruct() == other.deconstruct()

    __hash__ = BaseConstraint.__hash__

    def constraint_sql(self, model, schema_editor):
        schema_editor.deferred_sql.extend(self._statements(model, schema_editor))

    def create_sql(self, model, schema_editor):
        """SQLite adds a constraint by remaking the table, which asks constraint_sql."""
        if schema_editor.connection.vendor == "postgresql":
            return "; ".join(self._statements(model, schema_editor))
        return None

    def remove_sql(self, model, schema_editor):
        """On SQLite the old table's triggers go with it when Django remakes the table."""
        if schema_editor.connection.vendor != "postgresql":
            return None
        name, table = schema_editor.quote_name(self.name), schema_editor.quote_name(model._meta.db_table)
        drops = (f"DROP TRIGGER {schema_editor.quote_name(trigger)} ON {table}" for trigger, _event in self._events())
        return "; ".join([*drops, f"DROP FUNCTION {name}()"])

    def validate(self, model, instance, exclude=None, using=None):
        """Nothing to say of one row: forms make no rows of such a table."""

    def _events(self):
        """(trigger, event) of PostgreSQL."""
        return [(f"{self.name}_row", "DELETE OR UPDATE"), (f"{self.name}_table", "TRUNCATE")]

    def _statements(self, model, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            return self._for_postgresql(model, schema_editor)
        return self._for_sqlite(model, schema_editor)

    def _filled(self, column):
        """That a column of `once` stays, or is filled for the first time."""
        return f"(OLD.{column} IS NULL OR OLD.{column} = NEW.{column})"

    def _for_sqlite(self, model, schema_editor):
        quote = schema_editor.quote_name
        table = quote(model._meta.db_table.removeprefix("new__"))
        kept = [
            self._filled(quote(field.column))
            if field.name in self.once
            else f"OLD.{quote(field.column)} IS NEW.{quote(field.column)}"
            for field in model._meta.local_concrete_fields
        ]
        refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL.format(name=self.name)}'); END"
        changed = f"WHEN NOT COALESCE({' AND '.join(kept)}, 0)"
        return [
            f"CREATE TRIGGER {quote(f'{self.name}_delete')} BEFORE DELETE ON {table} {refuse}",
            f"CREATE TRIGGER {quote(f'{self.name}_update')} BEFORE UPDATE ON {table} {changed} {refuse}",
        ]

    def _for_postgresql(self, model, schema_editor):
        """One function for all of it; the columns of `once` are taken out of both rows before these are compared."""
        quote, function = schema_editor.quote_name, schema_editor.quote_name(self.name)
        table = quote(model._meta.db_table)
        columns = [model._meta.get_field(name).column for name in self.once]
        listed = ", ".join(f"'{column}'" for column in columns)
        kept = [f"to_jsonb(OLD) - ARRAY[{listed}]::text[] = to_jsonb(NEW) - ARRAY[{listed}]::text[]"]
        kept += [self._filled(quote(column)) for column in columns]
        guard = (
            f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN "
            f"IF TG_OP = 'UPDATE' THEN IF COALESCE({' AND '.join(kept)}, false) THEN RETURN NEW; END IF; END IF; "
            f"RAISE EXCEPTION '{REFUSAL.format(name=self.name)}' USING ERRCODE = 'integrity_constraint_violation'; "
            "END $guard$"
        )
        return [guard, *(self._trigger(quote(name), event, table, function) for name, event in self._events())]

    def _trigger(self, name, event, table, function):
        each = "STATEMENT" if event == "TRUNCATE" else "ROW"
        return f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH {each} EXECUTE FUNCTION {function}()"
