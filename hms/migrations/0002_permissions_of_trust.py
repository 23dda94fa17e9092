"""What roles may do since sign-in rules, consents, families, claims, merges, break-glass, grants, message texts,
reminders, reports and lists as files came."""

from django.apps import apps as real_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

from accounts.roles import grant_defaults

NEW = {
    "accounts.add_consent",
    "accounts.change_consenttext",
    "accounts.change_messagetext",
    "accounts.change_signinrule",
    "accounts.reset_second_factor",
    "accounts.run_job",
    "accounts.view_consent",
    "accounts.view_consenttext",
    "accounts.view_jobrun",
    "accounts.view_messagepreference",
    "accounts.view_messagetext",
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
    "records.export_appointments",
    "records.export_doctors",
    "records.export_patients",
    "records.fetch_export",
    "records.make_monthlyreport",
    "records.review_breakglass",
    "records.revoke_clinicalgrant",
    "records.view_breakglass",
    "records.view_clinicalgrant",
    "records.view_monthlyreport",
    "scheduling.announce_delay",
    "scheduling.call_patient",
}


def grant(apps, schema_editor):
    for config in real_apps.get_app_configs():
        create_permissions(config, verbosity=0, using=schema_editor.connection.alias)
    grant_defaults(apps, only=NEW)


class Migration(migrations.Migration):
    dependencies = [
        ("hms", "0001_roles"),
        ("accounts", "0012_message_texts"),
        ("clinic", "0010_reminder_hours"),
        ("records", "0008_exports_of_lists"),
        ("scheduling", "0003_telling"),
    ]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
