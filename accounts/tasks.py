"""What workers do for accounts. Each task takes ids, may run twice, and has a command as its second door."""

from celery import shared_task

from accounts import jobs
from accounts.services import delivery


@shared_task
def deliver_message(pk):
    """Send one message now instead of at the next sweep."""
    try:
        delivery.deliver(pk)
    except delivery.Unreachable as error:
        delivery.log.warning("Message %s waits: %s", pk, error)


@shared_task
def sweep_outbox():
    """Send what is due. `manage.py deliver_messages` does the same."""
    jobs.run("accounts.tasks.sweep_outbox")


@shared_task
def seal_audit():
    """Seal the audit rows that were written since. `manage.py seal_audit` does the same."""
    jobs.run("accounts.tasks.seal_audit")


@shared_task
def clear_sessions():
    """Remove the rows of sessions that have run out. `manage.py clearsessions` does the same."""
    jobs.run("accounts.tasks.clear_sessions")
