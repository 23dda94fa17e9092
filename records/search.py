"""Finding visits and records by what was said, found and prescribed, whatever the case and the accents."""

from django.db.models import Exists, OuterRef, Q

from hms.lib.search import fold
from records.models import Diagnosis, Encounter, PrescriptionLine


def says(word):
    """A Q for encounters whose complaint, diagnoses or medicines hold a folded word."""
    below = {"encounter": OuterRef("pk"), "search__contains": word}
    return (
        Q(search__contains=word)
        | Exists(Diagnosis.objects.filter(**below))
        | Exists(PrescriptionLine.objects.filter(**below))
    )


def encounters_with(encounters, text):
    """Those that hold every word of a text, in what they say or in the patient's name and number."""
    for word in fold(text).split():
        encounters = encounters.filter(says(word) | Q(patient__search__contains=word))
    return encounters


def visits_with(user, appointments, encounters, text):
    """The same for a patient's visits, booked here (`appointments`) or not (`encounters`): doctor, or what was said."""
    readable = Encounter.objects.visible_to(user).signed()
    for word in fold(text).split():
        said = Exists(readable.filter(says(word), appointment=OuterRef("pk")))
        appointments = appointments.filter(said | Q(doctor__search__contains=word))
        encounters = encounters.filter(says(word) | Q(doctor__search__contains=word))
    return appointments, encounters


def between(rows, field, span):
    """Rows whose instant lies in a span (begin, end), either of them None for open."""
    begin, end = span
    if begin:
        rows = rows.filter(**{f"{field}__gte": begin})
    return rows.filter(**{f"{field}__lt": end}) if end else rows
