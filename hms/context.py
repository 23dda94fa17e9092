"""What every page shows around its content: the hospital, and the places a person may go to."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Role

OWN_PATIENT, OWN_DOCTOR = "own patient", "own doctor"


@dataclass(frozen=True)
class Place:
    """One entry of the navigation. `own` names whose id the address needs: one's own patient or doctor row."""

    label: str
    name: str
    icon: str
    own: str = ""
    group: str = ""  # the first part of the path that belongs to it too, like /appointments/


VISITOR = (
    Place(_("Departments"), "clinic:department-list", "grid"),
    Place(_("Doctors"), "scheduling:doctor-list", "people"),
    Place(_("Book a visit"), "scheduling:booking-departments", "calendar-plus"),
)
# The first five stand in the header and, on a phone, in the bar at the bottom; the rest under "More".
PLACES = {
    None: VISITOR,
    Role.PATIENT: (
        Place(_("Home"), "home", "house"),
        Place(_("Book"), "scheduling:booking-departments", "calendar-plus"),
        Place(_("Visits"), "scheduling:appointment-list", "calendar-check"),
        Place(_("My record"), "records:chart-detail", "clipboard2-pulse", OWN_PATIENT),
        Place(_("Doctors"), "scheduling:doctor-list", "people"),
        Place(_("Treatments"), "records:visit-list", "journal-medical"),
        Place(_("Downloads"), "records:export-list", "download"),
        Place(_("Who opened my record"), "records:opening-list", "eye", OWN_PATIENT),
    ),
    Role.DOCTOR: (
        Place(_("Home"), "home", "house"),
        Place(_("Day"), "scheduling:day", "calendar-event"),
        Place(_("Week"), "scheduling:week", "calendar-week"),
        Place(_("Patients"), "clinic:patient-list", "people"),
        Place(_("Records"), "records:encounter-list", "journal-medical"),
        Place(_("Visits"), "scheduling:appointment-list", "calendar-check"),
        Place(_("My hours"), "scheduling:hours-list", "clock", OWN_DOCTOR),
        Place(_("Downloads"), "records:export-list", "download"),
        Place(_("My acts on record"), "accounts:audit-list", "clock-history"),
    ),
    Role.RECEPTION: (
        Place(_("Today"), "scheduling:day", "calendar-event"),
        Place(_("Visits"), "scheduling:appointment-list", "calendar-check"),
        Place(_("Patients"), "clinic:patient-list", "people"),
        Place(_("Book"), "scheduling:booking-departments", "calendar-plus"),
        Place(_("Messages"), "accounts:message-list", "envelope-exclamation"),
        Place(_("Doctors"), "scheduling:doctor-list", "person-badge"),
    ),
    Role.ADMIN: (
        Place(_("Home"), "home", "house"),
        Place(_("Visits"), "scheduling:appointment-list", "calendar-check"),
        Place(_("Doctors"), "clinic:doctor-manage", "person-badge", group="/doctors/"),
        Place(_("Patients"), "clinic:patient-list", "people"),
        Place(_("Departments"), "clinic:department-list", "grid"),
        Place(_("Accounts"), "accounts:user-list", "person-gear"),
        Place(_("Invitations"), "accounts:invitation-list", "person-plus"),
        Place(_("Today"), "scheduling:day", "calendar-event"),
        Place(_("Messages"), "accounts:message-list", "envelope-exclamation"),
        Place(_("Audit trail"), "accounts:audit-list", "clock-history"),
        Place(_("Hospital"), "clinic:hospital-edit", "hospital"),
        Place(_("Consent texts"), "accounts:consent-text-list", "patch-check"),
        Place(_("Administration site"), "admin:index", "database"),
    ),
}
IN_BAR = 5


def page(request):
    """Context processor: hospital, places (in the bar), more_places, in_more, search_url (for staff), profile_url."""
    hospital = getattr(request, "hospital", None)
    user = getattr(request, "user", None)
    role = getattr(user, "role", None)
    places = [place for entry in PLACES.get(role, VISITOR) if (place := resolved(entry, user))]
    mark_current(places, request.path)
    searches = role in {Role.DOCTOR, Role.RECEPTION, Role.ADMIN}
    return {
        "hospital": hospital,
        "hospital_logo": address("clinic:hospital-logo") if hospital and hospital.logo else "",
        "places": places[:IN_BAR],
        "more_places": places[IN_BAR:],
        "in_more": any("current" in place for place in places[IN_BAR:]),
        "search_url": address("clinic:patient-list") if searches else "",
        "profile_url": address("clinic:profile-edit") if role else "",
    }


def resolved(entry, user):
    """The place with its address, or None when this person has none there."""
    arguments = []
    if entry.own:
        own = getattr(user, "patient" if entry.own == OWN_PATIENT else "doctor", None)
        if own is None:
            return None
        arguments = [own.pk]
    url = address(entry.name, *arguments)
    return url and {"label": entry.label, "url": url, "icon": entry.icon, "group": entry.group or url}


def address(name, *arguments):
    """The URL of that name; empty when there is none."""
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""


def mark_current(places, path):
    """Mark the place the page belongs to: the one whose address begins the path, the longest wins."""
    matching = [place for place in places if place["url"] == path]
    matching = matching or [place for place in places if place["group"] != "/" and path.startswith(place["group"])]
    if matching:
        max(matching, key=lambda place: len(place["group"]))["current"] = True
