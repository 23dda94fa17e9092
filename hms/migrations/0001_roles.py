"""The roles' groups with their permissions. Adds what is missing, takes nothing away."""

from django.apps import apps as real_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

from accounts.roles import grant_defaults


def grant(apps, schema_editor):
    """Permissions are normally made after all migrations; here they are needed within."""
    for config in real_apps.get_app_configs():
        create_permissions(config, verbosity=0, using=schema_editor.connection.alias)
    grant_defaults(apps)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_foundations"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("clinic", "0002_hospital"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
        ("records", "0001_initial"),
        ("scheduling", "0001_initial"),
    ]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
