"""How the names of doctors and patients sound."""

from django.db import migrations

from hms.lib.search import SoundField, heard

SOURCES = {"Doctor": ["name", "specialization"], "Patient": ["name"]}
BATCH = 1000


def fill(apps, schema_editor):
    for name, fields in SOURCES.items():
        model, batch = apps.get_model("clinic", name), []
        for row in model.objects.only(*fields).iterator(BATCH):
            row.sounds = heard(*(getattr(row, field) for field in fields))
            batch.append(row)
            if len(batch) == BATCH:
                write(model, batch)
        write(model, batch)


def write(model, batch):
    """As many rows in one statement as its parameters allow."""
    model.objects.bulk_update(batch, ["sounds"], batch_size=200)
    batch.clear()


class Migration(migrations.Migration):
    dependencies = [("clinic", "0010_reminder_hours")]

    operations = [
        migrations.AddField("doctor", "sounds", SoundField()),
        migrations.AddField("patient", "sounds", SoundField()),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
