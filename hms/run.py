"""`make run`: everything in one foreground command. Broker, tables, demo data, then web, worker and beat.

Ctrl-C ends all of it, the last started first. When this process is killed, the kernel ends its children.
"""

import errno
import fcntl
import http.client
import os
import secrets
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from hms.lib.procs import Child, ChildFailed, Stopped, Supervisor, die_with_parent
from hms.lib.servers import ServerMissing, broker_answers, broker_binary, broker_config, free_port
from hms.prepare import SET_UP_LINK

ROOT = Path(__file__).resolve().parent.parent
# What a command in another terminal needs to work on this very installation (settings.py reads it).
SHARED = (
    "ALLOWED_HOSTS",
    "AUDIT_KEY",
    "DATABASE_URL",
    "DEFAULT_FROM_EMAIL",
    "EMAIL_URL",
    "HMS_DEMO",
    "PUBLIC_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "TIME_ZONE",
)
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # where one listens, and where that is reached from here


class CannotStart(Exception):
    """Something people can put right. The message is a sentence."""


@dataclass
class Place:
    """Where this installation lives and listens."""

    folder: Path
    host: str
    port: int

    @property
    def reached_at(self):
        return ANYWHERE.get(self.host, self.host)

    @property
    def url(self):
        return f"http://{bracketed(self.reached_at)}:{self.port}"


def bracketed(host):
    return f"[{host}]" if ":" in host else host


def read_env_file():
    """Add what `.env` says to the environment; what is set already stays."""
    try:
        from hms.lib import environment
    except ModuleNotFoundError as error:
        raise CannotStart(
            f"The Python module {error.name!r} is missing. `make run` installs what is needed."
        ) from error
    try:
        environment.read_env_file(ROOT / ".env")
    except environment.ImproperlyConfigured as error:
        raise CannotStart(str(error)) from error


def find_place():
    """HMS_DATA_DIR, HOST and PORT, each checked."""
    told = os.environ.get("PORT") or "8000"
    if not told.isascii() or not told.isdigit() or not 0 < int(told) < 65536:
        raise CannotStart(f"PORT must be a number from 1 to 65535, not {told!r}.")
    folder = Path(os.environ.get("HMS_DATA_DIR") or ROOT / "var").resolve()
    place = Place(folder, (os.environ.get("HOST") or "127.0.0.1").strip("[]"), int(told))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / "static").mkdir(exist_ok=True)
    except OSError as error:
        raise CannotStart(f"The data folder {folder} cannot be made: {error.strerror}. Set HMS_DATA_DIR.") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise CannotStart(f"The data folder {folder} cannot be written. Set HMS_DATA_DIR to one that can.")
    return place


