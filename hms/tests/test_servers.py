"""The servers that tests bring along, and what log lines may say about a visitor's address."""

import logging
import socket

import psycopg
import pytest

from hms.lib import servers
from hms.lib.masking import MaskPaths, masked
from hms.lib.servers import Postgres, ServerMissing, broker_answers
from hms.tests.processes import is_gone


def test_broker_answers_only_with_its_password(broker):
    assert broker_answers(broker.port, broker.password)
    assert not broker_answers(broker.port, "another")


def test_broker_comes_back_on_the_same_port_after_a_kill(broker):
    broker.kill()
    assert not broker_answers(broker.port, broker.password)
    broker.start()
    assert broker_answers(broker.port, broker.password)


def test_silent_broker_takes_connections_and_says_nothing(silent_broker):
    port = int(silent_broker.rpartition(":")[2].partition("/")[0])
    with socket.create_connection(("127.0.0.1", port), 1) as connection:
        connection.sendall(b"PING\r\n")
        connection.settimeout(0.2)
        with pytest.raises(TimeoutError):
            connection.recv(1)


def test_no_broker_on_the_machine_is_a_sentence(monkeypatch):
    monkeypatch.setattr(servers, "BROKERS", ())
    monkeypatch.setattr(servers, "find_spec", lambda name: None)
    with pytest.raises(ServerMissing, match=r"^No Redis-protocol server was found"):
        servers.broker_binary()


@pytest.mark.slow
@pytest.mark.parametrize("source", ["installed", "carried"])
def test_private_postgres_starts_without_root_and_leaves_nothing(source, monkeypatch):
    if source == "carried":
        monkeypatch.setattr(servers, "installed_postgres", list)
    with Postgres() as server:
        with psycopg.connect(server.url) as connection:
            connection.execute("CREATE EXTENSION btree_gist")
            assert connection.execute("SELECT upper('é')").fetchone() == ("É",)
        room, pid = server.room, server.process.pid
        assert (room / "data").stat().st_uid != 0
    assert (is_gone(pid), room.exists()) == (True, False)


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/book/doctors/3/at/20261124T083000Z/", "/book/doctors/3/at/20261124T083000Z/"),
        ("/patients/?q=ada", "/patients/"),
        ("/invitations/accept/Kq7vW2mZ9xLr4tBn8sYd3fHj6/", "/invitations/accept/Kq7v…/"),
        ("/account/password/reset/key/1-c9w6r2-0a1b2c3d4e5f6071/", "/account/password/reset/key/1-c9…/"),
        ("/a\r\nGET /b\x1b[31m", "/a??GET /b?[31m"),
        ("", ""),
    ],
)
def test_logs_name_the_page_and_no_secret(path, logged):
    assert masked(path) == logged


def test_log_filter_masks_paths_among_the_arguments_alone():
    record = logging.LogRecord("django.request", 30, "", 0, "%s: %s", ("Not Found", "/x/" + "t" * 30 + "/?a=b"), None)
    assert MaskPaths().filter(record)
    assert record.getMessage() == "Not Found: /x/tttt…/"
