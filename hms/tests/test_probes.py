"""What a load balancer asks, also with somebody's cookie and with the database gone."""

import json

from django.conf import settings
from django.db import OperationalError

from hms import health


def with_cookie(client):
    client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    return client


def test_liveness_asks_nothing_of_the_database(client):
    answer = with_cookie(client).get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")


def test_readiness_says_what_is_gone(client, monkeypatch):
    class Gone:
        def __init__(self, connection):
            raise OperationalError

    monkeypatch.setattr(health, "MigrationExecutor", Gone)
    answer = with_cookie(client).get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    report = json.loads(answer.content)
    assert (report["status"], report["database"]) == ("unavailable", "gone")
