"""Backups that prove themselves: one file holds the database, the uploaded files and what to expect of both.

The archive is a tar.gz with `manifest.json` (engine, migrations, rows per table, checksums), `database` (a SQLite file,
or pg_dump's custom format) and `media/`. A proof restores it beside the living system and counts again.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from contextlib import closing, contextmanager
from datetime import UTC
from pathlib import Path

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.postgresql.client import DatabaseClient
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django.utils.translation import gettext as _

from hms.lib import cached
from hms.lib.errors import Refused

FORMAT = 1


class BackupRefused(Refused):
    """A backup cannot be made, read, restored or trusted."""


def make(target):
    """Write a backup to the path `target` and return its manifest. The file appears whole or not at all."""
    target = Path(target)
    with tempfile.TemporaryDirectory(prefix="hms-backup-") as folder:
        database = Path(folder) / "database"
        rows = _dump_sqlite(database) if connection.vendor == "sqlite" else _dump_postgresql(database)
        manifest = {
            "format": FORMAT,
            "engine": connection.vendor,
            "made_at": timezone.now().astimezone(UTC).isoformat(),
            "migrations": _applied(connection),
            "rows": rows,
            "database_sha256": _checksum(database),
            "media": {name: _checksum(path) for name, path in _media_files(settings.MEDIA_ROOT)},
        }
        (Path(folder) / "manifest.json").write_text(json.dumps(manifest, indent=1))
        _pack(Path(folder), target)
    return manifest


def restore(source):
    """Put a backup into this installation's database, which must be empty, and its media folder."""
    if connection.introspection.table_names():
        raise BackupRefused(_("This database is not empty. Restore into a new one: nothing is ever overwritten."))
    with _unpacked(source) as (folder, manifest):
        if connection.vendor == "sqlite":
            connection.close()
            _load_sqlite(folder / "database", settings.DATABASES[DEFAULT_DB_ALIAS]["NAME"])
        else:
            _load_postgresql(folder / "database", connection.settings_dict)
        _expect(manifest, _count(connection))
        for name in manifest["media"]:
            path = Path(settings.MEDIA_ROOT) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / "media" / name, path)
    cached.changed(cached.EVERYTHING)
    return manifest


def prove(source):
    """Restore a backup into a database of its own, count again, throw it away. Returns the manifest; else raises."""
    with _unpacked(source) as (folder, manifest), _scratch_database(folder) as scratch:
        _expect(manifest, _count(scratch))
        scratch.check_constraints()
        if _applied(scratch) != manifest["migrations"]:
            raise BackupRefused(_("The restored database has other migrations than the manifest says."))
    return manifest


def _count(database):
    """{table: rows} of a connection, its own tables alone."""
    with database.cursor() as cursor:
        counts = {}
        for table in sorted(database.introspection.table_names(cursor)):
            cursor.execute(f"SELECT COUNT(*) FROM {database.ops.quote_name(table)}")  # nosec B608
            counts[table] = cursor.fetchone()[0]
    return counts


def _expect(manifest, counts):
    wrong = sorted(table for table in manifest["rows"] | counts if manifest["rows"].get(table) != counts.get(table))
    if wrong:
        raise BackupRefused(_("Other numbers of rows than the manifest says: %s.") % ", ".join(wrong))


def _applied(database):
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(database).applied_migrations())


