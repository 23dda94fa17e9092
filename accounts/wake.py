"""Waking a worker. Never needed for correctness: the sweeper finds the rows whoever slept through the call."""

import logging
import time

from celery import current_app as app
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)

PATIENCE = 0.3  # seconds a request may wait for the broker
PAUSE = 5.0  # seconds in which a broker that did not answer is not asked again
_silent_until = 0.0


def after_commit(task, *args):
    """Wake a worker for a task by name ("accounts.tasks.deliver_message") once the transaction has committed."""
    transaction.on_commit(lambda: wake(task, *args))


def wake(task, *args):
    """Ask the broker to start a task, or let it be: no retry, at most PATIENCE per network step, no exception."""
    global _silent_until
    if time.monotonic() < _silent_until:
        return
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
    except (OperationalError, OSError) as error:
        _silent_until = time.monotonic() + PAUSE
        log.warning("The broker does not answer (%s); the sweeper will find what is due.", type(error).__name__)
