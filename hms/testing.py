"""The world the tests run in, and `make test`: the whole suite on SQLite, then again on PostgreSQL.

A test never meets a developer's own database, broker, mails or `.env`: the environment is set here, before the
settings are read, and points to servers and a folder of this run.
"""

import argparse
import atexit
import http.client
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote, urlsplit

from hms.lib.procs import die_with_parent, launcher
from hms.lib.servers import Broker, Postgres, ServerMissing, free_port, wait_until

ROOT = Path(__file__).resolve().parent.parent
OURS = {
    "ALLOWED_HOSTS",
    "AUDIT_KEY",
    "BEHIND_PROXY",
    "CHAT_URL",
    "CSRF_TRUSTED_ORIGINS",
    "DATABASE_CONN_MAX_AGE",
    "DATABASE_URL",
    "DEBUG",
    "DEFAULT_FROM_EMAIL",
    "EMAIL_URL",
    "FORWARDED_ALLOW_IPS",
    "HMS_DATA_DIR",
    "HMS_DEMO",
    "HMS_DEMO_PASSWORD",
    "LOG_LEVEL",
    "PUBLIC_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "SMS_URL",
    "TIME_ZONE",
    "WEB_THREADS",
    "WEB_WORKERS",
}


class World:
    """The folder and the broker of one test process."""

    def __init__(self):
        self.room = Path(tempfile.mkdtemp(prefix="hms-test-"))
        (self.room / "static").mkdir()
        self.broker = Broker()
        atexit.register(self.close)

    def environment(self):
        """What the settings read in this process and in the processes that tests start."""
        kept = {name: given for name, given in os.environ.items() if name not in OURS}
        database = kept.get("TEST_DATABASE_URL") or f"sqlite:///{self.room / 'db.sqlite3'}"
        return kept | {
            "DATABASE_URL": database,
            "DJANGO_SETTINGS_MODULE": "hms.settings",
            "HMS_DATA_DIR": str(self.room),
            "HMS_ENV_FILE": os.devnull,
            "PUBLIC_URL": "http://127.0.0.1:8000",
            "REDIS_URL": self.broker.url,
            "SECRET_KEY": secrets.token_hex(32),
        }

    def close(self):
        self.broker.kill()
        shutil.rmtree(self.room, ignore_errors=True)


def enter():
    """Set the environment, load Django, and bend the few settings in which tests differ. Called once, by conftest."""
    from django.conf import settings

    if settings.configured:
        sys.exit("Django's settings were read before the tests could set their own: unset DJANGO_SETTINGS_MODULE.")
    if "PYTEST_XDIST_WORKER" in os.environ:
        die_with_parent()  # and the broker with us
    world = World()
    environment = world.environment()
    os.environ.clear()
    os.environ.update(environment)

    import django

    django.setup()
    del os.environ["DJANGO_SETTINGS_MODULE"]  # or xdist's processes would read the settings before they come here
    if settings.VENDOR == "sqlite3":  # a real file: several processes and threads use it, as in production
        settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(world.room / "test.sqlite3")
    settings.PASSWORD_HASHERS = ["hms.testing_hasher.CheapArgon2", *settings.PASSWORD_HASHERS]
    settings.CACHES["redis"]["OPTIONS"]["SOCKET_TIMEOUT"] = 1.5  # what is kept is counted, however busy the machine
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    empty_append_only_tables_too()
    return world


def empty_append_only_tables_too():
    """After a test that commits, everything is emptied. What nobody may delete from would stay."""
    from django.db import connection

    from accounts.tests.trail import guard_statements

    operations = type(connection.ops)
    original = operations.sql_flush

    def sql_flush(self, *args, **kwargs):
        off, on = guard_statements(self.connection)
        return [*off, *original(self, *args, **kwargs), *on]

    operations.sql_flush = sql_flush


