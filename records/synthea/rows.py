"""What the rows of a Synthea export mean in our tables. Pure: text in, field values out; BadRow for nonsense."""

import re
import string
import unicodedata
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from hashlib import blake2b

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.models import Gender
from records.models import Allergy, CodeSystem
from records.synthea.reading import BadRow

SOURCE = "synthea:"  # what every import_ref of ours begins with
ENTRY = SOURCE + "entry:"  # and those of entries that no row of encounters.csv stands for
FIRST_DAY = date(1850, 1, 1)
LOINC = re.compile(r"[0-9]{1,7}-[0-9]")
SYSTEMS = {"SNOMED-CT": CodeSystem.SNOMED, "SNOMED": CodeSystem.SNOMED, "RXNORM": CodeSystem.RXNORM}
GENDERS = {"F": Gender.FEMALE, "M": Gender.MALE}
SEVERITIES = ["", Allergy.Severity.MILD, Allergy.Severity.MODERATE, Allergy.Severity.SEVERE]


def ref(kind, *parts):
    """The import_ref of a row that has no Id of its own: the same parts give the same ref, in at most 80 characters."""
    digest = blake2b("\x1f".join(parts).encode(), digest_size=16)
    return f"{SOURCE}{kind}:{digest.hexdigest()}"


def id_ref(text, column="Id"):
    """The import_ref of a row with an Id."""
    return SOURCE + required(text, column, 60)


def required(text, column, longest):
    """Text that must be there and fit its column in the database."""
    if not text:
        raise BadRow(_("%(column)s is empty.") % {"column": column})
    return optional(text, column, longest)


def optional(text, column, longest):
    """Text that may be empty but must fit."""
    if len(text) > longest:
        raise BadRow(_("%(column)s is longer than %(longest)d characters.") % {"column": column, "longest": longest})
    return text


def day(text, column):
    """A date, or None for an empty one. Where the export has an instant, its day in the current zone."""
    if not text:
        return None
    try:
        read = date.fromisoformat(text) if len(text) == 10 else timezone.localdate(instant(text, column))
    except ValueError as error:
        raise BadRow(_("%(column)s is no date: %(text)s.") % {"column": column, "text": text[:40]}) from error
    if read < FIRST_DAY:
        raise BadRow(_("%(column)s lies before 1850: %(text)s.") % {"column": column, "text": text[:40]})
    return read


def required_day(text, column):
    required(text, column, 40)
    return day(text, column)


def instant(text, column):
    """An aware instant. A bare date is its midnight in UTC."""
    required(text, column, 40)
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadRow(_("%(column)s is no time: %(text)s.") % {"column": column, "text": text}) from error
    if len(text) == 10:
        read = read.replace(tzinfo=UTC)
    if read.tzinfo is None:
        raise BadRow(_("%(column)s does not say its time zone: %(text)s.") % {"column": column, "text": text})
    if read.date() < FIRST_DAY or read.year > 9998:
        raise BadRow(_("%(column)s lies outside the years 1850 to 9998.") % {"column": column})
    return read.astimezone(UTC)


def midnight(on):
    """The instant at which a day begins in the current zone."""
    return timezone.make_aware(datetime.combine(on, time())).astimezone(UTC)


def in_order(first, last, columns="START, STOP"):
    """Both, or BadRow when the end lies before the beginning."""
    if last is not None and last < first:
        raise BadRow(_("the end lies before the beginning (%(columns)s).") % {"columns": columns})
    return first, last


def person_name(*parts):
    """Names without the digits that Synthea hangs on them: Maynard46 Mosciski958 is Maynard Mosciski."""
    words = " ".join(parts).split()
    return " ".join(filter(None, (word.rstrip(string.digits) for word in words)))


def title(text):
    """GENERAL PRACTICE is General Practice; text that has small letters already stays as it is."""
    return string.capwords(text) if text.isupper() else text