def lock_folder(folder):
    """Only one runner at a time on a data folder. The open file is the lock."""
    try:
        lock = (folder / "lock").open("a+")
    except OSError as error:
        raise CannotStart(f"{folder / 'lock'} cannot be opened: {error.strerror}.") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.seek(0)
        raise CannotStart(
            f"Another HMS (process {lock.read().strip()}) already runs on {folder}. "
            "Stop it, or set HMS_DATA_DIR to another folder."
        ) from error
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def require_free_port(place):
    """See that nobody else listens where we shall."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror as error:
        raise CannotStart(f"HOST must be an address of this machine, not {place.host!r}.") from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            other = place.port + 1
            raise CannotStart(f"Port {place.port} is taken by another program. Try: make run PORT={other}") from error
        raise CannotStart(f"HMS cannot listen on {place.host} port {place.port}: {error.strerror}.") from error


def secret_key(folder):
    """The installation's own key, made at the first start and readable by its owner alone."""
    file = folder / "secret_key"
    if not file.exists():
        with open(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as opened:
            opened.write(secrets.token_urlsafe(64))
    return file.read_text().strip()


def share_environment(folder):
    """Leave the settings for commands in another terminal, readable by the owner alone."""
    lines = [f"{name}='{os.environ[name]}'\n" for name in SHARED if os.environ.get(name)]
    with open(os.open(folder / "run.env", os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w") as file:
        file.writelines(lines)


def broker_child(folder):
    """The embedded broker, on a port that keeps for this run; sets REDIS_URL for the others."""
    port, password = free_port(), secrets.token_urlsafe(24)
    os.environ["REDIS_URL"] = f"redis://:{password}@127.0.0.1:{port}/0"
    return Child(
        "broker",
        [broker_binary(), "-"],
        given=broker_config(port, password, folder),
        ready=lambda: broker_answers(port, password),
        hush="overcommit",  # its advice is for servers that save to disk; this one keeps nothing
        grace=5,
    )


def python_child(name, *arguments, **options):
    return Child(name, [sys.executable, *arguments], cwd=str(ROOT), **options)


def site_answers(place):
    """Whether /readyz says that the site serves."""
    public = urlsplit(os.environ["PUBLIC_URL"])
    link = http.client.HTTPConnection(place.reached_at, place.port, timeout=5)
    try:
        link.request("GET", "/readyz", headers={"Host": public.netloc, "X-Forwarded-Proto": public.scheme})
        return link.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()


def site_children(place):
    """Web, worker and beat."""
    celery = ("-m", "celery", "-A", "hms", "--quiet")
    scheduler = ("--scheduler", "django_celery_beat.schedulers:DatabaseScheduler")
    bind = f"{bracketed(place.host)}:{place.port}"
    web = ("-m", "gunicorn", "-c", "python:hms.gunicorn", "--bind", bind, "hms.wsgi:application")
    # threads: a pool of processes would outlive a worker that is killed
    pool = ("--pool", "threads", "--concurrency", "4", "--without-gossip", "--without-mingle")
    return [
        python_child("web", *web, ready=lambda: site_answers(place), grace=15),
        python_child("worker", *celery, "worker", "--loglevel", "INFO", *pool),
        python_child("beat", *celery, "beat", "--loglevel", "INFO", "--pidfile=", *scheduler),
    ]


def greeting(place):
    """What people read once everything runs."""
    lines = ["", f"HMS runs at {os.environ['PUBLIC_URL']}"]
    sign_ins = place.folder / "demo-sign-ins.txt"
    if sign_ins.exists():
        lines += ["", "Sign in as (role, e-mail, password):", sign_ins.read_text().strip()]
    set_up_link = place.folder / SET_UP_LINK
    if set_up_link.exists():
        lines += ["", "Nobody administers this hospital yet. Set it up here, within a day (keep the link to yourself):"]
        lines += [set_up_link.read_text().strip()]
    if not os.environ.get("EMAIL_URL"):
        lines += ["", f"Mails it sends are files in {place.folder / 'mail'}"]
    if place.host not in {"127.0.0.1", "localhost", "::1"} and place.url == os.environ["PUBLIC_URL"]:
        lines += ["", "It answers this machine alone: set PUBLIC_URL=https://… for visitors from elsewhere."]
    return "\n".join([*lines, "", "Ctrl-C ends it.", ""])


def prepare_environment(place):
    """Give every process the same settings; a setting that was left empty counts as not set."""
    for name in SHARED:
        if os.environ.get(name) == "":
            del os.environ[name]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hms.settings")
    os.environ["HMS_DATA_DIR"] = str(place.folder)
    os.environ["PYTHONUNBUFFERED"] = "1"
    os.environ.setdefault("PUBLIC_URL", place.url)
    if "SECRET_KEY" not in os.environ:
        os.environ["SECRET_KEY"] = secret_key(place.folder)


def run(supervisor):
    """Start everything, then watch over it until an exception says why it ends: Stopped, or the reason."""
    read_env_file()
    place = find_place()
    with lock_folder(place.folder):
        require_free_port(place)
        prepare_environment(place)
        broker = None if "REDIS_URL" in os.environ else supervisor.start(broker_child(place.folder))
        share_environment(place.folder)
        if supervisor.run(python_child("setup", "-m", "hms.prepare", own_errors=True)):
            return 1
        if broker:
            supervisor.wait_ready(broker, 15)
        web, *later = site_children(place)
        supervisor.wait_ready(supervisor.start(web), 60)  # alone, so that the address answers soon
        for child in later:
            supervisor.start(child)
        print(greeting(place), flush=True)
        return supervisor.watch()


def main():
    if os.environ.get("HMS_UNDER_MAKE"):  # make may be killed, too
        die_with_parent(number=signal.SIGTERM)
    os.umask(0o077)  # what people write here is nobody else's to read
    supervisor = Supervisor(sys.stdout)
    supervisor.listen()
    try:
        return run(supervisor)
    except Stopped:
        return 0
    except (CannotStart, ChildFailed, ServerMissing) as reason:
        return f"hms: {reason}"
    finally:
        supervisor.stop()


if __name__ == "__main__":
    sys.exit(main())
