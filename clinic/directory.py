"""The departments as everybody sees them."""

from django.db.models import Count, Q

from clinic import topics
from clinic.models import Department, Doctor
from hms.lib import cached


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
