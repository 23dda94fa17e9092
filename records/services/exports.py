"""Files that people ask for and workers make. The rows are the queue; Celery only wakes a worker sooner."""

import logging
import os
import secrets
from datetime import timedelta
from io import TextIOWrapper
from itertools import count
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit, wake
from hms.lib.sheets import Sheet
from records import exportfile
from records.errors import RecordConflict, RecordRefused
from records.models import Export, charts_exported_by, charts_of
from records.models.reading import ground_of
from records.mydata import archive
from records.services.chart import lock_patient

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)  # a running export nobody has moved for so long has lost its worker
PATIENCE = timedelta(seconds=20)  # how long a waiting one is left to the worker that was woken for it
KEPT = timedelta(hours=24)  # how long a file can be fetched
ATTEMPTS = 3
STEP = 25  # rows between two signs of life
WORD = {Export.Kind.HISTORY: "export", Export.Kind.EVERYTHING: "copy"}  # how the audit trail calls it


class Lost(Exception):
    """Another worker has taken this export over."""


def request_export(patient, *, by, kind=Export.Kind.HISTORY):
    """Ask for a file about a patient. Asking while it is being made gives the same one back.

    Raises RecordRefused while a file about another patient is being made for this person, and when somebody asks for
    a copy of everything that is held about somebody else.
    """
    if kind == Export.Kind.EVERYTHING and (patient.user_id is None or patient.user_id != by.pk):
        raise RecordRefused(_("A copy of everything is for the person it is about."))
    try:
        with transaction.atomic():
            lock_patient(patient)
            export = Export.objects.create(owner=by, patient=patient, kind=kind)
            ground = ground_of(by, patient).as_detail()
            audit.record(by, f"{WORD[kind]}.requested", export, patient=patient, detail=ground)
            wake.after_commit("records.tasks.build_export", export.pk)
            return export
    except IntegrityError:
        running = Export.objects.filter(owner=by, kind=kind).unfinished().first()
    if running is None or running.patient_id != patient.pk:
        raise RecordRefused(_("Another file is still being made for you. Please wait until it is ready."))
    return running


def sweep():
    """What beat does each minute: make what waits, remove what has expired. {word: how many}."""
    return {"made": run_due_exports(), "removed": purge_exports()}


def waiting():
    """What a sweep would take up now: {word: how many}."""
    return {"to make": due_exports(), "to remove": expired_exports()}


def due_exports(patience=PATIENCE):
    """How many files wait for a worker longer than `patience`, or have lost theirs."""
    return _due(patience).count()


def expired_exports():
    """How many files have had their time."""
    return Export.objects.filter(state=Export.State.READY, expires_at__lte=timezone.now()).count()


@transaction.atomic
def retry_export(export, *, by):
    """Let a worker try once more what was given up. Raises RecordConflict when it is not given up (any more)."""
    failed = Export.objects.filter(pk=export.pk, state=Export.State.FAILED)
    try:
        with transaction.atomic():
            again = failed.update(state=Export.State.WAITING, attempts=0, error="", finished_at=None, claim="")
    except IntegrityError:
        again = 0  # its owner has asked for another one meanwhile
    if not again:
        raise RecordConflict(_("This file is not waiting for another try any more."))
    audit.record(by, "export.retried", export)
    wake.after_commit("records.tasks.build_export", export.pk)


def run_due_exports(patience=PATIENCE):
    """Make what waits longer than `patience` and what a dead worker left behind. Returns how many were made."""
    return sum(run_export(pk) for pk in list(_due(patience).values_list("pk", flat=True)))


def run_export(export_id):
    """Make one file, unless another worker has it. True when it was made here."""
    export = _claim(export_id)
    if export is None:
        return False
    try:
        path = _write(export)
        _move(export, state=Export.State.READY, file_name=path.name, finished_at=timezone.now(), claim="",
              expires_at=timezone.now() + KEPT, rows_done=export.rows_total)  # fmt: skip
    except Lost:
        return False
    except Exception:
        log.exception("Export %s could not be made.", export.pk)
        _give_back(export)
        return False
    audit.record(None, f"{WORD[export.kind]}.made", export, patient=export.patient)
    return True


def file_of(export):
    """The path of a finished file that can still be fetched; None when there is none any more."""
    path = Path(settings.EXPORT_ROOT) / export.file_name
    fresh = export.state == Export.State.READY and export.expires_at > timezone.now()
    return path if fresh and path.is_file() else None


def forget_exports(user):
    """Nobody fetches the files of somebody who leaves: the next purge removes them; what is being made is dropped."""
    Export.objects.filter(owner=user).exclude(state=Export.State.FAILED).update(state=Export.State.EXPIRED)


