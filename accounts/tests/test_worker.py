"""A real worker delivers what a request wrote, and a sweep finds what a dead broker missed."""

import time
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction

from accounts import outbox, wake
from accounts.models import MessageState
from accounts.tests.factories import UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def put(key):
    with transaction.atomic():
        return outbox.put(
            kind="test", key=key, template="accounts/mail/account_already_exists", context={}, to=UserFactory()
        )


def is_sent_within(message, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        message.refresh_from_db()
        if message.state == MessageState.SENT:
            return True
        time.sleep(0.1)
    return False


def mails_to(address):
    return list(Path(settings.EMAIL_CONFIG["EMAIL_FILE_PATH"]).glob(f"*-{address}.eml"))


def test_a_worker_sends_within_seconds_of_the_commit(worker):
    message = put("woken")
    assert is_sent_within(message, 20), worker.output()
    (mail,) = mails_to(message.address)
    assert "You have an account already" in mail.read_text(encoding="utf-8")


def test_what_a_dead_broker_missed_is_swept_up(worker, broker):
    broker.kill()
    message = put("missed")
    assert not is_sent_within(message, 1)
    broker.start()
    wake._silent_until = 0.0
    wake.wake("accounts.tasks.sweep_outbox")
    assert is_sent_within(message, 40), worker.output()
    assert len(mails_to(message.address)) == 1
