"""Sign-ins and working hours for imported people, so that one can walk through HMS as one of them."""

from datetime import time

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Role, User
from accounts.services import create_user
from clinic.models import Doctor, Patient
from hms.lib import sign_ins
from records.synthea import rows
from scheduling.models import Weekday
from scheduling.services.hours import add_hours_on

FILE = "imported-sign-ins.txt"
DOMAIN = "example.org"


@transaction.atomic
def give_sign_ins(*, say=print):
    """Give every imported doctor and every living imported patient a sign-in, and doctors hours; says where they stand.

    What they have already stays. They share a password: hashing one for each of a large export would take hours.
    """
    doctors = Doctor.objects.filter(import_ref__startswith=rows.SOURCE)
    patients = Patient.objects.standing().filter(import_ref__startswith=rows.SOURCE, died_on=None)
    for doctor in doctors.filter(working_hours=None):
        open_weekdays(doctor)
    path = settings.DATA_DIR / FILE
    kept = sign_ins.kept(path)
    password = kept[0][2] if kept else sign_ins.new_password()
    made = [*accounts_for(doctors, Role.DOCTOR), *accounts_for(patients, Role.PATIENT)]
    if made:
        User.objects.filter(pk__in=[user.pk for user in made]).update(password=make_password(password))
        sign_ins.keep(path, kept + [(str(user.role), user.email, password) for user in made])
    say(_("%(count)d new sign-ins; all of them stand in %(path)s.") % {"count": len(made), "path": path})


def open_weekdays(doctor):
    """Monday to Friday, nine to five, in the hospital's usual slots."""
    add_hours_on(range(Weekday.MONDAY, Weekday.SATURDAY), doctor=doctor, starts=time(9), ends=time(17), by=None)


def accounts_for(people, role):
    """Make accounts for those who have none; yields the users, still without a password."""
    taken = set(User.objects.values_list("email", flat=True))
    for person in people.filter(user=None):
        email = address(person, taken)
        taken.add(email)
        person.user = create_user(email=email, name=person.name, role=role, verified=True)
        person.save(update_fields=["user"])
        yield person.user


def address(person, taken):
    """first.last@example.org, with a number when somebody has that already."""
    local = rows.mailbox(person.name) or f"person{person.pk}"
    number, email = 1, f"{local}@{DOMAIN}"
    while email in taken:
        number += 1
        email = f"{local}{number}@{DOMAIN}"
    return email
