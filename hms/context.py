"""What every page shows around its content: the hospital, and the places a person may go to."""

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlencode

from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from accounts.models import Message, Role, User
from hms.lib.kept import Kept
from records.models import ClinicalGrant

UNREAD = Kept(lambda user_id: Message.everything.addressed_to(User(pk=user_id)).unread(), int)
GRANTS = Kept(lambda user_id: ClinicalGrant.objects.current().filter(user=user_id), int)

OWN_PATIENT, OWN_DOCTOR, GRANTED = "own patient", "own doctor", "granted"

DAY, PEOPLE, ACCESS, SETTINGS = _("The day"), _("People"), _("Who sees what"), _("Settings")


@dataclass(frozen=True)
class Place:
    """One entry of the navigation. `own` names whose id the address needs: one's own patient or doctor row.

    Or it is GRANTED: the place is there for who holds a clinical grant.
    """

    label: str
    name: str
    icon: str
    own: str = ""
    group: str = ""  # the first part of the path that belongs to it too, like /appointments/
    under: str = ""  # the heading in a menu that is too long without


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
        Place(_("Waiting list"), "scheduling:waitlist", "hourglass"),
        Place(_("Family"), "clinic:family", "people-fill"),
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
        Place(_("Another time"), "scheduling:proposal-list", "calendar-x"),
        Place(_("Reports"), "records:report-list", "journal-text"),
        Place(_("Downloads"), "records:export-list", "download"),
        Place(_("Granted records"), "records:granted-list", "key", GRANTED),
        Place(_("Other patients' records"), "records:break-glass-list", "unlock"),
        Place(_("My acts on record"), "accounts:audit-list", "clock-history"),
    ),
    Role.RECEPTION: (
        Place(_("Today"), "scheduling:day", "calendar-event"),
        Place(_("Visits"), "scheduling:appointment-list", "calendar-check"),
        Place(_("Patients"), "clinic:patient-list", "people"),
        Place(_("Book"), "scheduling:booking-departments", "calendar-plus"),
        Place(_("Messages"), "accounts:message-list", "envelope-exclamation"),
        Place(_("To call"), "scheduling:call-list", "telephone"),
        Place(_("Another time"), "scheduling:proposal-list", "calendar-x"),
        Place(_("Waiting list"), "scheduling:waitlist", "hourglass"),
        Place(_("Doctors"), "scheduling:doctor-list", "person-badge"),
        Place(_("Downloads"), "records:export-list", "download"),
        Place(_("Granted records"), "records:granted-list", "key", GRANTED),
    ),
    Role.ADMIN: (
        Place(_("Home"), "home", "house"),
        Place(_("Visits"), "scheduling:appointment-list", "calendar-check"),
        Place(_("Doctors"), "clinic:doctor-manage", "person-badge", group="/doctors/"),
        Place(_("Patients"), "clinic:patient-list", "people"),
        Place(_("Departments"), "clinic:department-list", "grid"),
        Place(_("Today"), "scheduling:day", "calendar-event", under=DAY),
        Place(_("Figures"), "figures", "bar-chart", under=DAY),
        Place(_("Downloads"), "records:export-list", "download", under=DAY),
        Place(_("Messages"), "accounts:message-list", "envelope-exclamation", under=DAY),
        Place(_("Reports"), "records:report-list", "journal-text", under=DAY),
        Place(_("To call"), "scheduling:call-list", "telephone", under=DAY),
        Place(_("Another time"), "scheduling:proposal-list", "calendar-x", under=DAY),
        Place(_("Waiting list"), "scheduling:waitlist", "hourglass", under=DAY),
        Place(_("Accounts"), "accounts:user-list", "person-gear", under=PEOPLE),
        Place(_("Invitations"), "accounts:invitation-list", "person-plus", under=PEOPLE),
        Place(_("Applications"), "clinic:application-list", "person-check", under=PEOPLE),
        Place(_("Duplicates"), "clinic:duplicate-list", "people-fill", under=PEOPLE),
        Place(_("Imports"), "clinic:import-list", "upload", under=PEOPLE),
        Place(_("Openings to review"), "records:break-glass-list", "unlock", under=ACCESS),
        Place(_("Clinical grants"), "records:grant-list", "shield-lock", under=ACCESS),
        Place(_("Granted records"), "records:granted-list", "key", GRANTED, under=ACCESS),
        Place(_("Roles"), "role-list", "person-badge", under=ACCESS),
        Place(_("Who may open what"), "access-list", "table", under=ACCESS),
        Place(_("Audit trail"), "accounts:audit-list", "clock-history", under=ACCESS),
        Place(_("Hospital"), "clinic:hospital-edit", "hospital", under=SETTINGS),
        Place(_("Specializations"), "clinic:specialization-list", "award", under=SETTINGS),
        Place(_("Sign-in rules"), "accounts:rule-list", "shield-lock", under=SETTINGS),
        Place(_("Consent texts"), "accounts:consent-text-list", "patch-check", under=SETTINGS),
        Place(_("Message texts"), "accounts:message-text-list", "envelope", under=SETTINGS),
        Place(_("History"), "setting-history", "clock-history", under=SETTINGS),
        Place(_("Jobs"), "job-list", "arrow-repeat", under=SETTINGS),
        Place(_("Administration site"), "admin:index", "database", under=SETTINGS),
    ),
}
IN_BAR = 5
KEPT_PATHS = ("/book/", "/doctors/", "/departments/")  # where a visitor chooses, and goes on after signing in


