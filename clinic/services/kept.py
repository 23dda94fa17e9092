"""Values of rows as they are kept in JSON, to the last digit, and back again."""

from datetime import date, datetime


def as_kept(row, name):
    """What a column of a row says, fit for JSON."""
    field = row._meta.get_field(name)
    value = field.get_prep_value(field.value_from_object(row))
    return value.isoformat() if isinstance(value, (date, datetime)) else value


def kept_row(row, *, but):
    """{column: value} of all of a row but its id and one more column."""
    names = (field.name for field in row._meta.concrete_fields if not field.primary_key and field.name != but)
    return {name: as_kept(row, name) for name in names}


def as_was(model, name, value):
    """A kept value as the column takes it."""
    field = model._meta.get_field(name)
    return field.target_field.to_python(value) if field.is_relation else field.to_python(value)
