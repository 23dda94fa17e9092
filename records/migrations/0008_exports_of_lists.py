from django.conf import settings
from django.db import migrations, models


def name_the_zips(apps, schema_editor):
    """Copies of everything were zips before there was a choice of formats."""
    apps.get_model("records", "Export").objects.filter(kind="everything").update(format="zip")


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0009_purge_schedule"),
        ("records", "0007_report_schedule"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="export",
            options={
                "default_permissions": ("view",),
                "ordering": ["-requested_at", "-pk"],
                "permissions": [
                    ("copy_own_data", "Can ask for a copy of everything held about them"),
                    ("fetch_export", "Can see and fetch the files they asked for"),
                    ("export_appointments", "Can take the visits they see along as a file"),
                    ("export_doctors", "Can take the list of doctors along as a file"),
                    ("export_patients", "Can take the list of patients along as a file"),
                ],
                "verbose_name": "export",
                "verbose_name_plural": "exports",
            },
        ),
        migrations.RemoveConstraint(
            model_name="export",
            name="export_state_known",
        ),
        migrations.AddField(
            model_name="export",
            name="clinical",
            field=models.BooleanField(default=False, verbose_name="with clinical columns"),
        ),
        migrations.AddField(
            model_name="export",
            name="format",
            field=models.CharField(
                choices=[
                    ("csv", "Table (CSV) for spreadsheet programs"),
                    ("csv_plain", "Table (CSV) for other programs, without byte order mark"),
                    ("pdf", "PDF, to read and print"),
                    ("zip", "PDF and JSON (zip)"),
                ],
                default="csv",
                max_length=9,
                verbose_name="format",
            ),
        ),
        migrations.AddField(
            model_name="export",
            name="grants",
            field=models.JSONField(blank=True, default=list, editable=False),
        ),
        migrations.AddField(
            model_name="export",
            name="query",
            field=models.TextField(blank=True, editable=False),
        ),
        migrations.AlterField(
            model_name="export",
            name="kind",
            field=models.CharField(
                choices=[
                    ("history", "Medical history"),
                    ("everything", "Copy of all my data"),
                    ("appointments", "List of visits"),
                    ("doctors", "List of doctors"),
                    ("patients", "List of patients"),
                ],
                max_length=20,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="export",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "Waiting"),
                    ("running", "Running"),
                    ("ready", "Ready"),
                    ("failed", "Failed"),
                    ("cancelled", "Cancelled"),
                    ("expired", "Expired"),
                ],
                default="waiting",
                max_length=9,
                verbose_name="state",
            ),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["waiting", "running", "ready", "failed", "cancelled", "expired"])),
                name="export_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["history", "everything", "appointments", "doctors", "patients"])),
                name="export_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(
                condition=models.Q(("format__in", ["csv", "csv_plain", "pdf", "zip"])), name="export_format_known"
            ),
        ),
        migrations.RunPython(name_the_zips, migrations.RunPython.noop, elidable=True),
    ]
