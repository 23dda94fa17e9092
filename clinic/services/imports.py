"""Taking over lists of doctors and patients: bring a file, match its columns, have it checked, run, undo.

The rows of Import are the queue; what takes long is done by a worker, which can die at any point.
"""

import copy
import hashlib
import logging
from datetime import date
from itertools import islice

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts import audit, wake
from clinic.importing import targets
from clinic.models import Hospital, Import, ImportedRow
from clinic.services import importfiles
from clinic.services.importing import Pass, reading_of
from clinic.services.rows import ClinicConflict, ClinicRefused
from clinic.services.unimporting import forget_undone, undo_step
from hms.lib import leases
from hms.lib.csvfile import Unreadable
from hms.lib.errors import Refused
from hms.lib.leases import PATIENCE, Lost
from hms.lib.seen import LENGTH, ChangedMeanwhile

log = logging.getLogger(__name__)

PERMISSION = "clinic.import_people"
TASK = "clinic.tasks.work_import"
FIRST = 5  # rows that are shown while the columns are matched
LOOKED_AT = 200  # rows by which columns and dates are guessed
State, Step = Import.State, Import.Step
MATCHED = ("encoding", "delimiter", "has_heading", "dates", "source", "alike", "unknown_departments", "department_id")
UNFINISHED = {State.WAITING, State.RUNNING}


def bring_import(kind, chunks, *, name, by):
    """Keep a file that somebody brings, and guess how it is to be read. ClinicRefused when it is no table of text."""
    path, form = importfiles.keep(chunks)
    try:
        with transaction.atomic():
            imported = Import(kind=kind, owner=by, asked_by=by, file_name=clean_name(name), stored=path.name)
            imported.encoding, imported.delimiter = form.encoding, form.delimiter
            imported.expires_at = timezone.now() + importfiles.KEPT
            _guess(imported, has_heading=None)
            imported.save()
            audit.record(by, "import.uploaded", imported, detail={"kind": str(kind), "bytes": path.stat().st_size})
    except BaseException:
        importfiles.forget(path.name)
        raise
    return imported


def clean_name(name):
    """The file's name as its owner calls it, without what no name needs."""
    plain = "".join(letter if letter.isprintable() else "_" for letter in str(name))
    return plain.replace("\\", "/").rpartition("/")[2][-120:] or "table.csv"


@transaction.atomic
def reread_import(imported, *, encoding, delimiter, has_heading, by):
    """Read the file another way: the columns are guessed anew."""
    imported = _locked(imported, {State.DRAFT, State.CHECKED})
    imported.encoding, imported.delimiter = encoding, delimiter
    _guess(imported, has_heading=has_heading)
    _forget_check(imported)
    imported.save()
    audit.record(by, "import.matched", imported)
    return imported


def edition_of(imported):
    """How a file is read and matched, in a few letters: tells whether that is still as a form had shown it."""
    said = [getattr(imported, name) for name in MATCHED]
    return hashlib.sha256(repr([sorted(imported.mapping.items()), *map(str, said)]).encode()).hexdigest()[:LENGTH]


@transaction.atomic
def match_import(imported, *, mapping, by, quiet=False, seen="", **options):
    """Say which column is what, and have the file checked: nothing is taken over yet. `quiet` wakes no worker.

    `seen` is the edition that the form had shown: ChangedMeanwhile when somebody else has matched it differently since.
    """
    imported = _locked(imported, {State.DRAFT, State.CHECKED, State.FAILED, *(UNFINISHED if seen else ())})
    if imported.step != Step.CHECK:
        raise ClinicConflict(_("This import has been run already."))
    now, before = edition_of(imported), copy.copy(imported)
    imported.mapping = mapping
    for name, value in options.items():
        setattr(imported, name, value)
    if seen not in {"", now} and edition_of(imported) != now:
        raise ChangedMeanwhile(before, [])
    if imported.state in UNFINISHED:
        if edition_of(imported) == now:  # the button was pressed twice
            return imported
        raise ClinicConflict(_("This file is being checked at this moment. Wait until that is done."))
    _forget_check(imported)
    _await(imported, Step.CHECK, by=by)
    imported.save()
    audit.record(by, "import.matched", imported, detail={"fields": sorted(mapping)})
    if not quiet:
        wake.after_commit(TASK, imported.pk)
    return imported


