"""The one hospital, with the rules a new one begins with."""

from django.db import migrations


def create(apps, schema_editor):
    apps.get_model("clinic", "Hospital").objects.get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [("clinic", "0001_initial")]

    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
