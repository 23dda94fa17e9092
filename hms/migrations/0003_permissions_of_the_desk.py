"""Permissions that came with the hospital's own desk: figures, imports, settings, other times, waiting, many at once."""

from django.apps import apps as real_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

from accounts.roles import grant_defaults

NEW = {
    "clinic.change_specialization",
    "clinic.import_people",
    "clinic.view_import",
    "clinic.view_specialization",
    "records.view_figures",
    "scheduling.cancel_many",
    "scheduling.confirm_appointment",
    "scheduling.propose_times",
    "scheduling.use_waitlist",
    "scheduling.write_to_patients",
}


def grant(apps, schema_editor):
    for config in real_apps.get_app_configs():
        create_permissions(config, verbosity=0, using=schema_editor.connection.alias)
    grant_defaults(apps, only=NEW)


class Migration(migrations.Migration):
    dependencies = [
        ("hms", "0002_permissions_of_trust"),
        ("clinic", "0017_when_added"),
        ("records", "0010_tally_schedule"),
        ("scheduling", "0008_acts_on_visits"),
    ]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
