"""What workers do for clinic. Each task may run twice, and has a command as its second door."""

from celery import shared_task

from accounts import jobs
from clinic import services


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


@shared_task
def work_import(import_id):
    """Do the next step of an import. Does nothing when another worker has it, or it is done."""
    services.work_import(import_id)


@shared_task
def sweep_imports():
    """Take up imports that nobody was woken for or somebody left behind, remove old files. Beat: every minute."""
    jobs.run("clinic.tasks.sweep_imports")
