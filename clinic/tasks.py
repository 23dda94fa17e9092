"""What workers do for clinic. Each task may run twice, and has a command as its second door."""

from celery import shared_task

from clinic import services


@shared_task
def announce_guardianship_endings():
    """Tell guardians a month ahead that it ends. `manage.py announce_guardianship_endings` does the same."""
    services.announce_endings()
