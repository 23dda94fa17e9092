"""In what two contents of a record differ, in words: for a doctor who saves what another window has saved already."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hms.lib.seen import Difference
from records.measures import MEASURES, unit_words


def diagnoses(rows):
    return "\n".join(" · ".join(filter(None, (row["words"], row["code"]))) for row in rows)


def prescriptions(rows):
    return "\n".join(" · ".join(filter(None, row.values())) for row in rows)


def vitals(rows):
    numbers = {row["code"]: row["number"] for row in rows}
    found = [one for one in MEASURES if one.code in numbers]
    return "\n".join(f"{one.label}: {numbers[one.code]} {unit_words(one.unit)}" for one in found)


def day(text):
    return date_format(date.fromisoformat(text)) if text else ""


PARTS = {
    "complaint": (gettext_lazy("Complaint"), str),
    "vitals": (gettext_lazy("Measurements"), vitals),
    "diagnoses": (gettext_lazy("Diagnoses"), diagnoses),
    "prescriptions": (gettext_lazy("Prescription"), prescriptions),
    "notes": (gettext_lazy("Notes"), str),
    "next_visit_on": (gettext_lazy("Next visit"), day),
}


def differences(theirs, mine):
    """A Difference for each part that two contents (`services.content.normal`) do not say alike."""
    told = [(label, words(theirs[name]), words(mine[name])) for name, (label, words) in PARTS.items()]
    return [
        Difference(label, saved or _("nothing"), typed or _("nothing"))
        for label, saved, typed in told
        if saved != typed
    ]
