"""Departments: open, change, retire, delete."""

from contextlib import contextmanager

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import audit
from clinic.models import Department
from clinic.services import rows
from clinic.services.rows import ClinicRefused
from hms.lib.many import each


@contextmanager
def name_once():
    """A savepoint in which the database's refusal of a second department of one name becomes a sentence."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise ClinicRefused(_("There is a department of this name already.")) from error


@transaction.atomic
def create_department(*, name, description="", by):
    """Open a department. ClinicRefused when the name is taken."""
    with name_once():
        department = Department.objects.create(name=name, description=description)
    audit.record(by, "department.created", department)
    return department


@transaction.atomic
def update_department(department, *, by, **fields):
    """Change name or description. ClinicRefused when the name is taken."""
    department = rows.locked(department)
    with name_once():
        rows.change(department, fields, by=by)
    return department


def why_not_retire_department(doctors):
    """A sentence on what stands against retiring a department with so many doctors; empty when nothing does."""
    if not doctors:
        return ""
    reason = ngettext(
        "%(count)d doctor works in this department. Move or retire the doctor first.",
        "%(count)d doctors work in this department. Move or retire them first.",
        doctors,
    )
    return reason % {"count": doctors}


@transaction.atomic
def retire_department(department, *, by):
    """Close a department for good. ClinicRefused while doctors work in it: their visits would lose their place."""
    department = rows.locked(department)
    if objection := why_not_retire_department(department.doctors.filter(retired_at=None).count()):
        raise ClinicRefused(objection)
    if department.retired_at is None:
        department.retired_at = timezone.now()
        department.save(update_fields=["retired_at"])
        audit.record(by, "department.retired", department)
    return department


def retire_departments(departments, *, by):
    """Retire several departments, each in a transaction of its own. An Outcome for each."""
    return each(departments, lambda department: retire_department(department, by=by))


@transaction.atomic
def restore_department(department, *, by):
    """Open a retired department again."""
    department = rows.locked(department)
    if department.retired_at is not None:
        department.retired_at = None
        department.save(update_fields=["retired_at"])
        audit.record(by, "department.restored", department)
    return department


@transaction.atomic
def delete_department(department, *, by):
    """Delete a department that never had doctors or visits. ClinicRefused says what refers to it."""
    rows.delete(department, by=by)
