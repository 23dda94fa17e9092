"""What administrators may do since lists of doctors and patients can be imported."""

from django.apps import apps as real_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

from accounts.roles import grant_defaults

NEW = {"clinic.import_people", "clinic.view_import"}


def grant(apps, schema_editor):
    create_permissions(real_apps.get_app_config("clinic"), verbosity=0, using=schema_editor.connection.alias)
    grant_defaults(apps, only=NEW)


class Migration(migrations.Migration):
    dependencies = [("hms", "0002_permissions_of_trust"), ("clinic", "0012_import_sweep")]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