def _checksum(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _media_files(root):
    """(name below the root, path) of every uploaded file."""
    root = Path(root)
    return [(str(path.relative_to(root)), path) for path in sorted(root.rglob("*")) if path.is_file()]


def _dump_sqlite(target):
    """An online copy: readers and writers go on meanwhile. Counted in the copy."""
    connection.ensure_connection()
    with closing(sqlite3.connect(target)) as copy:
        connection.connection.backup(copy)
    with _connected(settings.DATABASES[DEFAULT_DB_ALIAS] | {"NAME": str(target)}) as database:
        counts = _count(database)
        with database.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode=DELETE")
    return counts


def _load_sqlite(source, target):
    with closing(sqlite3.connect(source)) as copy, closing(sqlite3.connect(target)) as database:
        copy.backup(database)
        database.execute("PRAGMA journal_mode=WAL")


def _dump_postgresql(target):
    """pg_dump in a snapshot that the counting shares."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            cursor.execute("SELECT pg_export_snapshot()")
            snapshot = cursor.fetchone()[0]
            counts = _count(connection)
            _postgresql_tool(
                connection.settings_dict,
                [
                    "pg_dump",
                    "--format=custom",
                    "--no-owner",
                    "--no-privileges",
                    "--no-comments",
                    f"--snapshot={snapshot}",
                    f"--file={target}",
                ],
            )
        finally:
            cursor.execute("ROLLBACK")
    return counts


def _load_postgresql(source, config):
    connection.close()
    _postgresql_tool(
        config,
        ["pg_restore", "--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"],
        database_flag="--dbname",
        last=[str(source)],
    )


def tls_of(config):
    """What a database's options say about TLS: a backup goes no other way than the site."""
    return {name: told for name, told in config.get("OPTIONS", {}).items() if name.startswith("ssl")}


def _postgresql_tool(config, command, *, database_flag="--dbname", last=()):
    """Run one of PostgreSQL's client tools against a configured database; its last line is the reason of a failure."""
    connect, environment = DatabaseClient.settings_to_cmd_args_env({**config, "OPTIONS": tls_of(config)}, [])
    _psql, *where, database = connect
    try:
        done = subprocess.run(
            [*command, *where, f"{database_flag}={database}", *last],
            env={**os.environ, **(environment or {})},
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise BackupRefused(_("%s is not on this machine: install PostgreSQL's client tools.") % command[0]) from None
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["?"])[-1]
        raise BackupRefused(_("%(tool)s failed: %(reason)s") % {"tool": command[0], "reason": reason})


@contextmanager
def _connected(config):
    """A connection beside the default one, closed afterwards."""
    database = connections.create_connection(DEFAULT_DB_ALIAS)
    database.settings_dict = {**connection.settings_dict, **config}
    try:
        yield database
    finally:
        database.close()


@contextmanager
def _scratch_database(folder):
    """The unpacked backup, restored into a database that nobody else uses."""
    if connection.vendor == "sqlite":
        scratch = folder / "scratch.sqlite3"
        _load_sqlite(folder / "database", scratch)
        with _connected({"NAME": str(scratch)}) as database:
            yield database
        return
    name = f"hms_proof_{os.getpid()}"
    quoted = connection.ops.quote_name(name)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {quoted}")
    try:
        _load_postgresql(folder / "database", {**connection.settings_dict, "NAME": name})
        with _connected({"NAME": name}) as database:
            yield database
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {quoted}")


def _pack(folder, target):
    partial = target.with_name(f"{target.name}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        with tarfile.open(fileobj=file, mode="w:gz") as archive:
            archive.add(folder / "manifest.json", "manifest.json")
            archive.add(folder / "database", "database")
            for name, path in _media_files(settings.MEDIA_ROOT):
                archive.add(path, f"media/{name}")
        file.flush()
        os.fsync(file.fileno())
    partial.replace(target)


@contextmanager
def _unpacked(source):
    """(folder, manifest) of a backup whose parts have the checksums that its manifest says."""
    with tempfile.TemporaryDirectory(prefix="hms-restore-") as name:
        folder = Path(name)
        try:
            with tarfile.open(source, "r:gz") as archive:
                archive.extractall(folder, filter="data")
            manifest = json.loads((folder / "manifest.json").read_text())
        except (OSError, tarfile.TarError, EOFError, ValueError) as error:
            raise BackupRefused(_("This is no whole backup: %s.") % error) from error
        if manifest.get("format") != FORMAT or manifest.get("engine") != connection.vendor:
            raise BackupRefused(_("This backup is of another kind of database, or of another version of HMS."))
        parts = {"database": manifest["database_sha256"]}
        parts |= {f"media/{file}": checksum for file, checksum in manifest["media"].items()}
        for part, checksum in parts.items():
            if not (folder / part).is_file() or _checksum(folder / part) != checksum:
                raise BackupRefused(_("%s is damaged in this backup.") % part)
        yield folder, manifest
