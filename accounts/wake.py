"""Waking a worker. Never needed for correctness: the sweeper finds the rows whoever slept through the call."""

import logging
import threading
import time

from celery import current_app as app
from django.db import transaction

log = logging.getLogger(__name__)

PATIENCE = 0.3  # seconds a request waits for the broker, whatever the broker does
PAUSE = 5.0  # seconds in which a broker that did not answer is not asked again
_silent_until = 0.0


def after_commit(task, *args):
    """Wake a worker for a task by name ("accounts.tasks.deliver_message") once the transaction has committed."""
    transaction.on_commit(lambda: wake(task, *args))


def wake(task, *args):
    """Ask the broker to start a task, or let it be: no retry, at most PATIENCE, no exception.

    A thread asks, so that the time is bounded even for a broker that answers each step a little too late.
    """
    global _silent_until
    if time.monotonic() < _silent_until:
        return
    messenger = threading.Thread(target=_ask, args=(task, args), name="wake", daemon=True)
    messenger.start()
    messenger.join(PATIENCE)
    if messenger.is_alive():
        _silent_until = time.monotonic() + PAUSE


def _ask(task, args):
    global _silent_until
    try:
        with app.connection_for_write(
            connect_timeout=PATIENCE,
            transport_options={
                **app.conf.broker_transport_options,
                "socket_timeout": PATIENCE,
                "socket_connect_timeout": PATIENCE,
                "retry_on_timeout": False,
                "max_retries": 0,
            },
        ) as connection:
            app.send_task(task, args=args, connection=connection, retry=False)
        _silent_until = 0.0
    except Exception as error:  # whatever it is, the row is due and the sweeper will find it
        _silent_until = time.monotonic() + PAUSE
        log.warning("The broker does not answer (%s); the sweeper will find what is due.", type(error).__name__)
