"""The words by which doctors and patients are found."""

from django.db import migrations

from hms.lib.search import SearchField, fold

SOURCES = {
    "Doctor": ["name", "specialization", "qualification", "languages"],
    "Patient": ["name", "number", "email"],
}


def fill(apps, schema_editor):
    for name, fields in SOURCES.items():
        model = apps.get_model("clinic", name)
        for row in model.objects.only(*fields).iterator():
            words = [getattr(row, field) for field in fields]
            words += [row.number.replace("-", "")] if name == "Patient" else []
            model.objects.filter(pk=row.pk).update(search=" ".join(fold(word) for word in words if word))


class Migration(migrations.Migration):
    dependencies = [("clinic", "0002_hospital")]

    operations = [
        migrations.AddField("doctor", "search", SearchField()),
        migrations.AddField("patient", "search", SearchField()),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
