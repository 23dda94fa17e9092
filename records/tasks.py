"""What a worker does: making the files that people asked for, and the monthly reports."""

from celery import shared_task

from accounts import jobs
from records import services


@shared_task
def build_export(export_id):
    """Make one file. Does nothing when another worker has it, or it is made."""
    services.run_export(export_id)


@shared_task
def sweep_exports():
    """Take up what nobody was woken for or somebody left behind, and remove what has expired. Beat: every minute."""
    jobs.run("records.tasks.sweep_exports")


@shared_task
def make_reports():
    """Make the monthly reports that are due. `manage.py make_reports` does the same. Beat: every hour."""
    jobs.run("records.tasks.make_reports")


@shared_task
def check_reports():
    """Look for past months whose figures changed. `manage.py check_reports` does the same. Beat: once a day."""
    jobs.run("records.tasks.check_reports")


@shared_task
def settle_tallies():
    """Count again the days whose visits have changed. `manage.py settle_tallies` does the same. Beat: every minute."""
    jobs.run("records.tasks.settle_tallies")
