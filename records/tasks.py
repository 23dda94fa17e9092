"""What a worker does: making the files that people asked for."""

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
