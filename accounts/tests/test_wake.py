"""No broker, however it fails, keeps a request waiting or makes it fail."""

import socket
import threading
import time
from contextlib import closing, suppress
from statistics import median

import pytest
import redis
from celery import current_app as app
from django.conf import settings as live_settings

from accounts import wake
from hms.lib.servers import SilentServer, free_port


@pytest.fixture
def broker_at(monkeypatch):
    """Point the Celery application to another broker for one test."""

    def point(url):
        monkeypatch.setattr(app.conf, "broker_write_url", url)
        wake._silent_until = 0.0

    yield point
    wake._silent_until = 0.0
    for thread in threading.enumerate():
        if thread.name == "wake":
            thread.join(10)


TRIES = 3  # a machine that is busy with something else may make one of them wait


def seconds_to_wake():
    begun = time.monotonic()
    wake.wake("accounts.tasks.sweep_outbox")
    return time.monotonic() - begun


def seconds_at_best():
    """Of some tries, each of which asks the broker anew."""
    found = []
    for _try in range(TRIES):
        wake._silent_until = 0.0
        found.append(seconds_to_wake())
    return min(found)


def test_a_broker_that_refuses(broker_at):
    broker_at(f"redis://127.0.0.1:{free_port()}/0")
    assert seconds_at_best() < 0.6


def test_a_broker_that_accepts_and_never_answers(broker_at):
    port = free_port()
    with closing(SilentServer(port)):
        broker_at(f"redis://:secret@127.0.0.1:{port}/0")
        assert seconds_at_best() < 0.6


def test_a_broker_that_answers_each_step_a_little_late(broker_at):
    def answer(listener):
        for _try in range(TRIES):
            with suppress(OSError), listener.accept()[0] as connection:
                while connection.recv(4096):
                    time.sleep(0.25)
                    connection.sendall(b"+OK\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=answer, args=(listener,), daemon=True).start()
        broker_at(f"redis://:secret@127.0.0.1:{listener.getsockname()[1]}/0")
        assert seconds_at_best() < 0.6


@pytest.mark.parametrize("listens", [True, False])
def test_a_unix_socket_that_refuses_or_is_silent(listens, broker_at, tmp_path):
    path = tmp_path / "redis.sock"
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        if listens:
            listener.bind(str(path))
            listener.listen()
        broker_at(f"redis+socket://{path}")
        assert seconds_at_best() < 0.6


def test_a_broker_that_did_not_answer_is_not_asked_again_at_once(broker_at):
    port = free_port()
    with closing(SilentServer(port)) as silent:
        broker_at(f"redis://127.0.0.1:{port}/0")
        seconds_to_wake()
        asked = len(silent.connections)
        assert median(seconds_to_wake() for _ in range(20)) < 0.05
        assert len(silent.connections) == asked


def test_a_real_broker_gets_the_task(broker):
    wake._silent_until = 0.0
    queue = redis.Redis.from_url(live_settings.REDIS_URL)
    queue.flushdb()
    wake.wake("accounts.tasks.sweep_outbox")
    for thread in threading.enumerate():
        if thread.name == "wake":
            thread.join(10)
    assert queue.llen("hms:celery") == 1
    queue.flushdb()
    queue.close()
