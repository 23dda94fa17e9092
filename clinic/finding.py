"""Finding people by what somebody typed who heard a name, remembers half of it or holds a letter with a number.

Exactly meant is said in SQL. Nearly meant (slips of the pen, names as they sound) takes two steps: the database gives
at most CANDIDATES rows that share most three-letter pieces of the sounds, and those are compared letter by letter.
On PostgreSQL an index of trigrams serves both, where it could be made (hms.lib.trigrams); else the rows' short
texts are read through, in the database.
"""

from functools import reduce
from operator import or_

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connections, transaction
from django.db.models import BooleanField, Case, F, Func, IntegerField, Q, Value, When
from django.utils import timezone

from clinic.likeness import distance, is_slip, slips_in
from clinic.numbers import as_number
from hms.lib import trigrams, typed
from hms.lib.search import fold, words_in
from hms.lib.sounds import pieces, sound

MOST = 20  # people of nearly such a name
CANDIDATES = 200
SHORTEST, LONGEST = 3, 24  # letters of a word that may be written differently
MOST_HEARD = 5  # words that may
UNHEARD = {*"0123456789%_\\"}  # in words that are only looked for as they are written
NOBODY = Q(pk__in=[])
SHARED = 0.35  # of the pieces, for PostgreSQL: one wrong letter of four leaves two fifths


def people(patients, text, *, only_if_needed=False):
    """(Q of the patients whom a text means, ids of those it nearly means with the nearest first).

    `only_if_needed`: no ids where somebody is meant exactly.
    """
    if number := as_number(text):
        return standing_for(patients.model, number=number), []
    if not fold(text):
        return NOBODY if text.strip() else Q(), []
    line = typed.read(text, today=timezone.localdate())
    numbers = Q()
    for number in line.numbers:
        numbers &= is_number(number)
    meant = Q(numbers)
    for word in filter(fold, line.words):
        meant &= words_in(word) | Q(user__email__icontains=word)
    names = [word for word in line.words if "@" not in word]
    if len(names) < len(line.words) or (only_if_needed and patients.filter(meant).exists()):
        return meant, []
    return meant, nearly(patients.filter(numbers), " ".join(names), indexed=trigrams.are_indexed(patients.db))


def is_number(number):
    """A Q for patients with such a date of birth, telephone number or part of a patient number."""
    condition = Q(birth_date__in=number.days)
    if number.phone:
        condition |= Q(phone__contains=number.phone) | Q(search__contains=number.phone)
    return condition


def standing_for(model, **which):
    """A Q for the patients whom this names (pk=… or number=…), and those into whom they were merged."""
    return Q(**which) | Q(pk__in=model.objects.filter(**which).order_by().values("merged_into"))


def doctors(rows, text):
    """A Q of the doctors whom a text means; where it means nobody, of those whom it nearly means."""
    meant, words = Q(), list(filter(fold, text.split()[: typed.MOST_WORDS]))
    if not words:
        return NOBODY if text.strip() else Q()
    for word in words:
        meant &= is_of(word)
    if rows.filter(meant).exists():
        return meant
    return Q(pk__in=nearly(rows, text)) | by_subject(rows, words)


def is_of(word):
    """A Q of the doctors who have a word in what they say of themselves, or in the name of their department."""
    return words_in(word) | Q(department__name__icontains=word)


def by_subject(rows, words):
    """A Q of the doctors of all words, of which specializations and departments may be written differently."""
    told = rows.order_by().values_list("specialization", "department__name").distinct()
    subjects, found = {subject for pair in told for subject in pair}, Q()
    for word in words:
        near = [subject for subject in subjects if has_nearly(subject, fold(word))]
        found &= is_of(word) | Q(specialization__in=near) | Q(department__name__in=near)
    return found


def has_nearly(subject, word):
    """Whether nearly that word is in a subject."""
    return SHORTEST <= len(word) <= LONGEST and any(how_far(word, one) is not None for one in fold(subject).split())


def departments(rows, text):
    """Ids of the departments that a text means, by name or by how words of the description begin; else nearly means."""
    told = [(pk, fold(name), fold(about)) for pk, name, about in rows.values_list("pk", "name", "description")]
    if not (words := fold(text).split()):
        return []

    def holds(name, about, word):
        return word in name or (len(word) >= SHORTEST and f" {word}" in f" {about}")

    meant = [pk for pk, name, about in told if all(holds(name, about, word) for word in words)]
    return meant or [pk for pk, name, _about in told if likeness(words, name.split()) is not None]


