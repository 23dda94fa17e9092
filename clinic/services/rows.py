"""What all writes of clinic share: lock, change, delete only what nothing refers to."""

from datetime import timedelta

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import AuditEvent, User
from clinic.services.kept import as_kept
from hms.lib.errors import Refused
from hms.lib.seen import require_unchanged

SAME_PRESS = timedelta(seconds=10)  # a button pressed again this soon was meant once


class ClinicRefused(Refused):
    """An act on the hospital, its departments, doctors or patients that the rules do not allow."""


class ClinicConflict(ClinicRefused):
    """Somebody has done it, or something else, meanwhile: nothing was changed."""


def locked(row):
    """The row as it is now, locked until the transaction ends."""
    return type(row).objects.select_for_update().get(pk=row.pk)


def first_press(found, action, *, by):
    """Which of `found` this person made a moment ago: what the first press of a button made. None for the first.

    Their account stays locked until the transaction ends, so that presses at the same time queue up.
    """
    User.objects.select_for_update().get(pk=by.pk)
    made = AuditEvent.objects.filter(actor_id=by.pk, action=action, at__gt=timezone.now() - SAME_PRESS)
    return found.filter(pk__in=list(made.values_list("target_id", flat=True))).first()


def change(row, fields, *, by, seen="", told=False):
    """Set fields of a locked row and save, with an audit row that names what changed.

    `seen` is what the form had shown: ChangedMeanwhile when it is not so any more. With `told` the audit row also says
    from what to what: for the hospital's settings, never for people. Files that were replaced go after commit.
    """
    require_unchanged(row, seen, fields)
    before = {name: plain(row, name) for name in fields} if told else {}
    changed = [name for name, value in fields.items() if put(row, name, value)]
    if changed:
        row.save()
        detail = {"changed": changed}
        if told:
            detail["values"] = {name: [before[name], plain(row, name)] for name in changed}
        audit.record(by, f"{row._meta.model_name}.changed", row, patient=as_patient(row), detail=detail)
    return changed


def plain(row, name):
    """A value as the history of settings keeps it: related rows by name, of a file only whether there is one."""
    field = row._meta.get_field(name)
    if isinstance(field, models.FileField):
        return bool(getattr(row, name))
    return str(getattr(row, name) or "") if field.is_relation else as_kept(row, name)


def put(row, name, value):
    """Set one field; whether that changed it. An empty value removes a file."""
    before = getattr(row, name)
    if isinstance(row._meta.get_field(name), models.FileField):
        value = value or ""
        if before == value:
            return False
        forget_file(before)
    elif before == value:
        return False
    setattr(row, name, value)
    return True


def as_patient(row):
    """The row itself where it is a patient: audit rows name the patient they concern."""
    return row if row._meta.model_name == "patient" else None


def forget_file(kept):
    """Delete a stored file once the transaction that replaces it has committed."""
    if kept:
        storage, name = kept.storage, kept.name
        transaction.on_commit(lambda: storage.delete(name))


def uses(row):
    """What protects a row against deletion: ["3 visits", ...], one for each table."""
    found = []
    for relation in row._meta.get_fields(include_hidden=True):
        if getattr(relation, "on_delete", None) is not models.PROTECT or not relation.auto_created:
            continue
        table = relation.related_model
        if count := table._base_manager.filter(**{relation.field.name: row}).count():
            kind = table._meta.verbose_name if count == 1 else table._meta.verbose_name_plural
            found.append(f"{count} {kind}")
    return found


def why_kept(row):
    """A sentence on why a department or doctor cannot be deleted; empty when it can."""
    listed = ", ".join(uses(row))
    if not listed:
        return ""
    reason = _(
        "%(name)s cannot be deleted, because something is kept that refers to it: %(list)s. Retiring keeps all of it."
    )
    return reason % {"name": row, "list": listed}


def delete(row, *, by):
    """Delete a department or doctor that nothing refers to; ClinicRefused says what does."""
    row = locked(row)
    if reason := why_kept(row):
        raise ClinicRefused(reason)
    audit.record(by, f"{row._meta.model_name}.deleted", row)
    forget_file(getattr(row, "photo", None))
    row.delete()
