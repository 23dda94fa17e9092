"""What a merge of two patients' records does with every table that points to a patient. (docs/decisions/0013)

Clinic knows none of the tables above it, so each app says in its AppConfig.ready() what becomes of its own:

    merging.moves("records.Vitals.patient", follows=["encounter"])

A test fails while a foreign key to Patient is not declared here.
"""

from dataclasses import dataclass, field

from django.apps import apps

_moving, _staying = {}, {}

# For AppConfig.ready():
# objections(survivor, absorbed) → [Objection]: what stands in the way of a merge until somebody has dealt with it
objections = []
# facts(patient) → [(label, value)] for the page that compares two patients. Counts and dates, nothing clinical.
facts = []
# after_merge(survivor, absorbed), in the transaction, once the rows have moved: make true again what follows from them
after_merge = []
# after_undo(merge), the same once the rows are back
after_undo = []


@dataclass(frozen=True)
class Objection:
    """A sentence on what stands in the way, and links (label, url) to where it can be dealt with."""

    sentence: str
    links: list = field(default_factory=list)


@dataclass(frozen=True)
class Moving:
    """A foreign key to Patient whose rows go to the survivor, and back when the merge is undone.

    `follows` names relations to rows that belong to the same patient (a measurement's encounter): what came after a
    merge goes where these go when it is undone. `per` names the columns with one row for each patient: where the
    survivor has such a row already, the other one's stays where it is. `named` rows are told by name on pages; the
    others are only counted, under what they are `called` (one, many) or else under the model's name.
    """

    path: str
    follows: tuple = ()
    per: tuple = ()
    named: bool = False
    called: tuple = ()

    @property
    def model(self):
        return apps.get_model(self.path.rpartition(".")[0])

    @property
    def name(self):
        return self.path.rpartition(".")[2]

    def words(self, number):
        """What this many rows are called."""
        one, many = self.called or (self.model._meta.verbose_name, self.model._meta.verbose_name_plural)
        return one if number == 1 else many

    def rows(self, **which):
        """All rows, whoever may see them."""
        return self.model._base_manager.filter(**which)

    def of(self, patient):
        return self.rows(**{self.name: patient})

    def ids_of(self, patient):
        return list(self.of(patient).order_by("pk").values_list("pk", flat=True))

    def path_of(self, relation):
        """The path under which the rows that a relation leads to are declared."""
        label = self.model._meta.get_field(relation).related_model._meta.label
        return next(path for path in _moving if path.rpartition(".")[0] == label)


def moves(path, **more):
    """The rows of this foreign key ("app.Model.field") go to the survivor; see Moving."""
    _moving[path] = Moving(path, **more)


def stays(path, why):
    """The rows of this foreign key tell of the row they point to, not of the person: they stay. `why` in a sentence."""
    _staying[path] = why


def moving():
    """Every Moving."""
    return list(_moving.values())


def declared():
    """The paths of all foreign keys to Patient that somebody has thought of."""
    return {*_moving, *_staying}
