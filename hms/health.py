"""What the site depends on, asked now."""

import socket
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

PATIENCE = 0.3  # seconds for the broker to answer a PING


def report():
    """{"status": "ok" | "degraded" | "unavailable", "database", "broker", "cache"}, each state a word or two.

    Broker and cache are one server, at REDIS_URL: they come and go together.
    """
    database = database_state()
    broker = "ok" if broker_answers() else "gone"
    if database != "ok":
        status = "unavailable"
    else:
        status = "ok" if broker == "ok" else "degraded"
    return {"status": status, "database": database, "broker": broker, "cache": broker}


def database_state():
    """ok, gone, or migrations missing."""
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "gone"
    return "migrations missing" if plan else "ok"


def broker_answers():
    """Whether something that speaks Redis answers at REDIS_URL within PATIENCE. Says nothing about passwords."""
    parts = urlsplit(settings.REDIS_URL)
    try:
        with _connect(parts) as link:
            link.settimeout(PATIENCE)
            if parts.scheme == "rediss":
                return True
            link.sendall(b"PING\r\n")
            return link.recv(64)[:1] in {b"+", b"-"}
    except OSError:
        return False


def _connect(parts):
    if parts.scheme == "unix":
        link = socket.socket(socket.AF_UNIX)
        link.settimeout(PATIENCE)
        link.connect(parts.path)
        return link
    return socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 6379), timeout=PATIENCE)
