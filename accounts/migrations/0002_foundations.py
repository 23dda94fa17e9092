"""What lies under everything: SQLite's write-ahead log, the cache table for rate limits, the outbox's sweeper."""

from django.core.management import call_command
from django.db import migrations


def write_ahead(apps, schema_editor):
    """Set once, kept in the file: readers and the writer no longer wait for each other."""
    if schema_editor.connection.vendor == "sqlite":
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode=WAL")


def cache_table(apps, schema_editor):
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


def schedule(apps, schema_editor):
    """Every minute, by interval: an interval knows no clock changes."""
    interval, _ = apps.get_model("django_celery_beat", "IntervalSchedule").objects.get_or_create(
        every=1, period="minutes"
    )
    apps.get_model("django_celery_beat", "PeriodicTask").objects.get_or_create(
        name="Outbox: deliver what is due",
        defaults={"task": "accounts.tasks.sweep_outbox", "interval": interval, "expires": None},
    )


class Migration(migrations.Migration):
    atomic = False  # SQLite changes its journal only outside a transaction

    dependencies = [
        ("accounts", "0001_initial"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [
        migrations.RunPython(write_ahead, migrations.RunPython.noop),
        migrations.RunPython(cache_table, migrations.RunPython.noop),
        migrations.RunPython(schedule, migrations.RunPython.noop),
    ]