def nearly(rows, text, *, indexed=False):
    """Ids of at most MOST rows whose name is nearly or sounds like a text but does not hold it, the nearest first."""
    words = fold(text).split()
    heard = [word for word in words if len(word) >= SHORTEST and not set(word) & UNHEARD]
    if not heard or len(heard) > MOST_HEARD or max(map(len, heard)) > LONGEST:
        return []
    for word in set(words) - set(heard):
        rows = rows.filter(search__contains=word)
    rows = rows.exclude(words_in(" ".join(words)))
    found = by_index(rows, heard) if indexed and all(map(str.isascii, heard)) else by_pieces(rows, heard)
    ranked = [(likeness(heard, fold(name).split()), name, pk) for pk, name in found]
    return [pk for rank, _name, pk in sorted(row for row in ranked if row[0] is not None)[:MOST]]


def likeness(words, name):
    """How far a name is from some words, 0 for the same; None when one of the words is not among it at all.

    Both are folded words. The order is not looked at: people swap given and family name.
    """
    far = [min((way for there in name if (way := how_far(word, there)) is not None), default=None) for word in words]
    if None not in far:
        return sum(far)
    return 1 if is_slip("".join(words), "".join(name)) else None


def how_far(word, other):
    """Steps between two words, by letters and by sound; None when nobody would take one for the other."""
    if other.startswith(word):
        return 0
    heard, theirs = sound(word), sound(other)
    if heard != theirs and not is_slip(word, other) and not is_slip(heard, theirs):
        return None
    letters, sounds = distance(word, other), distance(heard, theirs)
    return letters + sounds if sounds == 0 or letters <= slips_in(len(word)) + 1 else None


class Holds(Func):
    """1 where a text holds a piece, else 0."""

    output_field = IntegerField()
    template = "(CASE WHEN %(function)s(%(expressions)s) > 0 THEN 1 ELSE 0 END)"

    def as_sql(self, compiler, connection, **extra):
        function = "STRPOS" if connection.vendor == "postgresql" else "INSTR"
        return super().as_sql(compiler, connection, function=function, **extra)


class Like(Func):
    """Whether a text is like a pattern."""

    output_field = BooleanField()
    template, arg_joiner = "(%(expressions)s)", " LIKE "


class Nearly(Func):
    """Whether a text holds a word like another, by the trigrams they share."""

    output_field = BooleanField()
    template, arg_joiner = "(%(expressions)s)", " %%> "


def one_slip_from(heard):
    """A Q for rows that hold a word as it sounds, or with one letter swapped, too many, wrong or missing."""
    patterns = [heard]
    if slips_in(len(heard) + 1):
        parts = [(heard[:place], heard[place:]) for place in range(len(heard) + 1)]
        patterns += [before + "_" + after for before, after in parts]
        patterns += [before + sign + after[1:] for before, after in parts if after for sign in ("_", "")]
        patterns += [before + after[1] + after[0] + after[2:] for before, after in parts if len(after) > 1]
    likes = (Q(Like(F("sounds"), Value(f"% {pattern} %"))) for pattern in dict.fromkeys(patterns))
    return reduce(or_, likes)


def by_pieces(rows, words):
    """(id, name) of rows that share most pieces with the sounds of all words: read through in the database."""
    close = shared = Value(0)
    for place, word in enumerate(words):
        heard = sound(word)
        first, *others = parts = pieces(heard)
        held = sum((Holds("sounds", Value(part)) for part in others), Holds("sounds", Value(first)))
        spared = 4 * slips_in(len(heard) + 1)  # a slip spoils four pieces at most
        rows = rows.alias(**{f"shared_{place}": held})
        rows = rows.filter(**{f"shared_{place}__gte": max(1, len(parts) - spared)})
        close = close + Case(When(one_slip_from(heard), then=1), default=0)
        shared = shared + F(f"shared_{place}")
    return rows.order_by(close.desc(), shared.desc(), "pk").values_list("pk", "name")[:CANDIDATES]


def by_index(rows, words):
    """The same from PostgreSQL's index of trigrams."""
    close, alike = Value(0), Value(0.0)
    for word in words:
        heard = sound(word)
        rows = rows.filter(one_slip_from(heard) | Q(Nearly(F("sounds"), Value(heard))))
        close = close + Case(When(one_slip_from(heard), then=1), default=0)
        alike = alike + TrigramWordSimilarity(heard, "sounds")
    with transaction.atomic(rows.db), connections[rows.db].cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [str(SHARED)])
        return list(rows.order_by(close.desc(), alike.desc(), "pk").values_list("pk", "name")[:CANDIDATES])
