"""The audit trail is sealed each minute, on one chain with a name of its own."""

import uuid

from django.db import migrations


def begin_chain(apps, schema_editor):
    apps.get_model("accounts", "AuditChain").objects.get_or_create(pk=1, defaults={"identity": uuid.uuid4().hex})


def schedule(apps, schema_editor):
    """Every minute, by interval: an interval knows no clock changes."""
    interval, _ = apps.get_model("django_celery_beat", "IntervalSchedule").objects.get_or_create(
        every=1, period="minutes"
    )
    apps.get_model("django_celery_beat", "PeriodicTask").objects.get_or_create(
        name="Audit trail: seal what was written",
        defaults={"task": "accounts.tasks.seal_audit", "interval": interval, "expires": None},
    )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_people_found_and_trail_sealed")]

    operations = [
        migrations.RunPython(begin_chain, migrations.RunPython.noop),
        migrations.RunPython(schedule, migrations.RunPython.noop),
    ]
