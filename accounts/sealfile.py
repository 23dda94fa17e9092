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


def gaps(identity):
    """Numbers of seals that are rightly missing, as (first, last) pairs: what a restored backup did not have."""
    return {tuple(gap) for gap in _read().get(identity, {}).get("gaps", [])}


def remember(identity, number, seal):
    """Keep the newest seal; an older one never replaces it."""
    with _changing() as known:
        chain = known.setdefault(identity, {"number": -1})
        if chain["number"] < number:
            chain |= {"number": number, "seal": seal}


def accept_gap(identity, first, last):
    """Write down, outside the database, that these seals went with what a backup did not have."""
    with _changing() as known:
        known[identity].setdefault("gaps", []).append([first, last])


@contextmanager
def _changing():
    """What the file holds, to be changed in place; written when it did change."""
    path = Path(settings.AUDIT_SEAL_FILE)
    with _one_at_a_time(path):
        known = _read()
        before = json.dumps(known)
        yield known
        if (after := json.dumps(known)) != before:
            _write(path, after)


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
