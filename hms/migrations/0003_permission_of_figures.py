"""Administrators may see the hospital in figures."""

from django.apps import apps as real_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

from accounts.roles import grant_defaults

NEW = {"records.view_figures"}


def grant(apps, schema_editor):
    for config in real_apps.get_app_configs():
        create_permissions(config, verbosity=0, using=schema_editor.connection.alias)
    grant_defaults(apps, only=NEW)


class Migration(migrations.Migration):
    dependencies = [
        ("hms", "0002_permissions_of_trust"),
        ("records", "0010_tally_schedule"),
    ]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
