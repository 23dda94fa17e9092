"""What roles may do since sign-in rules, consents, families, claims, merges, break-glass and grants came."""

from django.apps import apps as real_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

from accounts.roles import grant_defaults

NEW = {
    "accounts.add_consent",
    "accounts.change_consenttext",
    "accounts.change_signinrule",
    "accounts.reset_second_factor",
    "accounts.run_job",
    "accounts.view_consent",
    "accounts.view_consenttext",
    "accounts.view_jobrun",
    "accounts.view_signinrule",
    "clinic.add_guardianship",
    "clinic.change_guardianship",
    "clinic.close_own_account",
    "clinic.close_patient",
    "clinic.decide_application",
    "clinic.have_family",
    "clinic.merge_patient",
    "clinic.send_claim",
    "clinic.view_application",
    "clinic.view_claim",
    "clinic.view_guardianship",
    "records.add_clinicalgrant",
    "records.break_glass",
    "records.confirm_clinicalgrant",
    "records.copy_own_data",
    "records.review_breakglass",
    "records.revoke_clinicalgrant",
    "records.view_breakglass",
    "records.view_clinicalgrant",
}


def grant(apps, schema_editor):
    for config in real_apps.get_app_configs():
        create_permissions(config, verbosity=0, using=schema_editor.connection.alias)
    grant_defaults(apps, only=NEW)


class Migration(migrations.Migration):
    dependencies = [
        ("hms", "0001_roles"),
        ("accounts", "0010_first_consent_texts"),
        ("clinic", "0009_purge_schedule"),
        ("records", "0005_copies_of_all_data"),
        ("scheduling", "0001_initial"),
    ]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
