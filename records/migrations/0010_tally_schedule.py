"""Every minute: count again the days whose visits have changed. By interval, which knows no clock changes."""

from django.db import migrations

NAME = "Figures: count again the days whose visits have changed"


def schedule(apps, schema_editor):
    interval_model = apps.get_model("django_celery_beat", "IntervalSchedule")
    interval = interval_model.objects.filter(every=1, period="minutes").first()
    interval = interval or interval_model.objects.create(every=1, period="minutes")
    task_model = apps.get_model("django_celery_beat", "PeriodicTask")
    task_model.objects.get_or_create(name=NAME, defaults={"task": "records.tasks.settle_tallies", "interval": interval})


def unschedule(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("django_celery_beat", "0019_alter_periodictasks_options"),
        ("records", "0009_tallies"),
    ]

    operations = [migrations.RunPython(schedule, unschedule)]
