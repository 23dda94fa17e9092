"""Doctors: create and invite, change, retire, delete."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts import services as accounts
from accounts.models import Role
from clinic.models import Department, Doctor
from clinic.services import departments, rows
from clinic.services.rows import ClinicRefused
from hms.lib.many import each

# Functions of many doctors, added by upper apps in AppConfig.ready(): {id: a sentence that stands against retiring}.
before_retire = []


def require_open(department):
    """Nobody comes to work in a retired department; locked, so that it is not retired meanwhile."""
    if Department.objects.select_for_update().get(pk=department.pk).retired_at is not None:
        raise ClinicRefused(_("This department is retired. Restore it first."))


@transaction.atomic
def create_doctor(*, department, name, by, email="", user=None, once=False, **fields):
    """Take a doctor in. An e-mail address invites the doctor: the account is linked at once.

    AccountRefused when the address is taken, ClinicRefused when the department is retired. With `once`, the same
    doctor taken in twice in one breath is the one who is there already: a double click.
    """
    require_open(department)
    if once:
        who = {"user__email": accounts.normalised(email)} if email else {"user": None}
        same = Doctor.objects.filter(department=department, name=name, **who)
        if (doctor := rows.first_press(same, "doctor.created", by=by)) is not None:
            return doctor
    if email:
        user = accounts.invite(email=email, name=name, role=Role.DOCTOR, by=by)
    doctor = Doctor.objects.create(department=department, name=name, user=user, **fields)
    audit.record(by, "doctor.created", doctor)
    return doctor


@transaction.atomic
def invite_doctor(doctor, *, email, by):
    """Give a doctor who has no account one, by invitation. AccountRefused when the address is taken."""
    doctor = rows.locked(doctor)
    if doctor.user_id:
        raise ClinicRefused(_("This doctor has an account already."))
    doctor.user = accounts.invite(email=email, name=doctor.name, role=Role.DOCTOR, by=by)
    doctor.save(update_fields=["user"])
    audit.record(by, "doctor.invited", doctor)
    return doctor


@transaction.atomic
def update_doctor(doctor, *, by, seen="", **fields):
    """Change a doctor's data; the account keeps the same name.

    ClinicRefused on a move to a retired department, ChangedMeanwhile when the profile does not say any more what the
    form had shown (`seen`).
    """
    doctor = rows.locked(doctor)
    if fields.get("department") and fields["department"] != doctor.department:
        require_open(fields["department"])
    changed = rows.change(doctor, fields, by=by, seen=seen)
    if "department" in changed:
        departments.lose_head(doctor, by=by)
    if "name" in changed and doctor.user_id:
        accounts.rename(doctor.user, name=doctor.name, by=by)
    return doctor


def why_not_retire(doctor):
    """A sentence on what stands against retiring a doctor (visits still planned); empty when nothing does."""
    return why_not_retire_those([doctor])[doctor.pk]


def why_not_retire_those(doctors):
    """{id: the same} for many doctors, in as many queries as for one."""
    found = [check(doctors) for check in before_retire]
    return {
        doctor.pk: " ".join(str(sentences[doctor.pk]) for sentences in found if sentences.get(doctor.pk))
        for doctor in doctors
    }


@transaction.atomic
def retire_doctor(doctor, *, by, reason=""):
    """A doctor sees no patients here any more; the history stays. ClinicRefused while visits are planned."""
    doctor = rows.locked(doctor)
    if objection := why_not_retire(doctor):
        raise ClinicRefused(objection)
    if doctor.retired_at is None:
        doctor.retired_at, doctor.retired_reason = timezone.now(), reason
        doctor.save(update_fields=["retired_at", "retired_reason"])
        audit.record(by, "doctor.retired", doctor, detail={"reason": reason} if reason else None)
        departments.lose_head(doctor, by=by)
    return doctor


def retire_doctors(doctors, *, by, reason=""):
    """Retire several doctors, each in a transaction of its own. An Outcome for each; who is retired already is done."""
    return each(doctors, lambda doctor: retire_doctor(doctor, by=by, reason=reason))


@transaction.atomic
def restore_doctor(doctor, *, by):
    """A retired doctor is back. ClinicRefused while the department is retired."""
    doctor = rows.locked(doctor)
    require_open(doctor.department)
    if doctor.retired_at is not None:
        doctor.retired_at, doctor.retired_reason = None, ""
        doctor.save(update_fields=["retired_at", "retired_reason"])
        audit.record(by, "doctor.restored", doctor)
    return doctor


@transaction.atomic
def delete_doctor(doctor, *, by):
    """Delete a doctor who never had a patient. ClinicRefused says what refers to the doctor."""
    rows.delete(doctor, by=by)
