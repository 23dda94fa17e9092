"""What one box finds for whom: patients, doctors, departments and visits, each within what a person may see."""

from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.models import Role
from clinic.models import Department, Doctor, Patient
from hms.lib.search import words_in
from scheduling.free import is_staff
from scheduling.models import Appointment

SHOWN = 6
UNLISTED = 20  # of what has no list that takes the same words


@dataclass(frozen=True)
class Group:
    """Rows of one kind: how many there are, the first of them, and where all are (`url`, "" where all are here)."""

    kind: str
    title: str
    icon: str
    count: int
    rows: list
    url: str


def find(text, user):
    """The groups in which something is found. A visit that is named by its reference comes first."""
    found = [patients(text, user), doctors(text, user), departments(text, user)]
    called, own = visits(text, user)
    return [group for group in (called, *found, own) if group.count]


def group(kind, title, icon, *, rows, url, shown=SHOWN):
    return Group(kind, title, icon, count := rows.count(), list(rows[:shown]), url if count > shown else "")


def full_list(name, **fields):
    return f"{reverse(name)}?{urlencode(fields)}"


def patients(text, user):
    """For staff the list of patients, for a patient the family."""
    people = Patient.objects.none()
    if user.is_authenticated and (user.role == Role.PATIENT or user.has_perm("clinic.view_patient")):
        people = Patient.objects.visible_to(user).matching(text)
    if user.is_authenticated and user.role == Role.PATIENT:
        return group(
            "family", _("You and your family"), "people-fill", rows=people, url=reverse("clinic:family"), shown=UNLISTED
        )
    return group("patient", _("Patients"), "people", rows=people, url=full_list("clinic:patient-list", q=text))


def doctors(text, user):
    """Those of the directory; for who manages them also those who have left."""
    if user.has_perm("clinic.change_doctor") and getattr(user, "role", None) == Role.ADMIN:
        rows, url = Doctor.objects.visible_to(user), full_list("clinic:doctor-manage", q=text, state="all")
    else:
        rows, url = Doctor.objects.listed(), full_list("scheduling:doctor-list", q=text)
    rows = rows.matching(text).select_related("department")
    return group("doctor", _("Doctors"), "person-badge", rows=rows, url=url)


def departments(text, user):
    rows = Department.objects.visible_to(user).matching(text)
    return group(
        "department", _("Departments"), "grid", rows=rows, url=reverse("clinic:department-list"), shown=UNLISTED
    )


def visits(text, user):
    """(the visit of that reference, a patient's visits to doctors and departments of that name)."""
    mine = own = Appointment.objects.none()
    if user.has_perm("scheduling.view_appointment"):
        mine = Appointment.objects.visible_to(user).with_people().order_by("-starts_at", "-pk")
    if user.is_authenticated and user.role == Role.PATIENT and (words := words_in(text, "doctor__search")):
        own = mine.filter(words | Q(department__name__icontains=text))
    url = full_list("scheduling:appointment-list", when="all")
    called = group("visit", _("Visits"), "calendar-check", rows=mine.referenced(text), url=url)
    return called, group("own-visit", _("Visits"), "calendar-check", rows=own, url=url, shown=UNLISTED)


def elsewhere(text, user):
    """[(words, address)]: lists that take the same words and look into more than this page does."""
    if not (user.is_authenticated and is_staff(user) and user.has_perm("scheduling.view_appointment")):
        return []
    return [(_("Visits of patients like that"), full_list("scheduling:appointment-list", q=text, when="all"))]
