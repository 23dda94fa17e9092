"""`make run`: what starts, what is said when it cannot, and that nothing stays behind."""

import http.client
import os
import signal
import socket
import stat
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

from hms import testing
from hms.lib.servers import free_port
from hms.tests.processes import children, descendants, is_gone, wait_for

# one prepared folder serves them all; on a busy machine that takes its time
pytestmark = [pytest.mark.slow, pytest.mark.once, pytest.mark.timeout(300)]
RUN = [sys.executable, "-m", "hms.run"]


def environment(folder, **more):
    """An environment in which only what the test says is set."""
    kept = {name: given for name, given in os.environ.items() if name not in testing.OURS}
    ours = {"HMS_DATA_DIR": str(folder), "HMS_DEMO": "0", "HMS_ENV_FILE": os.devnull, "PORT": str(free_port())}
    return kept | ours | more


class Runner:
    """One `python -m hms.run`, its output in a file."""

    def __init__(self, folder, **more):
        self.environment = environment(folder, **more)
        self.port = int(self.environment["PORT"])
        self.file = folder / "output"
        with self.file.open("wb") as output:
            self.process = subprocess.Popen(
                RUN, env=self.environment, cwd=testing.ROOT, stdout=output, stderr=subprocess.STDOUT
            )

    def output(self):
        return self.file.read_text(errors="replace")

    def wait_until_it_says(self, text, seconds=40):
        assert wait_for(lambda: text in self.output() or self.process.poll() is not None, seconds), self.output()
        assert text in self.output(), self.output()

    def ask(self, path):
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            link.request("GET", path)
            return link.getresponse().status
        finally:
            link.close()

    def end(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(40)


@pytest.fixture(scope="module")
def database(django_db_setup, django_db_blocker):
    """What DATABASE_URL says: nothing (SQLite in the data folder), or a new database on the tests' PostgreSQL."""
    if settings.VENDOR == "sqlite3":
        yield {}
        return
    name = f"hms_run_{os.getpid()}"
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    yield {"DATABASE_URL": urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()}
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def folder(tmp_path_factory, database):
    """A data folder in which everything is prepared, so that the tests below are second starts."""
    made = tmp_path_factory.mktemp("installation")
    given = {
        "PUBLIC_URL": "http://127.0.0.1:8000",
        "SECRET_KEY": "k3y-" * 4 + "of-an-installation-that-only-tests-know",
    }
    subprocess.run(
        [sys.executable, "-m", "hms.prepare"],
        env=environment(made, **database, **given),
        cwd=testing.ROOT,
        check=True,
    )
    return made


@pytest.fixture
def start(folder, database):
    runners = []

    def started(**more):
        runners.append(Runner(folder, **database, **more))
        return runners[-1]

    yield started
    for runner in runners:
        runner.end()


def refusal(folder, command=RUN, **more):
    """What a start that cannot succeed says: one line on standard error, no traceback, an exit code."""
    done = subprocess.run(
        command,
        env=environment(folder, **more),
        cwd=testing.ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr.strip()


def test_one_command_starts_everything_and_ctrl_c_ends_everything(start, folder):
    runner = start()
    runner.wait_until_it_says(f"HMS runs at http://127.0.0.1:{runner.port}\n")
    assert runner.ask("/readyz") == 200
    runner.wait_until_it_says(" ready.")
    runner.wait_until_it_says("beat: Starting")
    started = descendants(runner.process.pid)
    assert runner.end(signal.SIGINT) == 0
    assert [pid for pid in started if not is_gone(pid)] == []
    for name in ("broker", "web   ", "worker", "beat  "):
        assert f"\n{name} | " in "\n" + runner.output()
    assert "applying" not in runner.output()
    assert "collecting" not in runner.output()


def test_nothing_stays_behind_when_it_is_killed(start):
    runner = start()
    runner.wait_until_it_says(" ready.")
    started = descendants(runner.process.pid)
    assert len(started) >= 6  # broker, web and its two workers, worker, beat
    runner.process.kill()
    runner.process.wait()
    assert wait_for(lambda: all(is_gone(pid) for pid in started)), started


def test_a_process_that_is_killed_comes_back(start):
    runner = start()
    runner.wait_until_it_says("HMS runs at")
    web = next(pid for pid in children(runner.process.pid) if len(children(pid)) == 2)
    os.kill(web, signal.SIGKILL)
    runner.wait_until_it_says("web    | ended unexpectedly (-9); restarting in 0.5 s")
    assert wait_for(lambda: web not in children(runner.process.pid))

    def answers_again():
        try:
            return runner.ask("/readyz") == 200
        except OSError:
            return False

    assert wait_for(answers_again, 30)


def test_a_second_one_on_the_same_folder_says_so(start, folder):
    runner = start()
    runner.wait_until_it_says("broker | ")
    told = refusal(folder)
    assert told == (
        f"hms: Another HMS (process {runner.process.pid}) already runs on {folder}. "
        "Stop it, or set HMS_DATA_DIR to another folder."
    )


def test_a_command_in_another_terminal_works_on_the_same_installation(start, folder):
    runner = start()
    runner.wait_until_it_says("HMS runs at")
    code = "from django.conf import settings; print(settings.PUBLIC_URL, settings.REDIS_URL.partition('@')[0][:9])"
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", code],
        env=kept | {"HMS_DATA_DIR": str(folder), "HMS_ENV_FILE": os.devnull},
        cwd=testing.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == [f"http://127.0.0.1:{runner.port}", "redis://:"], done.stderr
    for name in ("run.env", "secret_key"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600


def test_a_taken_port_is_one_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        told = refusal(tmp_path, PORT=str(port))
    assert told == f"hms: Port {port} is taken by another program. Try: make run PORT={port + 1}"


def test_a_missing_module_is_one_sentence(tmp_path):
    told = refusal(tmp_path, command=[sys.executable, "-S", "-m", "hms.run"])
    assert told == "hms: The Python module 'environ' is missing. `make run` installs what is needed."


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    told = refusal(tmp_path / "file" / "var")
    assert told == f"hms: The data folder {tmp_path}/file/var cannot be made: Not a directory. Set HMS_DATA_DIR."


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"PORT": "eighty"}, "PORT must be a number from 1 to 65535, not 'eighty'."),
        ({"HOST": "no.such.host.invalid"}, "HOST must be an address of this machine, not 'no.such.host.invalid'."),
        ({"PUBLIC_URL": "http://hospital.example.org"}, "PUBLIC_URL must begin with https:// unless"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY must be random and at least 50 characters long."),
        ({"TIME_ZONE": "Mars/Olympus"}, "TIME_ZONE names no time zone: 'Mars/Olympus'."),
        ({"DATABASE_URL": "mysql://127.0.0.1/hms"}, "DATABASE_URL must begin with sqlite:/// or postgresql://."),
        ({"DATABASE_URL": "postgresql://hms@127.0.0.1:1/hms"}, "The database hms at 127.0.0.1 cannot be used: "),
        ({"DATABASE_URL": "sqlite:////no/such/folder/db"}, "The database /no/such/folder/db cannot be used: "),
    ],
)
def test_a_wrong_value_is_one_sentence(tmp_path, given, sentence):
    assert refusal(tmp_path, **given).startswith("hms: " + sentence)
