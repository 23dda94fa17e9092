"""Every minute: work on imports that nobody was woken for, and remove files that have had their time."""

from django.db import migrations

NAME = "Imports: work on what waits, remove old files"


def schedule(apps, schema_editor):
    interval_model = apps.get_model("django_celery_beat", "IntervalSchedule")
    interval = interval_model.objects.filter(every=1, period="minutes").first()
    interval = interval or interval_model.objects.create(every=1, period="minutes")
    task_model = apps.get_model("django_celery_beat", "PeriodicTask")
    task_model.objects.get_or_create(name=NAME, defaults={"task": "clinic.tasks.sweep_imports", "interval": interval})


def unschedule(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("django_celery_beat", "0019_alter_periodictasks_options"),
        ("clinic", "0011_imports"),
    ]

    operations = [migrations.RunPython(schedule, unschedule)]
