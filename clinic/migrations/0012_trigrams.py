"""Indexes by which names are found with their typing errors, where PostgreSQL lets us have them."""

from django.db import migrations

from hms.lib import trigrams


def make(apps, schema_editor):
    trigrams.make(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("clinic", "0011_sounds")]

    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
