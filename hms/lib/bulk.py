"""Writing very many rows at once, past save(): COPY on PostgreSQL, executemany on SQLite. All constraints hold."""

from django.db import connection, models

PAGE = 2_000  # rows in one executemany


def reserve(model, count):
    """Ids for rows that are about to be written, in order. On SQLite call it in the transaction that writes them."""
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count]
            )
            return [number for (number,) in cursor.fetchall()]
        cursor.execute(f"SELECT coalesce(max(id), 0) FROM {table}")  # nosec B608
        first = cursor.fetchone()[0] + 1
    return list(range(first, first + count))


def insert(model, names, rows):
    """Write rows: tuples of plain values for the fields called `names`. Every other field gets its default."""
    given = [model._meta.get_field(name) for name in names]
    others = [field for field in model._meta.concrete_fields if field not in given and not field.primary_key]
    defaults = tuple(_empty(field) for field in others)
    fields = [*given, *others]
    target = connection.ops.quote_name(model._meta.db_table)
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {target} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row + defaults)
            return
        marks = ", ".join(["%s"] * len(fields))
        sql = f"INSERT INTO {target} ({columns}) VALUES ({marks})"  # nosec B608
        told = [_teller(field) for field in fields]
        page = []
        for row in rows:
            page.append([tell(value) if tell else value for tell, value in zip(told, row + defaults, strict=True)])
            if len(page) == PAGE:
                cursor.executemany(sql, page)
                page.clear()
        if page:
            cursor.executemany(sql, page)


def unused(make, model, column, count):
    """As many values from `make` as asked for, all different and none in use in a column."""
    values = set()
    while len(values) < count:
        fresh = {make() for _number in range(count - len(values))}
        values |= fresh - set(model.objects.filter(**{f"{column}__in": fresh}).values_list(column, flat=True))
    return values


def _empty(field):
    return field.get_db_prep_save(field.get_default(), connection)


def _teller(field):
    """What turns a value into SQLite's form of it; None where it has one."""
    if isinstance(field, (models.DateTimeField, models.DateField, models.TimeField, models.DecimalField)):
        return lambda value: field.get_db_prep_save(value, connection)
    return None
