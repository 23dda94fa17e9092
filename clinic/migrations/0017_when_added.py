"""When doctors and departments were added. Of those that are there already nobody knows: long ago."""

import django.utils.timezone
from django.db import migrations, models

MODELS = ("department", "doctor")


def field(**options):
    return models.DateTimeField(editable=False, null=True, verbose_name="added", **options)


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0016_departments_and_specializations"),
    ]

    operations = [
        *(migrations.AddField(model, "created_at", field()) for model in MODELS),
        migrations.AddIndex(
            "patient",
            models.Index(condition=models.Q(merged_into=None), fields=["created_at"], name="patient_registered"),
        ),
        *(migrations.AlterField(model, "created_at", field(default=django.utils.timezone.now)) for model in MODELS),
    ]
