"""Before sign-in: who we are and how to become a patient here."""

from accounts import beginning
from clinic import directory

SHOWN = 8


def page(request, now):
    """The landing page: the departments with most doctors. Of a new installation: how it is set up."""
    found = sorted(directory.open_departments(), key=lambda department: -department.doctor_count)  # then by name
    if not found and beginning.is_open():
        return "hms/setup/new.html", {}
    return "hms/landing.html", {"departments": found[:SHOWN], "has_more": len(found) > SHOWN}
