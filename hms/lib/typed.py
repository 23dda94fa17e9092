"""What people type to find somebody: names, days and telephone numbers in one line, as they come."""

import calendar
import contextlib
import re
from dataclasses import dataclass
from datetime import date

from django.utils.dates import MONTHS

from hms.lib.search import fold

LONGEST, MOST_WORDS = 300, 8  # letters and words that are looked at
RUN = re.compile(r"(?<![\w@])[+(]{0,2}[0-9](?:[0-9\s()/.+\-]*[0-9])?(?![\w@])")
DAY = re.compile(r"([0-9]{4}|[0-9]{1,2})[\s./\-]+([0-9]{1,2})[\s./\-]+([0-9]{4}|[0-9]{1,2})")
NAMED = re.compile(r"(?<!\w)(?:([0-9]{1,2})\.?\s+)?([^\W\d_]{3,})\.?\s+(?:([0-9]{1,2}),?\s+)?([0-9]{4})(?!\w)")
COMPACT = re.compile(r"[0-9]{8}")
A_PHONE = 5  # digits


@dataclass(frozen=True)
class Number:
    """Digits that somebody typed: which days they can be, and which telephone number they can be a part of ("")."""

    days: tuple
    phone: str


@dataclass(frozen=True)
class Typed:
    """What a line holds: words, and numbers that are days or telephone numbers."""

    words: tuple
    numbers: tuple


def read(text, *, today):
    """A line taken apart. What is neither a day nor long enough for a telephone number stays a word."""
    text, numbers = NAMED.sub(in_digits, "".join(map(plain, text[:LONGEST]))), []

    def take(found):
        days = days_in(found[0], today=today)
        number = Number(days, "" if days and set(found[0]) & set("./-") else phone_in(found[0]))
        if not (number.days or number.phone) or len(numbers) == MOST_WORDS:
            return found[0]
        numbers.append(number)
        return " "

    words = RUN.sub(take, text).split()
    return Typed(tuple(words[:MOST_WORDS]), tuple(numbers))


def plain(letter):
    """A digit of any script as an Arabic one."""
    return str(int(letter)) if letter.isdecimal() else letter


def in_digits(found):
    """12 Apr 1988, 12. April 1988, April 12, 1988: days as pages show them, in English or the reader's language."""
    before, name, after, year = found.groups()
    months = [
        month
        for month, words in MONTHS.items()
        if any(fold(each).startswith(fold(name)) for each in (str(words), calendar.month_name[month]))
    ]
    if bool(before) == bool(after) or len(months) != 1:
        return found[0]
    return f"{year}-{months[0]:02}-{int(before or after):02}"


def days_in(text, *, today):
    """The days somebody may mean: 1980-05-17, 17.5.1980, 5/17/1980, 17 05 80, 17051980. Both readings of 12/11/1980.

    A year of two digits is of this century or of the last one, as long as the day is not to come.
    """
    text = text.strip()
    if COMPACT.fullmatch(text):
        parts = {(text[4:], text[2:4], text[:2]), (text[4:], text[:2], text[2:4]), (text[:4], text[4:6], text[6:])}
    elif found := DAY.fullmatch(text):
        first, second, third = found.groups()
        parts = {(first, second, third)} if len(first) == 4 else {(third, second, first), (third, first, second)}
    else:
        return ()
    days = {day for year, month, number in parts for day in in_years(year, int(month), int(number))}
    return tuple(sorted(day for day in days if day.year >= 1850 and day <= today))


def in_years(year, month, number):
    """The days of that month and number in a year as it was written: in two digits, of two centuries."""
    for whole in [int(year)] if len(year) == 4 else [1900 + int(year), 2000 + int(year)] if len(year) == 2 else []:
        with contextlib.suppress(ValueError):
            yield date(whole, month, number)


def phone_in(text):
    """The digits that stand in the number of who is meant (E.164): without zeros and signs before it; "" if too few."""
    digits = "".join(letter for letter in text.replace("(0)", "") if letter.isdecimal()).lstrip("0")
    return digits if len(digits) >= A_PHONE else ""
