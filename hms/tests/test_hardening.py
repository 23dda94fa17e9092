"""What stands around the pages: settings in production, the examples for servers, what logs say, what browsers keep."""

import json
import logging
import os
import re
import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.tests.factories import UserFactory
from hms import backup, testing
from hms.lib import masking

ROOT = testing.ROOT
DEPLOYED = {
    "PUBLIC_URL": "https://hospital.example.org",
    "SECRET_KEY": "k3y-" * 4 + "of-an-installation-that-only-tests-know",
    "EMAIL_URL": "smtp+tls://localhost:587",
    "DATABASE_URL": "postgresql://hms@db.example.org/hms?sslmode=verify-full",
    "BEHIND_PROXY": "1",
}
ASKED = (
    *("DEBUG", "DEMO", "ALLOWED_HOSTS", "EMAIL_USE_TLS", "SESSION_COOKIE_SAMESITE"),
    *("SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS"),
    *("SESSION_COOKIE_NAME", "SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_DOMAIN"),
    *("CSRF_COOKIE_NAME", "CSRF_COOKIE_SECURE", "CSRF_COOKIE_HTTPONLY", "CSRF_COOKIE_DOMAIN"),
)
SHOW = f"import json; from django.conf import settings as s; print(json.dumps({{n: getattr(s, n) for n in {ASKED!r}}}"
SHOW += " | {'sslmode': s.DATABASES['default']['OPTIONS'].get('sslmode')}))"


@pytest.fixture(scope="module")
def deployed(tmp_path_factory):
    """The settings that an installation behind https has."""
    kept = {name: told for name, told in os.environ.items() if name not in testing.OURS}
    alone = kept | {"HMS_DATA_DIR": str(tmp_path_factory.mktemp("data")), "HMS_ENV_FILE": os.devnull} | DEPLOYED
    alone["DJANGO_SETTINGS_MODULE"] = "hms.settings"
    done = subprocess.run([sys.executable, "-c", SHOW], env=alone, cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_in_production_cookies_belong_to_this_host_and_to_https(deployed):
    for cookie in ("SESSION_COOKIE", "CSRF_COOKIE"):
        assert deployed[f"{cookie}_NAME"].startswith("__Host-")
        assert deployed[f"{cookie}_SECURE"]
        assert deployed[f"{cookie}_HTTPONLY"]
        assert deployed[f"{cookie}_DOMAIN"] is None
    assert deployed["SESSION_COOKIE_SAMESITE"] == "Lax"


def test_in_production_there_is_https_alone_and_nothing_for_developers(deployed):
    assert (deployed["DEBUG"], deployed["DEMO"]) == (False, False)
    assert deployed["SECURE_SSL_REDIRECT"]
    assert deployed["SECURE_HSTS_SECONDS"] >= 31536000
    assert deployed["SECURE_HSTS_INCLUDE_SUBDOMAINS"]
    assert deployed["ALLOWED_HOSTS"] == ["hospital.example.org"]


def test_encryption_to_database_and_mail_server_is_one_word_in_their_addresses(deployed):
    assert deployed["sslmode"] == "verify-full"
    assert deployed["EMAIL_USE_TLS"]
    options = {"sslmode": "verify-full", "sslrootcert": "/etc/hms/ca.pem", "connect_timeout": 3}
    assert backup.tls_of({"OPTIONS": options}) == {"sslmode": "verify-full", "sslrootcert": "/etc/hms/ca.pem"}


def test_the_example_proxy_speaks_recent_tls_and_tells_nothing():
    text = (ROOT / "deploy/nginx.conf").read_text()
    assert re.findall(r"ssl_protocols (.*);", text) == ["TLSv1.2 TLSv1.3"]
    assert re.search(r"listen 80;[^}]*return 301 https://", text)
    assert "server_tokens off;" in text
    assert "autoindex" not in text
    assert re.findall(r"X-Forwarded-For (\S+);", text) == ["$remote_addr"] * 3
    assert re.findall(r"X-Forwarded-Proto (\S+);", text) == ["$scheme"] * 3


@pytest.mark.parametrize("unit", ["hms-web", "hms-worker", "hms-beat"])
def test_the_example_units_may_do_little(unit):
    text = (ROOT / f"deploy/systemd/{unit}.service").read_text()
    for line in ("User=hms", "NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=", "UMask=0077"):
        assert f"\n{line}\n" in text
    assert "\nInaccessiblePaths=-/opt/hms/.git\n" in text


def test_no_folder_is_listed_and_no_request_is_echoed(client):
    for path in ("/static/", "/static/js/", "/media/", "/.git/config"):
        assert client.get(path).status_code == 404
    assert Client().generic("TRACE", "/healthz", headers={"Cookie": "a=very-secret"}).status_code == 405


def test_scripts_keep_nothing_in_the_browser_but_how_one_likes_it_and_write_no_markup():
    for script in (ROOT / "static/js").glob("*.js"):
        text = script.read_text()
        assert not re.search(r"sessionStorage|indexedDB|document\.cookie|innerHTML|outerHTML|eval\(|new Function", text)
        stored = set(re.findall(r"localStorage\.\w+\(([^,)]*)", text))
        assert stored <= {"theme.js": {'"theme"'}, "search.js": {'"search-key"'}}.get(script.name, set())


def test_a_line_of_the_log_has_its_instant_with_the_offset():
    told = settings.LOGGING["formatters"]["line"]
    record = logging.LogRecord("hms", logging.INFO, "", 0, "told", (), None)
    line = logging.Formatter(told["format"], told["datefmt"]).format(record)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} INFO hms: told", line)
    assert line.startswith(time.strftime("%Y-", time.localtime(record.created)))


def test_a_traceback_does_not_quote_the_row_that_a_database_refused():
    refused = "violates check constraint\nDETAIL:  Failing row contains (7, chest pain\n\nsince Monday)."
    try:
        try:
            raise ValueError(refused)
        except ValueError as error:
            raise RuntimeError(refused) from error
    except RuntimeError:
        told = masking.Line().formatException(sys.exc_info())
    assert told.count("violates check constraint\nDETAIL: …") == 2
    assert "direct cause" in told
    assert "chest pain" not in told
    assert "Monday" not in told
    assert settings.LOGGING["formatters"]["line"]["class"] == "hms.lib.masking.Line"


@pytest.mark.django_db
def test_what_is_refused_is_in_the_log_with_the_account_and_without_what_was_sent(client, caplog):
    user = UserFactory()
    client.force_login(user)
    assert client.get(reverse("accounts:user-list"), {"q": "very-secret"}).status_code == 403
    assert client.get(reverse("scheduling:appointment-detail", args=[1])).status_code == 404
    assert Client(enforce_csrf_checks=True).post(reverse("account_login"), {"login": "me@x.org"}).status_code == 403
    said = [record.getMessage() for record in caplog.records if record.name == "hms.refused"]
    assert said == [
        f"403 GET /users/, account {user.pk}",
        f"404 GET /appointments/1/, account {user.pk}",
        "403 POST /account/login/, account nobody",
    ]


@pytest.mark.django_db
def test_a_line_break_in_an_address_makes_no_second_line_in_the_log(client, caplog):
    client.get("/nothing/%0A2026-11-25%20ERROR%20forged%1b[2J/")
    said = [record.getMessage() for record in caplog.records if record.name == "hms.refused"]
    assert len(said) == 1
    assert not re.search(r"[\x00-\x1f]", said[0])
