"""Merging the records of one person who was registered twice, and undoing it. (docs/decisions/0013)

Nothing is deleted and nothing is copied: rows are pointed to the patient who stays, and a PatientMerge remembers each
of them. The other patient's row stays, points to the one who stands for it, and is nobody's to see.
"""

from django.db import IntegrityError, transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from clinic import merging, notices
from clinic.models import DuplicatePair, Patient, PatientMerge
from clinic.services import duplicates, signins
from clinic.services.duplicates import DuplicateConflict
from clinic.services.kept import as_kept, as_was, kept_row
from clinic.services.rows import ClinicRefused

CHUNK = 500  # ids in one statement
# What a person may choose from either of the two.
CHOICES = (
    "name",
    "birth_date",
    "gender",
    "phone",
    "email",
    "address",
    "blood_group",
    "emergency_name",
    "emergency_phone",
    "died_on",
)
State = DuplicatePair.State


class MergeObjection(DuplicateConflict):
    """Something has to be dealt with first: `objections` say what, and where."""

    def __init__(self, objections):
        super().__init__(objections[0].sentence)
        self.objections = objections


def merge(pair, *, keep, by, reason, taken=(), account=None):
    """Merge the two patients of a pair: `keep` stays, under its number, with all that belongs to either.

    `taken` names the CHOICES whose value is the other one's; `account` is the User who signs in from now on where both
    have one. Raises MergeObjection (visits that overlap, …), DuplicateConflict when somebody was faster, ClinicRefused
    for a missing reason. Returns the PatientMerge.
    """
    reason = required(reason)
    try:
        with transaction.atomic():
            return _merge(pair, keep=keep, by=by, reason=reason, taken=taken, account=account)
    except IntegrityError as error:  # the database has the last word on visits that overlap
        if objections := standing_objections(*_in_order(pair, keep)):
            raise MergeObjection(objections) from error
        raise


def required(reason):
    """A reason on one line; ClinicRefused when there is none, or when it is too long to keep."""
    reason = " ".join(str(reason).split())
    if not reason:
        raise ClinicRefused(_("Say why: the reason is kept with the merge."))
    if len(reason) > PatientMerge._meta.get_field("reason").max_length:
        raise ClinicRefused(_("The reason is too long."))
    return reason


def _in_order(pair, keep):
    """(survivor, absorbed) of a pair."""
    return (pair.first, pair.second) if keep.pk == pair.first_id else (pair.second, pair.first)


def locked(*patients):
    """The rows of patients as they are now, locked with those merged into them, always in the same order.

    Locked even against who is about to add a row that points to them: what came before is moved, what comes after sees
    what happened. DuplicateConflict when another one was merged into one of them while this waited.
    """
    ids = [patient.pk for patient in patients]
    theirs = Patient.objects.filter(merged_into__in=ids).values_list("pk", flat=True)
    wanted = {*ids, *theirs}
    all_rows = Patient.objects.select_for_update(of=("self",)).filter(pk__in=wanted).order_by("pk")
    rows = {row.pk: row for row in all_rows}
    if not set(theirs.all()) <= wanted:
        raise DuplicateConflict(_("One of the two has been merged meanwhile. Look at how it stands now."))
    return [rows[pk] for pk in ids]


def standing_objections(survivor, absorbed):
    """All that the apps have to say against a merge."""
    return [objection for ask in merging.objections for objection in ask(survivor, absorbed)]


