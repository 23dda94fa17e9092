"""What the audit trail's proof needs outside the database: the key, and the newest seal of each chain."""

import json
import os
import secrets
from contextlib import suppress
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
    known = _read()
    if known.get(identity, {"number": 0})["number"] < number:
        _write(Path(settings.AUDIT_SEAL_FILE), json.dumps(known | {identity: {"number": number, "seal": seal}}))


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
