"""One act on many rows: which were ticked, and what became of each."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hms.lib.errors import Refused

TOLD = 10  # refusals that are told one by one; the rest is a number


@dataclass(frozen=True)
class Outcome:
    """What became of one row. Without a refusal it is done."""

    row: object
    refusal: str = ""


def each(rows, act):
    """Do `act(row)` to one row after the other, each in a transaction of its own; what is refused stops no other.

    Returns an Outcome for each row, in order.
    """
    found = []
    for row in rows:
        try:
            act(row)
        except Refused as refusal:
            found.append(Outcome(row, str(refusal)))
        else:
            found.append(Outcome(row))
    return found


def ticked(values: Sequence[str]):
    """The ids among what a form sends for its ticks, each once and in order; what is no id is left out."""
    ids = dict.fromkeys(value for value in values if value.isascii() and value.isdecimal() and len(value) < 19)
    return [int(value) for value in ids]


def tell(request, outcomes, *, done, name=str):
    """Say how many are done, in the words of `done(number)`, and of each that is not, why. `name(row)` names it."""
    refused = [outcome for outcome in outcomes if outcome.refusal]
    if number := len(outcomes) - len(refused):
        messages.success(request, done(number))
    for outcome in refused[:TOLD]:
        messages.warning(request, _("%(name)s: %(why)s") % {"name": name(outcome.row), "why": outcome.refusal})
    if (more := len(refused) - TOLD) > 0:
        words = ngettext("%(n)d more was refused.", "%(n)d more were refused.", more)
        messages.warning(request, words % {"n": more})


def tell_missing(request, number):
    """Say that so many of the ticked rows are not there (any more), or are not this person's to see."""
    if number:
        words = ngettext(
            "%(n)d of what you ticked is not there any more and was left out.",
            "%(n)d of what you ticked are not there any more and were left out.",
            number,
        )
        messages.warning(request, words % {"n": number})
