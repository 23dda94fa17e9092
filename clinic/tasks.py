"""What workers do for clinic. Each task may run twice, and has a command as its second door."""

from celery import shared_task

from accounts import jobs


@shared_task
def find_duplicates():
    """Note pairs of patients who may be one person. `manage.py find_duplicates` does the same. Beat: once a day."""
    jobs.run("clinic.tasks.find_duplicates")


@shared_task
def announce_guardianship_endings():
    """Tell guardians a month ahead that it ends. `manage.py announce_guardianship_endings` does the same."""
    jobs.run("clinic.tasks.announce_guardianship_endings")


@shared_task
def purge_applications():
    """Delete old applications. `manage.py purge_applications` does the same. Beat: every hour."""
    jobs.run("clinic.tasks.purge_applications")
