"""What workers do for scheduling. Each task may run twice, and has a command as its second door."""

from celery import shared_task

from accounts import jobs


@shared_task
def send_reminders():
    """Write the reminders that are due. `manage.py send_reminders` does the same. Beat: every five minutes."""
    jobs.run("scheduling.tasks.send_reminders")


@shared_task
def offer_freed_times():
    """Offer freed times to the waiting list. `manage.py offer_freed_times` does the same. Beat: every five minutes."""
    jobs.run("scheduling.tasks.offer_freed_times")
