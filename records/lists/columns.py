"""A column of a list: its title, where its values come from, and how they are written in Python. Pure.

`sql.py` says the same to PostgreSQL; a test holds both against each other.
"""

from dataclasses import dataclass
from enum import Enum

from django.db.models import F
from django.utils.encoding import force_str


class Kind(Enum):
    """How the values of a column are written."""

    WORDS = "what people typed: may look like a formula"
    PLAIN = "numbers, references, sums"
    DAY = "2026-11-25"
    INSTANT = "2026-11-25 09:30+01:00, in the hospital's zone"
    CHOICE = "one of a few values, each with a word"


@dataclass(frozen=True)
class Column:
    """`source` is a field's path or an expression; `words` is ((value, word), …) of a CHOICE."""

    title: str
    source: object
    kind: Kind = Kind.WORDS
    words: tuple = ()

    @property
    def expression(self):
        return F(self.source) if isinstance(self.source, str) else self.source

    def writer(self, zone):
        """A function from a value to what goes into the cell."""
        match self.kind:
            case Kind.DAY:
                return lambda value: value.isoformat() if value else ""
            case Kind.INSTANT:
                return lambda value: value.astimezone(zone).isoformat(" ", "minutes") if value else ""
            case Kind.CHOICE:
                words = {value: force_str(word) for value, word in self.words}
                return lambda value: words.get(value, "")
        return lambda value: value


def choice(title, source, choices):
    """A column of one of some choices."""
    return Column(title, source, Kind.CHOICE, tuple(choices))