def purge_exports():
    """Remove files that have expired, and files no row knows of. Returns how many files went."""
    now = timezone.now()
    expired = Export.objects.filter(state=Export.State.READY, expires_at__lte=now)
    expired.update(state=Export.State.EXPIRED)
    kept = set(Export.objects.filter(state=Export.State.READY).values_list("file_name", flat=True))
    removed = 0
    for path in _folder().iterdir():
        stale = path.stat().st_mtime < (now - timedelta(hours=1)).timestamp()
        known = Export.objects.filter(file_name=path.name).exists()
        if path.name not in kept and (known or stale):
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def withdraw(made):
    """After a merge of two patients was undone: files made in between may hold both charts, so nobody fetches them.

    What is being made begins anew. `made` is the clinic.PatientMerge.
    """
    theirs = Export.objects.filter(patient__in=[made.survivor, made.absorbed])
    theirs.filter(state=Export.State.READY, finished_at__gte=made.merged_at).update(expires_at=timezone.now())
    theirs.filter(state=Export.State.RUNNING).update(state=Export.State.WAITING, claim="")


def _due(patience):
    now = timezone.now()
    waiting = Q(state=Export.State.WAITING, requested_at__lte=now - patience)
    return Export.objects.filter(waiting | _left_behind(now)).order_by("requested_at")


def _left_behind(now):
    return Q(state=Export.State.RUNNING, claimed_at__lt=now - LEASE)


def _claim(export_id):
    """Take an export for this worker; None when it is made, or another one works on it."""
    now, claim = timezone.now(), secrets.token_hex(16)
    free = Export.objects.filter(Q(state=Export.State.WAITING) | _left_behind(now), pk=export_id)
    if free.filter(attempts__gte=ATTEMPTS).update(state=Export.State.FAILED, finished_at=now, error=_gave_up()):
        return None
    taken = free.update(
        state=Export.State.RUNNING, claim=claim, claimed_at=now, rows_done=0, attempts=F("attempts") + 1
    )
    return Export.objects.select_related("owner", "patient").get(pk=export_id) if taken else None


def _gave_up():
    return _("The file could not be made. Please ask for it again later, or call us.")


def _move(export, **changes):
    """Change the row as long as it is still this worker's."""
    if not Export.objects.filter(pk=export.pk, claim=export.claim, state=Export.State.RUNNING).update(**changes):
        raise Lost


def _give_back(export):
    """After a failure: wait for the next try, or stop trying."""
    last = export.attempts >= ATTEMPTS
    changes = {"state": Export.State.FAILED, "finished_at": timezone.now(), "error": _gave_up()} if last else {}
    mine = Export.objects.filter(pk=export.pk, claim=export.claim, state=Export.State.RUNNING)
    mine.update(**{"state": Export.State.WAITING, "claim": ""} | changes)


def _folder():
    folder = Path(settings.EXPORT_ROOT)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _write(export):
    """Write the file under a name nobody asks for, then rename it: no half file is ever offered. Returns its path."""
    ending, write = {
        Export.Kind.HISTORY: (".csv", _write_history),
        Export.Kind.EVERYTHING: (".zip", _write_everything),
    }[export.kind]
    draft = _folder() / f"{export.pk}-{export.claim}.part"
    try:
        handle = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        with open(handle, "w+b") as file:
            write(export, file)
            file.flush()
            os.fsync(file.fileno())
        return draft.rename(draft.with_suffix(ending))
    finally:
        draft.unlink(missing_ok=True)


def _write_history(export, file):
    """Who has lost the right to the chart since asking gets no file."""
    patient = charts_exported_by(export.owner).filter(pk=export.patient_id).get()
    history = exportfile.PatientHistory(export.owner, patient)
    export.rows_total = len(history)
    _move(export, rows_total=export.rows_total)
    text = TextIOWrapper(file, encoding="utf-8", newline="")
    sheet = Sheet(text)
    sheet.write(exportfile.heading())
    for number, row in enumerate(history.rows(), start=1):
        sheet.write(row)
        if number % STEP == 0:
            _move(export, rows_done=number, claimed_at=timezone.now())
    text.detach()  # which writes what is left


def _write_everything(export, file):
    """A copy is its owner's alone: whose account is not the patient's any more gets no file."""
    patient = charts_of(export.owner).filter(pk=export.patient_id, user=export.owner).get()
    copy = archive.Copy(export.owner, patient)
    export.rows_total = len(copy)
    _move(export, rows_total=export.rows_total)
    done = count(1)

    def told():
        if (number := next(done)) % STEP == 0 or number > export.rows_total:
            rows_done = min(number, export.rows_total)
            _move(export, rows_done=rows_done, claimed_at=timezone.now())

    copy.write(file, told=told)
