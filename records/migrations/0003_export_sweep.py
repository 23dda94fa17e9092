"""Every minute: take up exports that nobody was woken for, and remove what has expired."""

from django.db import migrations

NAME = "Exports: make what waits, remove what has expired"


def schedule(apps, schema_editor):
    interval_model = apps.get_model("django_celery_beat", "IntervalSchedule")
    interval = interval_model.objects.filter(every=1, period="minutes").first()
    interval = interval or interval_model.objects.create(every=1, period="minutes")
    task_model = apps.get_model("django_celery_beat", "PeriodicTask")
    task_model.objects.get_or_create(name=NAME, defaults={"task": "records.tasks.sweep_exports", "interval": interval})


def unschedule(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("django_celery_beat", "0019_alter_periodictasks_options"),
        ("records", "0002_charts_kept_and_exports_leased"),
    ]

    operations = [migrations.RunPython(schedule, unschedule)]
