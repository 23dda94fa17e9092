"""Every five minutes: see whether reminders are due. By interval: an interval knows no clock changes."""

from django.db import migrations

NAME = "Reminders: write those that are due"


def schedule(apps, schema_editor):
    interval_model = apps.get_model("django_celery_beat", "IntervalSchedule")
    interval = interval_model.objects.filter(every=5, period="minutes").first()
    interval = interval or interval_model.objects.create(every=5, period="minutes")
    task_model = apps.get_model("django_celery_beat", "PeriodicTask")
    task_model.objects.get_or_create(
        name=NAME, defaults={"task": "scheduling.tasks.send_reminders", "interval": interval}
    )


def unschedule(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("django_celery_beat", "0019_alter_periodictasks_options"),
        ("scheduling", "0001_initial"),
    ]

    operations = [migrations.RunPython(schedule, unschedule)]