def _merge(pair, *, keep, by, reason, taken, account):
    survivor, absorbed = locked(*_in_order(pair, keep))
    if survivor.merged_into_id or absorbed.merged_into_id:
        raise DuplicateConflict(_("One of the two has been merged meanwhile. Look at how it stands now."))
    if objections := standing_objections(survivor, absorbed):
        raise MergeObjection(objections)
    duplicates.decide(pair, State.MERGED, by=by, reason=reason, possible={State.OPEN, State.DISMISSED, State.UNDONE})
    made = PatientMerge(pair=pair, survivor=survivor, absorbed=absorbed, reason=reason, merged_by=by)
    made.merged_by_name = by.name[:200]
    before = shared_rows(survivor, absorbed)
    move_rows(made)
    made.account, users = signins.join(survivor, absorbed, keep=account, by=by)
    made.values = {"survivor": take_values(survivor, absorbed, taken), **users}
    signins.name_as(survivor, made.account, by=by)
    Patient.objects.filter(pk=absorbed.pk).update(merged_into=survivor)
    for make_true in merging.after_merge:
        make_true(survivor, absorbed)
    made.changed = changes(before)
    made.save()
    detail = {"into": survivor.number, "rows": sum(map(len, made.rows.values())), "reason": reason}
    audit.record(by, "patient.merged", absorbed, patient=survivor, detail=detail)
    notices.merging.merged(made)
    return made


def move_rows(made):
    """Point the other one's rows to the survivor, and remember which ones."""
    for entry in merging.moving():
        rows = entry.of(made.absorbed)
        if entry.per:
            same = {name: OuterRef(name) for name in entry.per}
            rows = rows.filter(~Exists(entry.of(made.survivor).filter(**same)))
        ids = list(rows.order_by("pk").values_list("pk", flat=True))
        point(entry, ids, made.survivor)
        made.rows[entry.path] = ids
        made.newest[entry.path] = entry.rows().aggregate(newest=Max("pk"))["newest"] or 0


def point(entry, ids, patient):
    """Let rows point to a patient."""
    for start in range(0, len(ids), CHUNK):
        entry.rows(pk__in=ids[start : start + CHUNK]).update(**{entry.name: patient})


def shared_rows(*patients):
    """{path: {id: what it says}} of the rows of which each patient has one per doctor, …: a merge may change them."""
    entries = [entry for entry in merging.moving() if entry.per]
    return {
        entry.path: {
            str(row.pk): kept_row(row, but=entry.name) for row in entry.rows(**{f"{entry.name}__in": patients})
        }
        for entry in entries
    }


def changes(before):
    """Of what `shared_rows` gave before, what reads otherwise now: {path: {id: {column: value before}}}."""
    changed = {}
    for entry in [entry for entry in merging.moving() if entry.per]:
        for row in entry.rows(pk__in=list(before[entry.path])):
            was, now = before[entry.path][str(row.pk)], kept_row(row, but=entry.name)
            if differing := {name: value for name, value in was.items() if now[name] != value}:
                changed.setdefault(entry.path, {})[str(row.pk)] = differing
    return changed


def take_values(survivor, absorbed, taken):
    """Give the survivor the chosen values of the other one: {field: [before, after]} of what changed."""
    changed = {}
    for name in CHOICES:
        if name in taken:
            before, after = as_kept(survivor, name), as_kept(absorbed, name)
            if before != after:
                setattr(survivor, name, getattr(absorbed, name))
                changed[name] = [before, after]
    survivor.save()
    return changed


def why_not_undo(made):
    """A sentence on why a merge cannot be undone now; empty when it can. The latest is undone first."""
    later = (
        PatientMerge.objects.standing()
        .filter(pk__gt=made.pk)
        .filter(Q(survivor=made.survivor_id) | Q(absorbed=made.survivor_id))
    )
    if newest := later.select_related("survivor", "absorbed").order_by("-pk").first():
        words = {"number": newest.absorbed.number, "survivor": newest.survivor.number}
        return _("%(number)s was merged into %(survivor)s after this. Undo that merge first.") % words
    return ""


