"""Files that people ask for and workers make. The rows are the queue; Celery only wakes a worker sooner."""

import logging
from datetime import timedelta
from functools import partial

from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit, wake
from clinic.models import Patient
from hms.lib import leases
from hms.lib.leases import PATIENCE, Lost
from records import notices
from records.errors import NotOnRecord, RecordConflict, RecordRefused
from records.models import LISTS, Export
from records.models.reading import Because, Ground, grant_over, ground_of
from records.services.chart import lock_patient, open_chart
from records.services.making import purge_exports, require_may, write

log = logging.getLogger(__name__)

KEPT = timedelta(hours=24)  # how long a file can be fetched
TABLE = (Export.Format.CSV, Export.Format.PLAIN)
FORMATS = dict.fromkeys(LISTS, TABLE) | {
    Export.Kind.HISTORY: (*TABLE, Export.Format.PDF),
    Export.Kind.EVERYTHING: (Export.Format.ZIP,),
}
LISTED = "export.listed"  # in the audit trail of each patient whose chart a list holds something of


def word(export):
    """How the audit trail calls it."""
    return "copy" if export.kind == Export.Kind.EVERYTHING else "export"


def request_export(patient, *, by, kind=Export.Kind.HISTORY, format=Export.Format.CSV):
    """Ask for a file about a patient. Asking while it is being made gives the same one back.

    Raises RecordRefused while another such file is being made for this person, and when somebody asks for a copy of
    everything that is held about somebody else.
    """
    if kind == Export.Kind.EVERYTHING and (patient.user_id is None or patient.user_id != by.pk):
        raise RecordRefused(_("A copy of everything is for the person it is about."))
    form = Export.Format.ZIP if kind == Export.Kind.EVERYTHING else format
    if form not in FORMATS[kind]:
        raise RecordRefused(_("There is no such format."))
    ground = ground_of(by, patient).as_detail()
    return _ask(Export(owner=by, patient=patient, kind=kind, format=form), detail=ground)


def request_list(kind, *, by, query="", format=Export.Format.CSV, clinical=False):
    """Ask for a list of what one may see: `query` holds its filters as an address does.

    `clinical` adds columns for those patients whose charts a grant lets one take along. Raises RecordRefused while
    another list of this kind is being made for this person, and when the person may not have it.
    """
    export = Export(owner=by, kind=kind, format=format, query=query, clinical=clinical)
    if format not in FORMATS[kind]:
        raise RecordRefused(_("There is no such format."))
    require_may(export)
    return _ask(export, detail={"kind": str(kind), "clinical": clinical, "filtered": bool(query)})


def _ask(export, *, detail):
    try:
        with transaction.atomic():
            if export.patient:
                lock_patient(export.patient)
            export.save()
            audit.record(export.owner, f"{word(export)}.requested", export, patient=export.patient, detail=detail)
            wake.after_commit("records.tasks.build_export", export.pk)
            return export
    except IntegrityError:
        running = Export.objects.filter(owner=export.owner, kind=export.kind).unfinished().first()
    same = ("patient_id", "format", "query", "clinical")
    if running is None or any(getattr(running, name) != getattr(export, name) for name in same):
        raise RecordRefused(_("Another file is still being made for you. Please wait until it is ready."))
    return running


@transaction.atomic
def cancel_export(export, *, by):
    """Stop it, at once: a worker that is at it finds out with its next step and removes what it has written.

    Raises RecordConflict when it is made, given up or cancelled already.
    """
    mine = Export.objects.filter(pk=export.pk).unfinished()
    if not mine.update(state=Export.State.CANCELLED, claim="", finished_at=timezone.now()):
        raise RecordConflict(_("This file is not being made any more."))
    audit.record(by, f"{word(export)}.cancelled", export, patient=export.patient)


def sweep():
    """What beat does each minute: make what waits, remove what has expired. {word: how many}."""
    return {"made": run_due_exports(), "removed": purge_exports()}


def waiting():
    """What a sweep would take up now: {word: how many}."""
    return {"to make": due_exports(), "to remove": expired_exports()}


def due_exports(patience=PATIENCE):
    """How many files wait for a worker longer than `patience`, or have lost theirs."""
    return leases.due(Export.objects.all(), patience).count()


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
    due = leases.due(Export.objects.all(), patience)
    return sum(run_export(pk) for pk in list(due.values_list("pk", flat=True)))


def run_export(export_id):
    """Make one file, unless another worker has it. True when it was made here."""
    export = _claim(export_id)
    if export is None:
        return False
    path = None
    try:
        path, opened = write(export, partial(_tell, export))
        _finish(export, path, opened)
    except Exception as error:
        if path is not None:
            path.unlink(missing_ok=True)
        _gave_in(export, error)
        return False
    return True


@transaction.atomic
def _finish(export, path, opened):
    """Offer the file, and say so: to the owner, in the audit trail, and to each patient whose chart is in a list."""
    now = timezone.now()
    leases.move(export, state=Export.State.READY, file_name=path.name, finished_at=now, claim="", expires_at=now + KEPT,
          rows_done=export.rows_total)  # fmt: skip
    export.expires_at = now + KEPT
    audit.record(None, f"{word(export)}.made", export, patient=export.patient, detail={"rows": export.rows_total})
    for patient in Patient.objects.filter(pk__in=opened).order_by("pk").iterator():
        ground = Ground(Because.GRANT, grant_over(export.owner, patient)).as_detail()
        audit.record(export.owner, LISTED, export, patient=patient, detail=ground)
    notices.export_ready(export)


def _tell(export, **done):
    """Keep the lease and say how far it is."""
    export.rows_total = done.get("rows_total", export.rows_total)
    leases.move(export, claimed_at=timezone.now(), **done)


def _gave_in(export, error):
    """What is left to do when it could not be made: nothing when another one has it, and no second try in vain."""
    if isinstance(error, Lost):
        return
    if isinstance(error, RecordRefused):
        leases.fail(export, str(error))
        return
    log.error("Export %s could not be made.", export.pk, exc_info=error)
    leases.give_back(export, gave_up=_gave_up())


def note_download(export, *, by):
    """Write down that somebody fetches a file, before they get it. NotOnRecord when that does not work."""
    action = f"{word(export)}.downloaded"
    if export.patient:
        open_chart(export.patient, by=by, action=action, target=export)
        return
    try:
        with transaction.atomic():
            audit.record(by, action, export, detail={"kind": str(export.kind), "rows": export.rows_total})
    except DatabaseError as error:
        raise NotOnRecord from error


def forget_exports(user):
    """Nobody fetches the files of somebody who leaves: the next purge removes them; what is being made is dropped."""
    kept = [Export.State.FAILED, Export.State.CANCELLED]
    Export.objects.filter(owner=user).exclude(state__in=kept).update(state=Export.State.EXPIRED)


def withdraw(made):
    """After a merge of two patients was undone: files made in between may hold both charts, so nobody fetches them.

    What is being made begins anew. `made` is the clinic.PatientMerge.
    """
    theirs = Export.objects.filter(patient__in=[made.survivor, made.absorbed])
    theirs.filter(state=Export.State.READY, finished_at__gte=made.merged_at).update(expires_at=timezone.now())
    theirs.filter(state=Export.State.RUNNING).update(state=Export.State.WAITING, claim="")


def _claim(export_id):
    """Take an export for this worker; None when it is made, or another one works on it."""
    taken = leases.take(Export.objects, export_id, gave_up=_gave_up(), rows_done=0)
    return Export.objects.select_related("owner", "patient").get(pk=export_id) if taken else None


def _gave_up():
    return _("The file could not be made. Please ask for it again later, or call us.")
