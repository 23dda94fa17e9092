"""What workers do for accounts. Each task takes ids, may run twice, and has a command as its second door."""

from celery import shared_task

from accounts.services import delivery, sealing
from accounts.sessions import SessionStore


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
    delivery.sweep()


@shared_task
def seal_audit():
    """Seal the audit rows that were written since. `manage.py seal_audit` does the same."""
    sealing.seal()


@shared_task
def clear_sessions():
    """Remove the rows of sessions that have run out. `manage.py clearsessions` does the same."""
    SessionStore.clear_expired()
