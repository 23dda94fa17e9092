"""The files of imports: outside of the web's root, nobody's but ours, and gone after a while."""

import os
import secrets
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Q
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.models import Import
from clinic.services.rows import ClinicRefused
from hms.lib import csvfile

KEPT = timedelta(hours=24)
LARGEST = 30 * 1024 * 1024  # bytes; what a form around it adds fits into MAX_BODY_BYTES_AT
HALF = ".part"
State = Import.State


def folder():
    """Where they are; nobody but us reads there."""
    place = Path(settings.IMPORT_ROOT)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def keep(chunks):
    """Store what somebody brings: (path, how it is written). ClinicRefused for more than LARGEST bytes, or no table."""
    path = folder() / f"{secrets.token_hex(16)}.csv"
    size = 0
    try:
        with create(path) as file:
            for chunk in chunks:
                size += len(chunk)
                if size > LARGEST:
                    largest = filesizeformat(LARGEST)
                    raise ClinicRefused(
                        _("The file is too large. It may have up to %(size)s; split it in two.") % {"size": largest}
                    )
                file.write(chunk)
        return path, csvfile.form_of(path)
    except csvfile.Unreadable as error:
        path.unlink(missing_ok=True)
        raise ClinicRefused(str(error)) from error
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def create(path, mode="w+b", **more):
    """Open a new file that nobody else may read."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    return os.fdopen(handle, mode, **more)


def path_of(imported):
    """The file that was brought. ClinicRefused once it is gone."""
    path = folder() / imported.stored if imported.stored else None
    if path is None or not path.is_file():
        raise ClinicRefused(_("The file is not kept any more. Please begin again with it."))
    return path


def left_behind_of(imported):
    """The file with the rows that were left out; None when there is none (any more)."""
    path = folder() / imported.left_behind if imported.left_behind else None
    return path if path and path.is_file() else None


def table_of(imported):
    return csvfile.Table(path_of(imported), imported.form)


def half_of(imported):
    """Where this worker writes what will be the file of rows left out."""
    return folder() / f"{imported.pk}-{imported.claim}{HALF}"


def forget_halves(imported):
    """What a worker that died left of it."""
    for half in folder().glob(f"{imported.pk}-*{HALF}"):
        half.unlink(missing_ok=True)


def forget(*names):
    """Remove files by name; those that are gone already do no harm."""
    for name in filter(None, names):
        (folder() / name).unlink(missing_ok=True)


def old():
    """Imports whose files have had their time."""
    now = timezone.now()
    return Import.objects.filter(expires_at__lte=now).exclude(state__in=[State.WAITING, State.RUNNING])


def purge_imports():
    """Remove files that have had their time, and files no row knows of. Returns how many files went.

    With its file goes what was told of single rows: it names people.
    """
    removed = 0
    for imported in old():
        waiting = imported.state in {State.DRAFT, State.CHECKED}
        changes = {"stored": "", "left_behind": "", "problems": [], "expires_at": None}
        changes |= {"state": State.EXPIRED} if waiting else {}
        if old().filter(pk=imported.pk, state=imported.state).update(**changes):
            forget(imported.stored, imported.left_behind)
            removed += 1
    stale = (timezone.now() - timedelta(hours=1)).timestamp()
    for path in folder().iterdir():
        known = Import.objects.filter(Q(stored=path.name) | Q(left_behind=path.name)).exists()
        if not known and path.stat().st_mtime < stale:
            path.unlink(missing_ok=True)
            removed += 1
    return removed
