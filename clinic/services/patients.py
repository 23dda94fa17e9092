"""Patients: register and change. People are never deleted."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts import services as accounts
from clinic.models import Patient
from clinic.numbers import new_number
from clinic.services import endings, rows
from clinic.services.duplicates import note_alike
from clinic.services.rows import ClinicRefused

DRAWS = 5  # that two numbers in a row are taken is next to impossible; five are a fault elsewhere


TELLING = {"name", "birth_date", "phone", "email"}  # what duplicates are found by


@transaction.atomic
def register_patient(*, name, birth_date, by, user=None, once=False, different_from=(), **fields):
    """Enter a patient under a number of their own. `by` is None for imports; `user` links an account.

    Whom the patient looks like is noted for administrators, except those in `different_from`: somebody has looked at
    them. With `once`, the same person entered twice in one breath is the one who is there already: a double click.
    """
    if once:
        same = Patient.objects.filter(name=name, birth_date=birth_date)
        if (patient := rows.first_press(same, "patient.registered", by=by)) is not None:
            return patient
    patient = numbered(name=name, birth_date=birth_date, user=user, **fields)
    audit.record(by, "patient.registered", patient, patient=patient)
    note_alike(patient, by=by, different_from=different_from)
    return patient


def numbered(**fields):
    """Create a patient with a number nobody has; when the database says that one is taken, another is drawn."""
    for _attempt in range(DRAWS - 1):
        number = new_number()
        try:
            with transaction.atomic():
                return Patient.objects.create(number=number, **fields)
        except IntegrityError:
            if not Patient.objects.filter(number=number).exists():
                raise
    return Patient.objects.create(number=new_number(), **fields)


@transaction.atomic
def update_patient(patient, *, by, seen="", **fields):
    """Change personal and contact data; the account keeps the same name. ClinicRefused when it was merged away.

    `seen` is what the form had shown: ChangedMeanwhile when somebody else has changed it since.
    """
    patient = rows.locked(patient)
    if patient.merged_into_id:
        raise ClinicRefused(_("This record has been merged with another one. Please change that one."))
    changed = rows.change(patient, fields, by=by, seen=seen)
    if "name" in changed and patient.user_id:
        accounts.rename(patient.user, name=patient.name, by=by)
    if TELLING & set(changed):
        note_alike(patient, by=by)
    if "birth_date" in changed:
        endings.follow_birth_date(patient, by=by)
    return patient
