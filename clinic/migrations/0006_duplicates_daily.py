"""Once a day: look for patients who may be registered twice. By interval: an interval knows no clock changes."""

from django.db import migrations

NAME = "Duplicates: look for patients registered twice"


def schedule(apps, schema_editor):
    interval_model = apps.get_model("django_celery_beat", "IntervalSchedule")
    interval = interval_model.objects.filter(every=1, period="days").first()
    interval = interval or interval_model.objects.create(every=1, period="days")
    task_model = apps.get_model("django_celery_beat", "PeriodicTask")
    task_model.objects.get_or_create(name=NAME, defaults={"task": "clinic.tasks.find_duplicates", "interval": interval})


def unschedule(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0005_duplicates"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(schedule, unschedule)]
