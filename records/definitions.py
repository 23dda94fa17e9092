"""What the figures of a report mean, for the people who read it. A version is never changed: a new one is added."""

from django.utils.translation import gettext_lazy as _

CURRENT = 1

_FIRST = {
    "visits": _(
        "Visits that begin in the month by the hospital's clock, with the status they had when the report was made."
    ),
    "no_shows": _("No-shows, of the visits that ended as completed or as no-show. Cancelled visits do not count."),
    "patients": _("Different patients with a completed visit."),
    "new_patients": _(
        "Patients whose first completed visit here (with this doctor, in this department) is among them."
    ),
    "minutes_open": _(
        "Weekly hours and extra dates less time off, by the rules as they stood when the first version was made. "
        "Later versions keep it, since a calendar keeps no earlier rules."
    ),
    "minutes_used": _("What the completed visits had been booked for, within the hours or outside of them."),
    "waiting": _(
        "From checking in to the beginning of the consultation. Only completed visits that were checked in, begun "
        "and ended one after the other. Half of them waited no longer than the median, 9 of 10 no longer than the "
        "90th percentile."
    ),
    "consultation": _(
        "From the beginning of the consultation to its end, of completed visits. A consultation of less than a minute "
        "was written down afterwards and does not count."
    ),
    "fees": _("Fees of completed visits, as agreed when they were booked. Not what has been paid."),
    "diagnoses": _(
        "Signed records of visits in the month that name the diagnosis, each once; one line for each code, under the "
        "words it was given most often."
    ),
}
VERSIONS = {1: _FIRST}


def words(version):
    """{figure: what it means} of a version."""
    return VERSIONS[version]
