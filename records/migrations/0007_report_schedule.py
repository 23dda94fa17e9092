"""Every hour: make monthly reports that are due; once a day: look for past months whose figures changed.

By intervals, which know no clock changes. What is due is decided from rows.
"""

from django.db import migrations

JOBS = (
    ("Reports: make those of the month that is over", "records.tasks.make_reports", "hours"),
    ("Reports: look for past months whose figures changed", "records.tasks.check_reports", "days"),
)


def schedule(apps, schema_editor):
    interval_model = apps.get_model("django_celery_beat", "IntervalSchedule")
    task_model = apps.get_model("django_celery_beat", "PeriodicTask")
    for name, task, period in JOBS:
        interval = interval_model.objects.filter(every=1, period=period).first()
        interval = interval or interval_model.objects.create(every=1, period=period)
        task_model.objects.get_or_create(name=name, defaults={"task": task, "interval": interval})


def unschedule(apps, schema_editor):
    names = [name for name, _task, _period in JOBS]
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name__in=names).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("django_celery_beat", "0019_alter_periodictasks_options"),
        ("records", "0006_monthly_reports"),
    ]

    operations = [migrations.RunPython(schedule, unschedule)]