class Process:
    """A real process of HMS on the database of the running test. `kill()` is a power cut, `stop()` a request."""

    def __init__(self, name, argv, environment, log, *, ready):
        self.name, self.argv, self.environment, self.log, self.ready = name, argv, environment, log, ready
        self.process = None

    @property
    def pid(self):
        return self.process.pid

    def output(self):
        return self.log.read_text(errors="replace")

    def is_ready(self):
        if self.process.poll() is not None:
            raise ServerMissing(f"The {self.name} ended: {self.output()[-2000:]}")
        return self.ready(self)

    def start(self):
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                launcher([sys.executable, *self.argv]),
                env=self.environment,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        wait_until(self.is_ready, 30, f"The {self.name}")
        return self

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()

    def stop(self, seconds=15):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()


def child_environment(settings_dict, **more):
    """The environment in which another process finds the database of the running test."""
    name = str(settings_dict["NAME"])
    if settings_dict["ENGINE"].endswith("sqlite3"):
        url = f"sqlite:///{name}"
    else:
        url = urlsplit(os.environ["DATABASE_URL"])._replace(path="/" + quote(name)).geturl()
    return os.environ | {"DATABASE_URL": url, "PYTHONUNBUFFERED": "1"} | more


def answers(url):
    """Whether an HTTP server gives any answer there."""
    parts = urlsplit(url)
    link = http.client.HTTPConnection(parts.hostname, parts.port, timeout=5)
    try:
        link.request("GET", parts.path)
        return bool(link.getresponse().status)
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()


def worker_process(settings_dict, room):
    """A Celery worker with a thread pool."""
    argv = ["-m", "celery", "-A", "hms", "worker", "--pool", "threads", "--concurrency", "2", "--loglevel", "INFO"]
    argv += ["--without-gossip", "--without-mingle"]
    return Process(
        "worker", argv, child_environment(settings_dict), room / "worker.log", ready=lambda it: " ready." in it.output()
    )


def web_process(settings_dict, room, *, lasting=False):
    """gunicorn as in production, on a free port; its address is `process.url`.

    `lasting`: its workers are never replaced by new ones, which would end connections in the midst of a later test.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = child_environment(settings_dict, PUBLIC_URL=url)
    argv = ["-m", "gunicorn", "-c", "python:hms.gunicorn", "--bind", url.removeprefix("http://")]
    argv += [*(["--max-requests", "0", "--max-requests-jitter", "0"] if lasting else []), "hms.wsgi"]
    log = room / f"web-{port}.log"
    process = Process("web server", argv, environment, log, ready=lambda it: answers(it.url + "/healthz"))
    process.url = url
    return process


def suite(name, arguments, **environment):
    """Run the whole suite once; (name, exit code, seconds)."""
    print(f"\n==== {name} ====", flush=True)
    begun = time.monotonic()
    command = launcher([sys.executable, "-m", "pytest", "-n", "auto", *arguments])
    done = subprocess.run(command, cwd=ROOT, env=os.environ | environment, check=False)
    return name, done.returncode, time.monotonic() - begun


def main():
    """Both suites; exit code 0 when both pass."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    options, arguments = parser.parse_known_args()
    results = []
    if options.only != "postgresql":
        results.append(suite("SQLite", arguments, TEST_DATABASE_URL=""))
    if options.only != "sqlite":
        if options.only is None:
            print("\nTests of what no database changes (marked `once`, or without a database) are not repeated.")
            arguments = ["-m", "not once", *arguments]
        if given := os.environ.get("TEST_DATABASE_URL"):
            results.append(suite("PostgreSQL (TEST_DATABASE_URL)", arguments, TEST_DATABASE_URL=given))
        else:
            with Postgres() as server:
                results.append(suite("PostgreSQL", arguments, TEST_DATABASE_URL=server.url))
    print()
    for name, code, seconds in results:
        print(f"{name}: {'passed' if code == 0 else f'FAILED (exit code {code})'} in {seconds:.0f} s")
    return max(code for _, code, _ in results)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
    except ServerMissing as missing:
        sys.exit(f"make test: {missing}")