def page(request):
    """Context processor: hospital, places (in the bar), more_places, in_more, search_url, profile_url.

    And `unread`, the number at the bell: one query over an index of nothing but unread messages, and only where it is
    shown. And entrance_query, for visitors.
    """
    hospital = getattr(request, "hospital", None)
    user = getattr(request, "user", None)
    role = getattr(user, "role", None)
    places = [place for entry in PLACES.get(role, VISITOR) if (place := resolved(entry, user))]
    mark_current(places, request.path)
    return {
        "hospital": hospital,
        "hospital_logo": address("clinic:hospital-logo") if hospital and hospital.logo else "",
        "places": places[:IN_BAR],
        "more_places": places[IN_BAR:],
        "in_more": any("current" in place for place in places[IN_BAR:]),
        "search_url": address("search"),
        "profile_url": address("clinic:profile-edit") if role else "",
        "unread": SimpleLazyObject(lambda: UNREAD.count(user.pk)) if role else 0,
        "entrance_query": "" if role else entrance_query(request),
    }


def entrance_query(request):
    """What "Sign in" and "Register" in the header carry along, so that a visitor comes back to what they chose."""
    going = request.GET.get("next", "")
    if not going and request.path.startswith(KEPT_PATHS):
        going = request.get_full_path()
    return "?" + urlencode({"next": going}) if going.startswith("/") else ""


def resolved(entry, user):
    """The place with its address and its words in the reader's language, or None when this person has none there."""
    arguments = []
    if entry.own == GRANTED:
        if not GRANTS.exists(user.pk):
            return None
    elif entry.own:
        own = getattr(user, "patient" if entry.own == OWN_PATIENT else "doctor", None)
        if own is None:
            return None
        arguments = [own.pk]
    url = address(entry.name, *arguments)
    if not url:
        return None
    words = {"label": str(entry.label), "under": str(entry.under)}
    return words | {"url": url, "icon": entry.icon, "group": entry.group or url}


def address(name, *arguments):
    """The URL of that name; empty when there is none."""
    return _address(get_script_prefix(), name, *arguments)


@lru_cache(maxsize=2_048)
def _address(_prefix, name, *arguments):
    """Kept, since a page names some forty of them, and nothing but the prefix that a server adds changes one."""
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
