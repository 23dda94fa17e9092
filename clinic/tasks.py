"""What workers do for clinic."""

from celery import shared_task

from clinic import services


@shared_task
def purge_applications():
    """Delete old applications. `manage.py purge_applications` does the same. Beat: every hour."""
    services.purge_applications()
