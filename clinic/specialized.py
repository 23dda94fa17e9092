"""The words that doctors are specialized in: those of the hospital's list, and those that only stand in profiles."""

from dataclasses import dataclass

from django.db.models import Count, Max
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from clinic.models import Doctor, Specialization

OFFERED, OTHER, RETIRED = "offered", "other", "retired"
STATES = {OFFERED: _("Offered"), OTHER: _("Only in profiles"), RETIRED: _("Retired")}


@dataclass
class Entry:
    """Words, how many profiles they stand in, and their row where they are in the list."""

    name: str
    doctors: int
    row: Specialization | None = None

    @property
    def pk(self):
        """The number of the row; None where there is none."""
        return self.row and self.row.pk

    @property
    def state(self):
        """One of STATES."""
        if self.row is None:
            return OTHER
        return RETIRED if self.row.retired_at else OFFERED

    @property
    def words(self):
        return STATES[self.state]


def entries(user):
    """[Entry] of all words that this person may see, in no order. Two queries."""
    counted = (
        Doctor.objects.visible_to(user)
        .exclude(specialization="")
        .values_list(Lower("specialization"))
        .annotate(count=Count("pk"), words=Max("specialization"))
        .order_by()
    )
    used = {lower: (words, count) for lower, count, words in counted}
    rows = Specialization.objects.visible_to(user).annotate(lower=Lower("name"))
    listed = [Entry(row.name, used.pop(row.lower, ("", 0))[1], row) for row in rows]
    return listed + [Entry(words, count) for words, count in used.values()]
