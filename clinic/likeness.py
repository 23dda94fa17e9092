"""Whether two people look like one: pure comparisons of what stands about them. Only a person can say that they are.

Names are compared as folded words (hms.lib.search.fold): no case, no accents, in any order, with slips of the pen.
"""

from collections import Counter
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from hms.lib.search import fold


class Reason(TextChoices):
    """Why two people look alike."""

    NAME = "name", _("Same name and date of birth")
    SIMILAR = "similar", _("Similar name, same date of birth")
    PHONE = "phone", _("Same phone and date of birth")
    PHONE_NAME = "phone_name", _("Same phone, similar name")
    EMAIL = "email", _("Same e-mail address")
    NOTED = "noted", _("Noted by staff")


WEIGHTS = {
    Reason.NAME: 60,
    Reason.NOTED: 50,
    Reason.SIMILAR: 40,
    Reason.PHONE: 40,
    Reason.PHONE_NAME: 30,
    Reason.EMAIL: 30,
}


class Person(NamedTuple):
    """What two people are compared by: folded words of the name, telephone number (E.164), address in small letters."""

    pk: int | None
    words: tuple
    birth_date: object
    phone: str
    email: str


def person(pk, name, birth_date, phone, email):
    """A Person from what stands about somebody; `phone` is a PhoneNumber or text."""
    number = str(getattr(phone, "as_e164", phone) or "")
    return Person(pk, tuple(fold(name).split()), birth_date, number, str(email or "").strip().lower())


def reasons(one, other):
    """The reasons why two people may be one, the strongest first; empty for strangers."""
    found = []
    same_day, similar = one.birth_date == other.birth_date, is_similar(one.words, other.words)
    if same_day and similar:
        found.append(Reason.NAME if is_same(one.words, other.words) else Reason.SIMILAR)
    if one.phone and one.phone == other.phone and (same_day or similar):
        found.append(Reason.PHONE if same_day else Reason.PHONE_NAME)
    if one.email and one.email == other.email:
        found.append(Reason.EMAIL)
    return found


def score(found):
    """0 to 100: how strongly reasons speak for one person."""
    return min(100, sum(WEIGHTS[Reason(reason)] for reason in found))


def is_same(ours, theirs):
    """The same words in any order (given and family name swapped), or written together or apart."""
    return Counter(ours) == Counter(theirs) or "".join(ours) == "".join(theirs)


def is_similar(ours, theirs):
    """The same words but for slips of the pen, or all words of one among the other's (a middle name left out)."""
    if not ours or not theirs:
        return False
    ours, theirs = without_initials(ours), without_initials(theirs)
    left = list((Counter(ours) - Counter(theirs)).elements())
    right = list((Counter(theirs) - Counter(ours)).elements())
    if not left or not right:
        return True
    written = "".join(left)
    return any(is_slip(written, "".join(words)) for words in (right, right[::-1]))


def without_initials(words):
    """A name without Latin initials (J. R. R. Tolkien), unless they are all there is."""
    written_out = tuple(word for word in words if len(word.strip(".")) > 1 or not word.isascii())
    return written_out or words


def is_slip(one, other):
    """Whether a hurried hand may have meant the same: one slip in four letters, two in eight."""
    allowed = slips_in(max(len(one), len(other)))
    if abs(len(one) - len(other)) > allowed or (Counter(one) - Counter(other)).total() > allowed:
        return False  # seen at a glance, before each letter is looked at
    return distance(one, other) <= allowed


def slips_in(length):
    """How many slips a word of that many letters may hold."""
    return 0 if length < 4 else 1 if length < 8 else 2


def distance(one, other):
    """How many letters are missing, added, wrong or swapped with their neighbour (optimal string alignment)."""
    earlier, before, row = [], [], list(range(len(other) + 1))
    for number, letter in enumerate(one, start=1):
        earlier, before, row = before, row, [number]
        for place, theirs in enumerate(other, start=1):
            cost = min(before[place] + 1, row[-1] + 1, before[place - 1] + (letter != theirs))
            if number > 1 and place > 1 and letter == other[place - 2] and theirs == one[number - 2]:
                cost = min(cost, earlier[place - 2] + 1)
            row.append(cost)
    return row[-1]
