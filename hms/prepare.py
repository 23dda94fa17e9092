"""What must be true before web, worker and beat start: settings, database, tables, static files, demo data.

`python -m hms.prepare` is the first step of `make run`. When all is in place it changes nothing and takes a second.
What people can put right is one sentence on standard error and exit code 1; anything else is a bug and a traceback.
"""

import hashlib
import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path

OWN = {"hms", "accounts", "clinic", "scheduling", "records"}
SET_UP_LINK = "set-up-link.txt"
NEEDED = ("django", "gunicorn", "celery", "django_celery_beat", "whitenoise")


class NotReady(Exception):
    """Something people can put right. The message is a sentence."""


def missing(module):
    return NotReady(
        f"The Python module {module!r} is missing. `make run` installs all of them; "
        "by hand: pip install --require-hashes --no-deps -r requirements.lock."
    )


def load():
    """Load Django, the settings and the apps."""
    for module in NEEDED:
        if find_spec(module) is None:
            raise missing(module)
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
    except ImproperlyConfigured as error:
        raise NotReady(str(error)) from error
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in OWN:
            raise
        raise missing(error.name) from error


def reach_database():
    """Connect, and see that what we write can be written."""
    from django.conf import settings
    from django.db import DatabaseError, connection

    where = settings.DATABASES["default"]
    place = where["NAME"] if settings.VENDOR == "sqlite3" else f"{where['NAME']} at {where['HOST'] or 'its socket'}"
    if settings.VENDOR == "sqlite3" and Path(place).exists() and not os.access(place, os.W_OK):
        raise NotReady(f"The database {place} cannot be written.")
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        raise NotReady(f"The database {place} cannot be used: {str(error).strip().splitlines()[0]}") from error


def create_tables():
    """Apply the migrations that are missing."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        print(f"applying {len(plan)} migrations", flush=True)
        call_command("migrate", interactive=False, verbosity=0)


def static_digest():
    """A fingerprint of every static file as it stands: names, sizes, times."""
    from django.contrib.staticfiles.finders import get_finders

    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            stat = os.stat(storage.path(path))
            digest.update(json.dumps([path, stat.st_size, stat.st_mtime_ns]).encode())
    return digest.hexdigest()


def collect_static():
    """Hash and compress the static files when one of them changed."""
    from django.conf import settings
    from django.core.management import call_command

    stamp = settings.DATA_DIR / "static.sha256"
    digest = static_digest()
    manifest = settings.STATIC_ROOT / "staticfiles.json"
    if manifest.exists() and stamp.exists() and stamp.read_text() == digest:
        return
    print("collecting static files", flush=True)
    call_command("collectstatic", interactive=False, verbosity=0, clear=settings.STATIC_ROOT.exists())
    stamp.write_text(digest)


def fill_with_demo():
    """Demo data, on an installation that only this machine can reach. The command changes nothing the second time."""
    from django.conf import settings
    from django.core.management import call_command

    if settings.DEMO:
        call_command("demo")


def keep_set_up_link():
    """Where nobody administers this installation yet, the link to its set-up pages; the runner shows it."""
    from django.conf import settings

    from accounts import beginning

    file = settings.DATA_DIR / SET_UP_LINK
    file.unlink(missing_ok=True)
    if beginning.is_open():
        with open(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as opened:
            opened.write(beginning.link() + "\n")


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hms.settings")
    try:
        load()
        reach_database()
        create_tables()
        collect_static()
        fill_with_demo()
        keep_set_up_link()
    except NotReady as reason:
        return f"hms: {reason}"
    except OSError as error:
        if error.filename is None:
            raise
        return f"hms: {error.filename} cannot be used: {error.strerror}."
    return 0


if __name__ == "__main__":
    sys.exit(main())
