"""Every hour: delete applications that were never confirmed, or were declined long ago."""

from django.db import migrations

NAME = "Applications: delete old ones"


def schedule(apps, schema_editor):
    interval_model = apps.get_model("django_celery_beat", "IntervalSchedule")
    interval = interval_model.objects.filter(every=1, period="hours").first()
    interval = interval or interval_model.objects.create(every=1, period="hours")
    task_model = apps.get_model("django_celery_beat", "PeriodicTask")
    task_model.objects.get_or_create(
        name=NAME, defaults={"task": "clinic.tasks.purge_applications", "interval": interval}
    )


def unschedule(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("django_celery_beat", "0019_alter_periodictasks_options"),
        ("clinic", "0008_applications_and_claims"),
    ]

    operations = [migrations.RunPython(schedule, unschedule)]
