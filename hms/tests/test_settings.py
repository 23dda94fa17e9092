"""Settings: a wrong or missing one stops every way to start with one sentence, and never decides silently."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from hms import testing
from hms.lib import environment

MANAGE = ["manage.py", "check"]
WORKER = ["-m", "celery", "-A", "hms", "worker"]
WEB = ["-m", "gunicorn", "-c", "python:hms.gunicorn", "hms.wsgi"]
GOOD = {"PUBLIC_URL": "http://127.0.0.1:8000", "SECRET_KEY": "k3y-" * 4 + "of-an-installation-that-only-tests-know"}


def start(folder, command=MANAGE, **given):
    """Start it with these settings alone: what it says on standard error, without empty lines."""
    kept = {name: told for name, told in os.environ.items() if name not in testing.OURS}
    alone = kept | {"HMS_DATA_DIR": str(folder), "HMS_ENV_FILE": os.devnull} | given
    done = subprocess.run(
        [sys.executable, *command], env=alone, cwd=testing.ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1, done.stdout
    return done.stderr.strip()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL must begin with sqlite:/// or postgresql://."),
        ({"DATABASE_URL": "postgresql://127.0.0.1:x/hms"}, "DATABASE_URL cannot be read: Port could not be cast"),
        ({"REDIS_URL": "redis://127.0.0.1:x/0"}, "REDIS_URL must begin with redis://"),
        ({"REDIS_URL": "redis://127.0.0.1:6379/x"}, "REDIS_URL must end with the number of a database"),
        ({"EMAIL_URL": "gopher://mail"}, "EMAIL_URL cannot be read: "),
        ({"DEFAULT_FROM_EMAIL": "the hospital"}, "DEFAULT_FROM_EMAIL must be a mail address, not 'the hospital'."),
        ({"SMS_URL": "twilio://account:token@+15005550006"}, "SMS_URL must hold {to} once, behind the host"),
        ({"CHAT_URL": "json://{to}/chat"}, "CHAT_URL must hold {to} once, behind the host"),
        ({"SMS_URL": "pigeon://tower/{to}"}, "SMS_URL is no address that Apprise knows, or part of it is missing."),
        ({"PUBLIC_URL": "http://[::1"}, "PUBLIC_URL must be an address people type"),
        ({"PUBLIC_URL": "http://127.0.0.1:99999"}, "PUBLIC_URL must be an address people type"),
        ({"PUBLIC_URL": "https://hospital.example.org/hms"}, "PUBLIC_URL must end after the host"),
        ({"CSRF_TRUSTED_ORIGINS": "hospital.example.org"}, "CSRF_TRUSTED_ORIGINS must be an address people type"),
        ({"DEBUG": "flase"}, "DEBUG must be 1 or 0, not 'flase'."),
        ({"BEHIND_PROXY": "perhaps"}, "BEHIND_PROXY must be 1 or 0, not 'perhaps'."),
        ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL must be DEBUG, INFO, WARNING, ERROR or CRITICAL, not 'LOUD'."),
        ({"WEB_WORKERS": "many"}, "WEB_WORKERS cannot be read: "),
        ({"WEB_THREADS": "0"}, "WEB_THREADS must be a whole number from 1, not 0."),
        ({"HMS_ENV_FILE": "/no/such/file"}, "HMS_ENV_FILE names a file that is not there: /no/such/file."),
        ({"HMS_ENV_FILE": "/"}, "The settings in / cannot be read: Is a directory."),
        ({"SECRET_KEY": ""}, "SECRET_KEY must be random and at least 50 characters long."),
    ],
)
def test_a_wrong_value_is_one_sentence(tmp_path, given, sentence):
    told = start(tmp_path, **GOOD | given)
    assert told.startswith("hms: " + sentence)
    assert told.count("\n") == 0


@pytest.mark.parametrize("command", [MANAGE, WORKER, WEB], ids=["commands", "worker", "web"])
def test_a_missing_value_is_one_sentence_wherever_one_starts(tmp_path, command):
    told = start(tmp_path, command, PUBLIC_URL=GOOD["PUBLIC_URL"])
    assert told.removeprefix("hms: ").removeprefix("Error: ") == (
        "SECRET_KEY is not set. See .env.example for what it means."
    )


@pytest.mark.parametrize(("told", "on"), [("1", True), ("TRUE", True), (" yes ", True), ("0", False), ("Off", False)])
def test_a_switch_is_read_however_people_write_it(monkeypatch, told, on):
    monkeypatch.setenv("A_SWITCH", told)
    assert environment.flag("A_SWITCH", default=not on) is on


@pytest.mark.parametrize("default", [True, False])
def test_a_switch_left_empty_is_as_if_it_were_not_there(monkeypatch, default):
    monkeypatch.setenv("A_SWITCH", "")
    assert environment.flag("A_SWITCH", default=default) is default


def test_a_file_of_settings_that_cannot_be_decoded_is_a_sentence(tmp_path):
    file = tmp_path / "env"
    file.write_bytes("DEFAULT_FROM_EMAIL=Köln".encode("latin-1"))
    with pytest.raises(ImproperlyConfigured, match="not in UTF-8"):
        environment.read_file(file)


def test_what_the_environment_says_comes_before_the_file(tmp_path, monkeypatch):
    file = tmp_path / "env"
    file.write_text("A_SETTING=from the file\nANOTHER_SETTING=from the file\n")
    monkeypatch.setenv("A_SETTING", "from the environment")
    monkeypatch.setenv("ANOTHER_SETTING", "to be put back")
    monkeypatch.delenv("ANOTHER_SETTING")
    environment.read_file(file)
    assert (environment.value("A_SETTING"), environment.value("ANOTHER_SETTING")) == (
        "from the environment",
        "from the file",
    )
