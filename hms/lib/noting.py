"""A database constraint: what is written in one table leaves a note in another. On PostgreSQL and on SQLite."""

from django.db.models import BaseConstraint


class Noted(BaseConstraint):
    """Every INSERT and UPDATE, whoever writes, copies `columns` of the rows `into` a table: as they were, as they are.

    That table has columns of the same names, and nothing but them that must be given. Notes are only added, so that
    writers never wait for each other. DELETE leaves none: it is for tables from which nothing is removed. On SQLite
    the triggers ride on the deferred SQL of the table's creation, as those of nonoverlap.py do.
    """

    def __init__(self, *, columns, into, name, violation_error_message=None):
        super().__init__(name=name, violation_error_message=violation_error_message)
        self.columns, self.into = list(columns), into

    def deconstruct(self):
        path, args, kwargs = super().deconstruct()
        return path, args, kwargs | {"columns": self.columns, "into": self.into}

    def __eq__(self, other):
        return isinstance(other, Noted) and self.deconstruct() == other.deconstruct()

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
        drops = [
            f"DROP TRIGGER {schema_editor.quote_name(self._trigger(event))} ON {table}" for event in self._events()
        ]
        return "; ".join([*drops, f"DROP FUNCTION {name}()"])

    def validate(self, model, instance, exclude=None, using=None):
        """It refuses nothing."""

    def _events(self):
        return {"INSERT": ["NEW"], "UPDATE": ["OLD", "NEW"]}

    def _trigger(self, event):
        return f"{self.name}_{event.lower()}"

    def _statements(self, model, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            return self._for_postgresql(model, schema_editor)
        return self._for_sqlite(model, schema_editor)

    def _for_sqlite(self, model, schema_editor):
        quote = schema_editor.quote_name
        table = quote(model._meta.db_table.removeprefix("new__"))
        listed = ", ".join(quote(column) for column in self.columns)
        for event, rows in self._events().items():
            copies = " UNION ".join(
                f"SELECT {', '.join(f'{row}.{quote(name)}' for name in self.columns)}" for row in rows
            )
            yield (
                f"CREATE TRIGGER {quote(self._trigger(event))} AFTER {event} ON {table} "
                f"BEGIN INSERT INTO {quote(self.into)} ({listed}) {copies}; END"
            )

    def _for_postgresql(self, model, schema_editor):
        """One INSERT for each statement, however many rows it writes."""
        quote, function = schema_editor.quote_name, schema_editor.quote_name(self.name)
        listed = ", ".join(quote(column) for column in self.columns)
        insert = f"INSERT INTO {quote(self.into)} ({listed})"
        yield (
            f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $note$ BEGIN "
            f"IF TG_OP = 'UPDATE' THEN {insert} SELECT {listed} FROM old_rows UNION SELECT {listed} FROM new_rows; "
            f"ELSE {insert} SELECT {listed} FROM new_rows; END IF; RETURN NULL; END $note$"
        )
        for event in self._events():
            old = "OLD TABLE AS old_rows " if event == "UPDATE" else ""
            yield (
                f"CREATE TRIGGER {quote(self._trigger(event))} AFTER {event} ON {quote(model._meta.db_table)} "
                f"REFERENCING {old}NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
            )
