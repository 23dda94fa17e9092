"""Departments: open, change, retire, delete."""

from contextlib import contextmanager

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import audit
from clinic.models import Department, Doctor, Hospital
from clinic.services import rows
from clinic.services.rows import ClinicRefused
from hms.lib.many import each


class HeadRefused(ClinicRefused):
    """Somebody who does not work in a department cannot head it."""


@contextmanager
def name_once():
    """A savepoint in which the database's refusal of a second department of one name becomes a sentence."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise ClinicRefused(_("There is a department of this name already.")) from error


@transaction.atomic
def create_department(*, name, by, **fields):
    """Open a department. ClinicRefused when the name is taken. It has no doctors yet, and so no head."""
    with name_once():
        department = Department.objects.create(name=name, **fields)
    audit.record(by, "department.created", department)
    return department


@transaction.atomic
def open_departments(wanted, *, by):
    """Open several, {name: what it treats}. Names that are taken, also by a retired one, are left alone.

    Returns those that were made.
    """
    Hospital.objects.select_for_update().get()  # the row that two who open departments at once share
    taken = {name.casefold() for name in Department.objects.values_list("name", flat=True)}
    made = []
    for name, description in wanted.items():
        if name.casefold() not in taken:
            taken.add(name.casefold())
            made.append(create_department(name=name, description=description, by=by))
    return made


@transaction.atomic
def update_department(department, *, by, seen="", **fields):
    """Change what stands on a department's page.

    ClinicRefused when the name is taken or the head does not work there, ChangedMeanwhile when it does not say any
    more what the form had shown (`seen`).
    """
    head = fields.get("head")
    head = head and Doctor.objects.select_for_update(of=("self",)).get(pk=head.pk)  # doctors first, as when one moves
    department = rows.locked(department)
    if head and head.pk != department.head_id and (head.department_id != department.pk or head.is_retired):
        raise HeadRefused(_("%(name)s does not work in this department.") % {"name": head})
    with name_once():
        rows.change(department, fields, by=by, seen=seen, told=True)
    return department


def lose_head(doctor, *, by):
    """Who leaves a department heads it no longer. Call it with the doctor locked, in the transaction of the move."""
    for department in Department.objects.select_for_update(of=("self",)).filter(head=doctor).order_by("pk"):
        if department.pk != doctor.department_id or doctor.is_retired:
            rows.change(department, {"head": None}, by=by, told=True)


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
