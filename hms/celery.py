"""The Celery application. Rows in the database are the queue of record; Celery is the wake-up."""

import os

from celery import Celery

from hms.lib.environment import load_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hms.settings")
load_settings()  # worker and beat begin here: a wrong value is a sentence

app = Celery("hms")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
