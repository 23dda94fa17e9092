"""Writing the file of an export: under a name nobody asks for until it is whole, and never more of it in memory than
a batch."""

import errno
import os
from datetime import timedelta
from io import TextIOWrapper
from itertools import count
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from hms.lib.sheets import BOM, Sheet
from records import exportfile, historypaper
from records.errors import RecordRefused
from records.lists.lines import List
from records.models import LISTS, ClinicalGrant, Export, charts_exported_by, charts_of
from records.mydata import archive

STEP = 25  # rows of a history or a copy between two signs of life
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
HALF = ".part"


class NoRoom(RecordRefused):
    """The disk is full: trying again at once would not help."""


def folder():
    """Where finished and half files are; nobody but the maker reads there."""
    place = Path(settings.EXPORT_ROOT)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def write(export, told):
    """Make the whole file, then give it its name. Returns (path, ids of patients whose charts a list holds).

    `told(rows_done=…, rows_total=…)` keeps the lease and may raise: then nothing is left. Raises RecordRefused when
    the owner may not have it (any more), and NoRoom.
    """
    require_may(export)
    ending, fill = {
        Export.Kind.HISTORY: (".pdf", _history_paper) if export.format == Export.Format.PDF else (".csv", _history),
        Export.Kind.EVERYTHING: (".zip", _everything),
    }.get(export.kind, (".csv", _list))
    forget_halves(export)
    draft = folder() / f"{export.pk}-{export.claim}{HALF}"
    try:
        handle = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        with open(handle, "w+b") as file:
            opened = fill(export, file, told)
            file.flush()
            os.fsync(file.fileno())
        return draft.rename(draft.with_suffix(ending)), opened or set()
    except OSError as error:
        if error.errno in FULL:
            raise NoRoom(
                _("There was no room left on the server for this file. Please tell an administrator.")
            ) from error
        raise
    finally:
        draft.unlink(missing_ok=True)


def require_may(export):
    """Asked when a file is asked for, made and fetched. RecordRefused when its owner may not have it (any more)."""
    owner = export.owner
    if export.is_list:
        allowed = owner.has_perm(LISTS[export.kind]) and (not export.clinical or grants_of(owner))
    elif export.kind == Export.Kind.EVERYTHING:
        own = charts_of(owner).filter(pk=export.patient_id, user=owner)
        allowed = owner.has_perm("records.copy_own_data") and own.exists()
    else:
        charts = charts_exported_by(owner).filter(pk=export.patient_id)
        allowed = (owner.has_perm("records.export_history") or grants_of(owner)) and charts.exists()
    if not (owner.is_active and allowed):
        raise RecordRefused(_("You may not take this along any more."))


def may_fetch(export):
    """Whether the owner may have it at this moment: also a list only while all that opened its columns still does."""
    try:
        require_may(export)
    except RecordRefused:
        return False
    return set(export.grants) <= set(grants_of(export.owner)) if export.grants else True


def grants_of(owner):
    """The numbers of the grants by which somebody takes clinical columns along now."""
    held = ClinicalGrant.objects.held_by(owner).filter(may_export=True)
    return sorted(held.order_by().values_list("pk", flat=True))


def forget_halves(export):
    """What a worker that died left of it."""
    for half in folder().glob(f"{export.pk}-*{HALF}"):
        half.unlink(missing_ok=True)


def file_of(export):
    """The path of a finished file that can still be fetched; None when there is none any more."""
    path = Path(settings.EXPORT_ROOT) / export.file_name
    fresh = export.state == Export.State.READY and export.expires_at > timezone.now()
    return path if fresh and path.is_file() else None


def purge_exports():
    """Remove files that have expired, and files no row knows of. Returns how many files went.

    With its file goes what somebody looked for: the filters of a list can name people.
    """
    now = timezone.now()
    expired = Export.objects.filter(state=Export.State.READY, expires_at__lte=now)
    expired.update(state=Export.State.EXPIRED)
    Export.objects.filter(state=Export.State.EXPIRED).exclude(query="").update(query="")
    kept = set(Export.objects.filter(state=Export.State.READY).values_list("file_name", flat=True))
    removed = 0
    for path in folder().iterdir():
        stale = path.stat().st_mtime < (now - timedelta(hours=1)).timestamp()
        known = Export.objects.filter(file_name=path.name).exists()
        if path.name not in kept and (known or stale):
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _history(export, file, told):
    history = exportfile.PatientHistory(export.owner, export.patient)
    told(rows_total=len(history))
    text = TextIOWrapper(file, encoding="utf-8", newline="")
    sheet = Sheet(text, bom=export.format == Export.Format.CSV)
    sheet.write(exportfile.heading())
    for number, row in enumerate(history.rows(), start=1):
        sheet.write(row)
        if number % STEP == 0:
            told(rows_done=number)
    text.detach()  # which writes what is left


def _history_paper(export, file, told):
    history = exportfile.PatientHistory(export.owner, export.patient)
    told(rows_total=len(history))
    paper = historypaper.Paper(history, export.patient)
    for number, row in enumerate(history.items(), start=1):
        paper.add(row)
        if number % STEP == 0:
            told(rows_done=number)
    file.write(paper.as_pdf())


def _everything(export, file, told):
    copy = archive.Copy(export.owner, export.patient)
    total, done = len(copy), count(1)
    told(rows_total=total)

    def step():
        if (number := next(done)) % STEP == 0 or number > total:
            told(rows_done=min(number, total))

    copy.write(file, told=step)


def _list(export, file, told):
    export.grants = grants_of(export.owner) if export.clinical else []
    asked = {"now": export.requested_at, "clinical": export.clinical}
    rows, done = List(export.owner, export.kind, export.query, **asked), 0
    told(rows_total=len(rows), grants=export.grants)
    file.write(((BOM if export.format == Export.Format.CSV else "") + rows.heading()).encode())
    for number, lines in rows.batches():
        file.write(lines.encode("utf-8", "replace"))
        done += number
        told(rows_done=done)
    told(rows_total=done)
    return rows.opened
