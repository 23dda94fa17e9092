"""The departments as everybody sees them."""

from django.db.models import Count, Q

from clinic import topics
from clinic.models import Department, Doctor
from hms.lib import cached
from hms.lib.search import fold


def with_doctors(departments):
    """Departments with `doctor_count`: how many doctors in the public directory work there."""
    at_work = Q(doctors__in=Doctor.objects.listed().values("pk"))
    return departments.annotate(doctor_count=Count("doctors", filter=at_work))


def open_departments():
    """The open departments by name, with `doctor_count`. Kept some minutes, until a department or doctor changes."""
    return cached.remember(
        "departments",
        topics.DEPARTMENTS_SECONDS,
        lambda: list(with_doctors(Department.objects.open()).order_by("name")),
        scope=cached.EVERYBODY,
        topics=[topics.CLINIC],
    )


def treating(departments, text):
    """Those of some departments whose name, description or location has all words of a text, accents and case aside."""
    words = fold(text).split()
    return [one for one in departments if all(word in fold(told_of(one)) for word in words)]


def told_of(department):
    """What patients read about it."""
    return f"{department.name} {department.description} {department.location}"
