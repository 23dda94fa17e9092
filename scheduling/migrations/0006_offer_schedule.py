"""Every five minutes: offer freed times to the waiting list. Whoever frees one wakes a worker at once; this is for the rest."""

from django.db import migrations

NAME = "Waiting list: offer freed times"


def schedule(apps, schema_editor):
    interval_model = apps.get_model("django_celery_beat", "IntervalSchedule")
    interval = interval_model.objects.filter(every=5, period="minutes").first()
    interval = interval or interval_model.objects.create(every=5, period="minutes")
    task_model = apps.get_model("django_celery_beat", "PeriodicTask")
    task_model.objects.get_or_create(
        name=NAME, defaults={"task": "scheduling.tasks.offer_freed_times", "interval": interval}
    )


def unschedule(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("django_celery_beat", "0019_alter_periodictasks_options"),
        ("scheduling", "0005_waiting_list"),
    ]

    operations = [migrations.RunPython(schedule, unschedule)]
