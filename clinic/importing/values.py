"""What stands in a cell, as the value of one of our fields. Each reader takes (text, how) and may raise Bad."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic import phones
from clinic.models import BloodGroup, Gender, believable_birth_date
from clinic.numbers import as_number
from hms.lib.forms import one_line
from hms.lib.search import fold
from hms.lib.sheets import is_formula

DATE_ORDERS = {
    "iso": gettext_lazy("2026-11-24: year, month, day"),
    "dmy": gettext_lazy("24.11.2026: day, month, year"),
    "mdy": gettext_lazy("11/24/2026: month, day, year"),
}
PARTS = re.compile(r"(\d{1,4})[-./ ](\d{1,2})[-./ ](\d{1,4})(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?", re.ASCII)
GENDERS = {
    Gender.FEMALE: "f female woman w weiblich frau femme feminin feminine femenino mujer donna femmina kobieta",
    Gender.MALE: "m male man mannlich mann homme masculin masculine masculino hombre uomo maschio mezczyzna",
    Gender.OTHER: "o other x d divers diverse nonbinary autre otro altro",
    Gender.UNKNOWN: "u unknown unbekannt inconnu desconocido na n/a notstated none",
}
GENDER_OF = {word: gender for gender, words in GENDERS.items() for word in words.split()}
YES = {"1", "y", "yes", "true", "ja", "j", "oui", "si", "x"}
NO = {"0", "n", "no", "false", "nein", "non"}
LETTERS = re.compile(r"[^\W\d_]")


class Bad(ValueError):
    """A cell that cannot be taken over, with the reason as a sentence."""


@dataclass(frozen=True)
class How:
    """What the cells of one file have in common: the order of dates, and the country of local telephone numbers."""

    dates: str = "iso"
    region: str | None = None


def text(longest, *, lines=False):
    """A reader for texts of at most so many characters, of one line or of several."""

    def read(cell, how):
        value = re.sub(r"\r\n?", "\n", cell) if lines else " ".join(cell.split())
        if len(value) > longest:
            problem = _("%(found)d characters are too many; there is room for %(longest)d.")
            raise Bad(problem % {"found": len(value), "longest": longest})
        for line in value.split("\n") if lines else [value]:
            obey(one_line, line)
        return value

    return read


def obey(validator, value):
    """Raise Bad with what a validator of ours says."""
    try:
        validator(value)
    except ValidationError as error:
        raise Bad(" ".join(error.messages)) from error


def name(cell, how):
    """A name, or a part of one: any script, and nothing that a program would take for a formula."""
    value = text(200)(" ".join(cell.split()), how)
    if is_formula(value):
        raise Bad(_("This looks like a formula, not like a name."))
    if not LETTERS.search(value):
        raise Bad(_("There is no letter in this name."))
    return value


def day(cell, how):
    """A day, in the order chosen for the file or as ISO 8601. Years of two digits are refused: which one was it?"""
    found = PARTS.fullmatch(cell)
    if found is None:
        raise Bad(_("This is not a date like %(example)s.") % {"example": EXAMPLES[how.dates]})
    first, second, third = found.groups()
    if len(first) == 4:
        year, month, number = first, second, third
    elif how.dates == "mdy":
        month, number, year = first, second, third
    else:
        number, month, year = first, second, third
    if len(year) != 4:
        raise Bad(_("Write the year with four digits: 1954, not 54."))
    if len(first) != 4 and how.dates == "iso":
        raise Bad(_("This is not a date like %(example)s.") % {"example": EXAMPLES["iso"]})
    try:
        return date(int(year), int(month), int(number))
    except ValueError as error:
        raise Bad(
            _("There is no such day. Dates are read like %(example)s.") % {"example": EXAMPLES[how.dates]}
        ) from error


EXAMPLES = {"iso": "2026-11-24", "dmy": "24.11.2026", "mdy": "11/24/2026"}


def birth_date(cell, how):
    value = day(cell, how)
    obey(believable_birth_date, value)
    return value


def past_day(cell, how):
    value = day(cell, how)
    if value > timezone.localdate():
        raise Bad(_("This day is in the future."))
    return value


def gender(cell, how):
    value = GENDER_OF.get(fold(cell).replace(" ", "").strip("."))
    if value is None:
        raise Bad(_("Write female, male, other or unknown."))
    return value


def phone(cell, how):
    """A telephone number: of the hospital's country without a prefix, of any country with one."""
    number = phones.parse(cell, how.region) if len(cell) <= 40 else None
    if number is None:
        raise Bad(
            _("This is not a telephone number. Write it like %(example)s.") % {"example": phones.example(how.region)}
        )
    return number


def email(cell, how):
    if len(cell) > 254:
        raise Bad(_("This address is too long."))
    obey(validate_email, cell)
    return cell


def blood_group(cell, how):
    value = "".join(cell.upper().split()).replace("−", "-").replace("0", "O")
    value = value.replace("POSITIVE", "+").replace("NEGATIVE", "-").replace("POS", "+").replace("NEG", "-")
    if value not in BloodGroup.values:
        raise Bad(_("There is no such blood group. Write A+, A-, B+, B-, AB+, AB-, O+ or O-."))
    return value


def reference(cell, how):
    """The number that another system knows somebody by."""
    return text(60)("".join(cell.split()), how)


def number(cell, how):
    """A patient number of ours."""
    value = as_number(cell)
    if value is None:
        raise Bad(_("This is not a patient number of this hospital."))
    return value


def whole(most):
    """A reader for whole numbers from 0 to `most`."""

    def read(cell, how):
        if not (cell.isascii() and cell.isdigit()) or len(cell) > 9 or int(cell) > most:
            raise Bad(_("Write a whole number from 0 to %(most)d.") % {"most": most})
        return int(cell)

    return read


def money(cell, how):
    """An amount with a point or a comma before the cents, without thousands' separators."""
    try:
        amount = Decimal(cell.replace(",", ".").replace(" ", ""))
    except InvalidOperation:
        amount = None
    if amount is None or not amount.is_finite() or not 0 <= amount < 10_000_000 or amount != round(amount, 2):
        raise Bad(_("Write an amount like 80.00, without currency."))
    return round(amount, 2)


def yes(cell, how):
    word = fold(cell)
    if word not in YES | NO:
        raise Bad(_("Write yes or no."))
    return word in YES
