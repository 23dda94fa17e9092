"""Undoing an import: who came by it goes again, unless something is kept that refers to them. Nothing is cascaded."""

from collections import Counter, defaultdict

from django.db import models, transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import AuditEvent, Consent
from clinic.models import Department, Doctor, DuplicatePair, Import, ImportedRow, Patient
from clinic.services import importfiles
from clinic.services.departments import delete_department
from clinic.services.rows import ClinicRefused, forget_file
from hms.lib import leases

BATCH = 250
MODELS = {Import.Kind.PATIENTS: Patient, Import.Kind.DOCTORS: Doctor}
# Pairs that were only asked about, or told apart, say nothing once one of the two is gone.
OF_NO_WEIGHT = (DuplicatePair.State.OPEN, DuplicatePair.State.DISMISSED)


def undo_step(imported):
    """Remove whom the import made, a batch at a time. Returns {state of a row: how many}."""
    rows = ImportedRow.objects.filter(of=imported, state=ImportedRow.State.MADE)
    leases.move(imported, total=imported.rows.count())
    while True:
        with transaction.atomic():
            done = imported.rows.exclude(state=ImportedRow.State.MADE).count()
            leases.move(imported, done=done, claimed_at=timezone.now())
            batch = list(rows.order_by("number")[:BATCH])
            if not batch:
                break
            _undo(imported, batch)
    _remove_departments(imported)
    return dict(imported.rows.order_by().values_list("state").annotate(Count("pk")))


def _undo(imported, batch):
    model = MODELS[imported.kind]
    rows = model.objects.select_for_update().filter(pk__in=[row.target_id for row in batch]).order_by("pk")
    people = {person.pk: person for person in rows}
    why = reasons_to_keep(model, people)
    going = [person for pk, person in people.items() if pk not in why]
    kept = [row for row in batch if row.target_id in why]
    for row in kept:
        row.state, row.reason = ImportedRow.State.KEPT, why[row.target_id][:300]
    ImportedRow.objects.bulk_update(kept, ["state", "reason"])
    gone = [row.pk for row in batch if row.target_id not in why]
    ImportedRow.objects.filter(pk__in=gone).update(state=ImportedRow.State.REMOVED)
    remove(model, going, imported)


def remove(model, going, imported):
    """Delete people nothing refers to, each with an audit row. What still does is the database's to refuse."""
    ids = [person.pk for person in going]
    if model is Patient:
        DuplicatePair.objects.filter(Q(first__in=ids) | Q(second__in=ids), state__in=OF_NO_WEIGHT).delete()
    details = {person.pk: {"import": imported.pk} | _number_of(person) for person in going}
    action = "patient.removed" if model is Patient else "doctor.deleted"
    audit.record_many(imported.asked_by, action, going, of_patients=model is Patient, details=details)
    for person in going:
        forget_file(getattr(person, "photo", None))
    model.objects.filter(pk__in=ids).delete()


def _number_of(person):
    return {"number": person.number} if isinstance(person, Patient) else {}


def reasons_to_keep(model, people):
    """{id: why} of those who stay: a sentence that names what refers to them, or what somebody has done since."""
    why = {pk: _("Kept: %(list)s.") % {"list": ", ".join(said)} for pk, said in _referring(model, people).items()}
    for pk, person in people.items():
        if person.user_id:
            why.setdefault(pk, _("Kept: there is an account."))
        if getattr(person, "merged_into_id", None):
            why.setdefault(pk, _("Kept: the record was merged with another one."))
    since = AuditEvent.objects.filter(
        target_type=model._meta.label_lower, target_id__in=people, action=f"{model._meta.model_name}.changed"
    )
    for pk in since.values_list("target_id", flat=True):
        why.setdefault(pk, _("Kept: somebody has changed the data since."))
    if model is Patient:
        for pk in Consent.objects.filter(patient_id__in=people).values_list("patient_id", flat=True):
            why.setdefault(pk, _("Kept: there are consents."))
    return why


def _referring(model, people):
    """{id: ["2 visits", …]} of rows in any table, also those of apps above, that point to these people."""
    found = defaultdict(list)
    for relation in model._meta.get_fields(include_hidden=True):
        if not (relation.auto_created and not relation.concrete and relation.is_relation):
            continue
        table = relation.related_model
        rows = table._base_manager.filter(**{f"{relation.field.name}__in": people}).order_by()
        if table is DuplicatePair:
            rows = rows.exclude(state__in=OF_NO_WEIGHT)
        for pk, count in Counter(rows.values_list(relation.field.attname, flat=True)).items():
            words = table._meta.verbose_name if count == 1 else table._meta.verbose_name_plural
            found[pk].append(f"{count} {words}")
    return found


def _remove_departments(imported):
    """Departments that the import made go too, unless somebody works there meanwhile."""
    for department in Department.objects.filter(pk__in=imported.departments_made):
        try:
            delete_department(department, by=imported.asked_by)
        except (ClinicRefused, models.ProtectedError):
            continue
    leases.move(imported, departments_made=[])


def forget_undone(imported):
    """An undone import keeps no file and no names."""
    importfiles.forget(imported.stored, imported.left_behind)
    return {"stored": "", "left_behind": "", "problems": [], "expires_at": None}
