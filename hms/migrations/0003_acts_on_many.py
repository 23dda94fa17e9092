"""Reception and administrators may cancel many visits at once, and write to all patients of a day."""

from django.apps import apps as real_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

from accounts.roles import grant_defaults

NEW = {"scheduling.cancel_many", "scheduling.write_to_patients"}


def grant(apps, schema_editor):
    create_permissions(real_apps.get_app_config("scheduling"), verbosity=0, using=schema_editor.connection.alias)
    grant_defaults(apps, only=NEW)


class Migration(migrations.Migration):
    dependencies = [
        ("hms", "0002_permissions_of_trust"),
        ("scheduling", "0004_many_at_once"),
    ]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
