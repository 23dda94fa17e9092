"""Before sign-in: who we are and how to become a patient here."""

from django.db.models import Count, Q

from accounts import beginning
from clinic.models import Department, Doctor

SHOWN = 8


def page(request, now):
    """The landing page: the departments with most doctors. Of a new installation: how it is set up."""
    at_work = Q(doctors__in=Doctor.objects.listed().values("pk"))
    departments = (
        Department.objects.visible_to(request.user)
        .annotate(doctor_count=Count("doctors", filter=at_work))
        .order_by("-doctor_count", "name")
    )
    found = list(departments[: SHOWN + 1])
    if not found and beginning.is_open():
        return "hms/setup/new.html", {}
    return "hms/landing.html", {"departments": found[:SHOWN], "has_more": len(found) > SHOWN}
