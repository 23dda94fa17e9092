"""What the audit trail's proof needs outside the database: the key, and the newest seal of each chain."""

import fcntl
import json
import os
import secrets
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings


def key():
    """The key of the seals, as bytes: AUDIT_KEY, else a file that only we can read, made on first use."""
    if settings.AUDIT_KEY:
        return settings.AUDIT_KEY.encode()
    path = Path(settings.AUDIT_KEY_FILE)
    with suppress(FileExistsError):
        _write(path, secrets.token_hex(32), replace=False)
    return path.read_text().strip().encode()


def newest(identity):
    """(number, seal) of the newest seal known outside the database for a chain; None when none is."""
    known = _read().get(identity)
    return (known["number"], known["seal"]) if known else None


def remember(identity, number, seal):
    """Keep the newest seal; an older one never replaces it."""
    path = Path(settings.AUDIT_SEAL_FILE)
    with _one_at_a_time(path):
        known = _read()
        if known.get(identity, {"number": -1})["number"] < number:
            _write(path, json.dumps(known | {identity: {"number": number, "seal": seal}}))


@contextmanager
def _one_at_a_time(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path.with_name(f".{path.name}.lock"), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _read():
    try:
        return json.loads(Path(settings.AUDIT_SEAL_FILE).read_text())
    except FileNotFoundError:
        return {}


def _write(path, text, *, replace=True):
    """Write a private file whole or not at all, also when the power goes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        if replace:
            os.replace(draft, path)
        else:
            os.link(draft, path)
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()