def run_import(imported, *, by, quiet=False):
    """Have what is right taken over. Pressing twice is pressing once. ClinicConflict when it is not the moment."""
    try:
        with transaction.atomic():
            fresh = Import.objects.select_for_update().get(pk=imported.pk)
            if fresh.step == Step.RUN and fresh.asked_by == by and fresh.state in {*UNFINISHED, State.DONE}:
                return fresh
            again = fresh.step == Step.RUN and fresh.state in {State.FAILED, State.CANCELLED}
            if fresh.state != State.CHECKED and not again:
                raise ClinicConflict(_("This file cannot be imported now. Look at how it stands."))
            importfiles.path_of(fresh)
            _await(fresh, Step.RUN, by=by)
            fresh.save()
            audit.record(by, "import.started", fresh, detail={"kind": str(fresh.kind)})
            if not quiet:
                wake.after_commit(TASK, fresh.pk)
            return fresh
    except IntegrityError as error:
        raise ClinicConflict(_("Another import is being written at this moment. Try again when it is done.")) from error


def undo_import(imported, *, by, quiet=False):
    """Have everybody removed who came by this import, as long as nothing is kept that refers to them."""
    try:
        with transaction.atomic():
            fresh = Import.objects.select_for_update().get(pk=imported.pk)
            if not can_undo(fresh):
                raise ClinicConflict(_("There is nothing to undo, or it is being undone already."))
            fresh.rows.filter(state=ImportedRow.State.KEPT).update(state=ImportedRow.State.MADE, reason="")
            _await(fresh, Step.UNDO, by=by)
            fresh.save()
            audit.record(by, "import.undo_asked", fresh, detail={"kind": str(fresh.kind)})
            if not quiet:
                wake.after_commit(TASK, fresh.pk)
            return fresh
    except IntegrityError as error:
        raise ClinicConflict(_("Another import is being written at this moment. Try again when it is done.")) from error


def can_undo(imported):
    """Whether an import has made anybody who may still be there."""
    over = {State.DONE, State.CANCELLED, State.FAILED, State.UNDONE}
    return imported.state in over and imported.rows.exclude(state=ImportedRow.State.REMOVED).exists()


@transaction.atomic
def cancel_import(imported, *, by):
    """Stop a check or a run with its next batch. What a run has made stays, and can be undone."""
    fresh = _locked(imported, UNFINISHED)
    if fresh.step == Step.UNDO:
        raise ClinicConflict(_("Undoing cannot be stopped in the middle."))
    fresh.state = State.DRAFT if fresh.step == Step.CHECK else State.CANCELLED
    fresh.claim, fresh.finished_at = "", timezone.now()
    fresh.save()
    audit.record(by, "import.cancelled", fresh)
    return fresh


@transaction.atomic
def discard_import(imported, *, by):
    """Throw a file away that was not imported."""
    fresh = _locked(imported, {State.DRAFT, State.CHECKED, State.FAILED})
    if fresh.step != Step.CHECK:
        raise ClinicConflict(_("This import has been run already."))
    stored = fresh.stored
    _forget_check(fresh)
    fresh.state, fresh.stored, fresh.expires_at, fresh.finished_at = State.CANCELLED, "", None, timezone.now()
    fresh.save()
    audit.record(by, "import.discarded", fresh)
    transaction.on_commit(lambda: importfiles.forget(stored))


def first_rows(imported, most=FIRST):
    """The first rows below the heading, as lists of cells. ClinicRefused once the file is gone."""
    rows = (record.cells for record in importfiles.table_of(imported))
    return list(islice(rows, int(imported.has_heading), most + imported.has_heading))


def understood(imported, most=3):
    """The first rows as they would be taken over: [(row, [(label, value)], problems)]. Empty once the file is gone."""
    reading, found = reading_of(imported), []
    try:
        records = islice(importfiles.table_of(imported), int(imported.has_heading), most + imported.has_heading)
        with timezone.override(Hospital.current().zone):
            for item in map(reading.item, records):
                values = ((target.label, item.fields.get(target.name)) for target in targets.OF[imported.kind])
                said = [(label, in_words(value)) for label, value in values if value not in {None, ""}]
                found.append((item.number, said, item.problems))
    except ClinicRefused:
        return []
    return found