def mailbox(name):
    """The local part of an e-mail address for a name in any script; empty when no Latin letter remains."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return ".".join(re.findall(r"[a-z0-9]+", plain))[:50]


def patient(row):
    """Fields of a Patient."""
    place = " ".join(filter(None, [row["STATE"], row["ZIP"]]))
    born, died = in_order(
        required_day(row["BIRTHDATE"], "BIRTHDATE"), day(row["DEATHDATE"], "DEATHDATE"), "BIRTHDATE, DEATHDATE"
    )
    return {
        "import_ref": id_ref(row["Id"]),
        "name": required(person_name(row["FIRST"], row["LAST"], row["SUFFIX"]), "FIRST, LAST", 200),
        "birth_date": born,
        "died_on": died,
        "gender": GENDERS.get(row["GENDER"], Gender.UNKNOWN),
        "address": optional(", ".join(filter(None, [row["ADDRESS"], row["CITY"], place])), "ADDRESS", 500),
    }


def doctor(row):
    """Fields of a Doctor, without its department."""
    return {
        "import_ref": id_ref(row["Id"]),
        "name": required(person_name(row["NAME"]), "NAME", 200),
        "specialization": required(title(row["SPECIALITY"]), "SPECIALITY", 80),
        "gender": GENDERS.get(row["GENDER"], Gender.UNKNOWN),
    }


def encounter(row):
    """Fields of an Encounter, without its people. A reason is the complaint, and what kind of visit it was a note."""
    began, ended = in_order(
        instant(row["START"], "START"), instant(row["STOP"], "STOP") if row["STOP"] else None, "START, STOP"
    )
    return {
        "import_ref": id_ref(row["Id"]),
        "started_at": began,
        "ended_at": ended,
        "signed_at": ended or began,
        "kind": optional(row["ENCOUNTERCLASS"], "ENCOUNTERCLASS", 20),
        "complaint": optional(row["REASONDESCRIPTION"] or row["DESCRIPTION"], "REASONDESCRIPTION", 5000),
        "notes": optional(row["DESCRIPTION"] if row["REASONDESCRIPTION"] else "", "DESCRIPTION", 5000),
    }


def diagnosis(row):
    """Fields of a Diagnosis, without its encounter."""
    since, until = in_order(required_day(row["START"], "START"), day(row["STOP"], "STOP"))
    return {
        "system": CodeSystem.SNOMED,
        "code": required(row["CODE"], "CODE", 20),
        "words": required(row["DESCRIPTION"], "DESCRIPTION", 300),
        "onset_on": since,
        "resolved_on": until,
    }


def prescription(row):
    """Fields of a PrescriptionLine, without its encounter. The export knows the medicine, not how to take it."""
    begins, ends = in_order(required_day(row["START"], "START"), day(row["STOP"], "STOP"))
    reason = optional(row["REASONDESCRIPTION"], "REASONDESCRIPTION", 400)
    return {
        "system": CodeSystem.RXNORM,
        "code": required(row["CODE"], "CODE", 20),
        "medicine": required(row["DESCRIPTION"], "DESCRIPTION", 300),
        "instructions": _("For: %(reason)s") % {"reason": reason} if reason else "",
        "starts_on": begins,
        "ends_on": ends,
    }


def allergy(row):
    """Fields of an Allergy, without patient and encounter. Of two reactions, the worse one gives the severity."""
    noted, ended = in_order(required_day(row["START"], "START"), day(row["STOP"], "STOP"))
    severities = [row["SEVERITY1"].lower(), row["SEVERITY2"].lower()]
    worst = max((SEVERITIES.index(word) for word in severities if word in SEVERITIES), default=0)
    reactions = [words for words in (row["DESCRIPTION1"], row["DESCRIPTION2"]) if words]
    return {
        "system": SYSTEMS.get(row["SYSTEM"].upper(), CodeSystem.NONE),
        "code": optional(row["CODE"], "CODE", 20),
        "substance": required(row["DESCRIPTION"], "DESCRIPTION", 300),
        "category": optional(row["CATEGORY"], "CATEGORY", 40),
        "reaction": optional("; ".join(reactions), "DESCRIPTION1, DESCRIPTION2", 500),
        "severity": SEVERITIES[worst] or Allergy.Severity.UNKNOWN,
        "noted_on": noted,
        "ended_on": ended,
    }


def vitals(row):
    """Fields of a Vitals row, without patient and encounter. Scores that Synthea invents carry no LOINC code."""
    number, words = measured(row["VALUE"], row["TYPE"])
    return {
        "measured_at": instant(row["DATE"], "DATE"),
        "category": optional(row["CATEGORY"], "CATEGORY", 40) or "other",
        "system": CodeSystem.LOINC if LOINC.fullmatch(row["CODE"]) else CodeSystem.NONE,
        "code": required(row["CODE"], "CODE", 20),
        "label": required(row["DESCRIPTION"], "DESCRIPTION", 400),
        "number": number,
        "words": words,
        "unit": "" if row["UNITS"] == "null" else optional(row["UNITS"], "UNITS", 40),
    }


def measured(text, kind):
    """(number, words) of a measured value; one of them is empty."""
    words = required(text, "VALUE", 500)
    if kind != "numeric":
        return None, words
    try:
        number = round(Decimal(words), 6)
    except InvalidOperation as error:
        raise BadRow(_("VALUE is no number: %(text)s.") % {"text": words[:40]}) from error
    if not number.is_finite() or abs(number) >= 10**10:
        raise BadRow(_("VALUE is no number that can be kept: %(text)s.") % {"text": words[:40]})
    return number, ""