@transaction.atomic
def undo_merge(made, *, by, reason):
    """Separate again what a merge put together: exactly the rows that it moved, and what came to these since.

    What else came since stays with the patient who was kept. Raises DuplicateConflict when it was undone already, or a
    later merge has to be undone first.
    """
    reason = required(reason)
    survivor, absorbed = locked(made.survivor, made.absorbed)
    undone = {"undone_at": timezone.now(), "undone_by": by, "undone_by_name": by.name[:200], "undone_reason": reason}
    if not PatientMerge.objects.standing().filter(pk=made.pk).update(**undone):
        raise DuplicateConflict(_("This merge has been undone already."))
    if objection := why_not_undo(made):
        raise DuplicateConflict(objection)
    made.refresh_from_db()
    duplicates.decide(made.pair, State.UNDONE, by=by, reason=reason, possible={State.MERGED})
    for entry, ids in going_back(made):
        point(entry, ids, absorbed)
    put_changes_back(made)
    put_values_back(made, survivor, absorbed)
    Patient.objects.filter(pk=absorbed.pk).update(merged_into=None)
    signins.part(made, by=by)
    made.survivor, made.absorbed = Patient.objects.get(pk=survivor.pk), Patient.objects.get(pk=absorbed.pk)
    for make_true in merging.after_undo:
        make_true(made)
    detail = {"from": survivor.number, "reason": reason}
    audit.record(by, "patient.unmerged", made.absorbed, patient=made.survivor, detail=detail)
    notices.merging.unmerged(made)
    return made


def going_back(made):
    """[(entry, ids)]: the rows that a merge moved, if they are still where it put them, and what hangs on them now."""
    back = {entry.path: still_there(entry, made) for entry in merging.moving()}
    grown = True
    while grown:
        grown = False
        for entry in merging.moving():
            if fresh := followers(entry, made, back) - back[entry.path]:
                back[entry.path] |= fresh
                grown = True
    return [(entry, sorted(back[entry.path])) for entry in merging.moving() if back[entry.path]]


def still_there(entry, made):
    found = set()
    ids = made.rows.get(entry.path, [])
    for start in range(0, len(ids), CHUNK):
        rows = entry.of(made.survivor).filter(pk__in=ids[start : start + CHUNK])
        found.update(rows.values_list("pk", flat=True))
    return found


def followers(entry, made, back):
    """Ids of the survivor's rows that hang on rows that go back."""
    found = set()
    for relation in entry.follows:
        parents = sorted(back[entry.path_of(relation)])
        for start in range(0, len(parents), CHUNK):
            rows = entry.of(made.survivor).filter(**{f"{relation}__in": parents[start : start + CHUNK]})
            found.update(rows.values_list("pk", flat=True))
    return found


def staying(made):
    """[(entry, ids)]: what came to the survivor after the merge, and stays there when it is undone."""
    back = {entry.path: set(ids) for entry, ids in going_back(made)}
    found = []
    for entry in merging.moving():
        since = entry.of(made.survivor).filter(pk__gt=made.newest.get(entry.path, 0))
        if ids := sorted(set(since.values_list("pk", flat=True)) - back.get(entry.path, set())):
            found.append((entry, ids))
    return found


def put_changes_back(made):
    for entry in merging.moving():
        for pk, columns in made.changed.get(entry.path, {}).items():
            values = {name: as_was(entry.model, name, value) for name, value in columns.items()}
            entry.rows(pk=pk).update(**values)


def put_values_back(made, survivor, absorbed):
    """What the survivor took from the other one, unless somebody has changed it since."""
    for name in restored(made, survivor):
        setattr(survivor, name, as_was(Patient, name, made.values["survivor"][name][0]))
    signins.put_back(made, survivor, absorbed)
    survivor.save()


def restored(made, survivor):
    """The names of CHOICES that go back to what they were before the merge."""
    taken = made.values.get("survivor", {})
    return [name for name, (_before, after) in taken.items() if name in CHOICES and as_kept(survivor, name) == after]


def kept_since(made, survivor):
    """The names of CHOICES that somebody has changed since the merge: they stay."""
    taken = made.values.get("survivor", {})
    return [name for name in taken if name in CHOICES and name not in restored(made, survivor)]