def in_words(value):
    """A value as people read it, so that a day cannot be taken for another one."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return date_format(value, "j F Y") if isinstance(value, date) else getattr(value, "label", value)


@transaction.atomic
def note_left_out(imported, *, by):
    """Write down that somebody takes the rows along that were left out."""
    audit.record(by, "import.downloaded", imported)


def sweep(patience=PATIENCE):
    """What beat does each minute: work on what waits, remove what has had its time. {word: how many}."""
    return {"worked on": run_due_imports(patience), "removed": importfiles.purge_imports()}


def waiting():
    """What a sweep would take up now: {word: how many}."""
    return {"to work on": _due(PATIENCE).count(), "to remove": importfiles.old().count()}


def run_due_imports(patience=PATIENCE):
    """Work on what waits longer than `patience` or was left behind by a dead worker. Returns how many were finished."""
    return sum(work_import(pk) for pk in list(_due(patience).values_list("pk", flat=True)))


def work_import(import_id):
    """Do the next step of one import, unless another worker has it. True when it was done here."""
    if not leases.take(Import.objects, import_id, gave_up=_gave_up(), done=0):
        return False
    imported = Import.objects.select_related("asked_by", "department").get(pk=import_id)
    try:
        require_may(imported)
        STEPS[imported.step](imported)
    except Lost:
        return False
    except (Refused, Unreadable) as error:
        leases.fail(imported, str(error))
        return False
    except Exception as error:
        log.error("Import %s: %s failed.", imported.pk, imported.step, exc_info=error)
        leases.give_back(imported, gave_up=_gave_up())
        return False
    return True


def require_may(imported):
    """Asked again when a worker begins: who lost the permission meanwhile imports nothing."""
    by = imported.asked_by
    if by is not None and not (by.is_active and by.has_perm(PERMISSION)):
        raise ClinicRefused(_("Who asked for this may not import any more."))


def _check(imported):
    counts, problems, left_behind = Pass(imported, writes=False).run()
    _settle(imported, State.CHECKED, counts=counts, problems=problems, left_behind=left_behind)


def _run(imported):
    counts, problems, left_behind = Pass(imported, writes=True).run()
    made = imported.rows.count()
    before, stored = imported.left_behind, imported.stored
    with transaction.atomic():
        _settle(imported, State.DONE, counts=counts | {"made": made}, problems=problems, left_behind=left_behind,
                stored="")  # fmt: skip
        audit.record(imported.asked_by, "import.done", imported, detail={"made": made, "left_out": counts["error"]})
        if made and imported.kind == Import.Kind.PATIENTS:
            wake.after_commit("clinic.tasks.find_duplicates")
    importfiles.forget(before, stored)


def _undo(imported):
    told = undo_step(imported)
    with transaction.atomic():
        counts = imported.counts | {str(state): number for state, number in told.items()}
        gone = forget_undone(imported)
        _settle(imported, State.UNDONE, counts=counts, **gone)
        audit.record(imported.asked_by, "import.undone", imported, detail=dict(told))


STEPS = {Step.CHECK: _check, Step.RUN: _run, Step.UNDO: _undo}


def _settle(imported, state, **changes):
    now = timezone.now()
    changes = {"expires_at": now + importfiles.KEPT, "finished_at": now, "claim": ""} | changes
    leases.move(imported, state=state, **changes)


def _await(imported, step, *, by):
    """The next step waits for a worker."""
    imported.step, imported.state, imported.asked_by = step, State.WAITING, by
    imported.requested_at, imported.finished_at = timezone.now(), None
    imported.claim, imported.attempts, imported.error, imported.done = "", 0, "", 0


def _forget_check(imported):
    before = imported.left_behind
    transaction.on_commit(lambda: importfiles.forget(before))
    imported.counts, imported.problems, imported.left_behind = {}, [], ""
    imported.state, imported.error = State.DRAFT, ""


def _locked(imported, states):
    fresh = Import.objects.select_for_update().get(pk=imported.pk)
    if fresh.state not in states:
        raise ClinicConflict(_("This import has changed meanwhile. Look at how it stands."))
    return fresh


def _due(patience):
    return leases.due(Import.objects.all(), patience)


def _gave_up():
    return _("This did not work. Please try again later, or tell who looks after the server.")


def _guess(imported, *, has_heading):
    """Columns, mapping and the order of dates from the first rows; whether there is a heading too, when nobody says."""
    records = importfiles.table_of(imported)
    rows = [record.cells for record in islice(records, LOOKED_AT)]
    if not rows:
        raise ClinicRefused(_("There are no rows in this file."))
    imported.has_heading = targets.is_heading(rows[0]) if has_heading is None else has_heading
    body = rows[1:] if imported.has_heading else rows
    width = len(rows[0])
    names = [cell.strip()[:60] for cell in rows[0]] if imported.has_heading else [""] * width
    imported.columns = [name or _("Column %(number)d") % {"number": index} for index, name in enumerate(names, start=1)]
    imported.mapping = targets.guess(imported.kind, imported.columns, body)
    days = [imported.mapping[name] for name in ("birth_date", "died_on") if name in imported.mapping]
    imported.dates = targets.guess_dates(days, body)
