"""A row of a file, understood: the fields it becomes, what it is known by, and what is wrong with it. No database."""

import hashlib
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from clinic.importing import targets, values
from clinic.importing.targets import FORMER, PARTS
from hms.lib.search import fold
from hms.lib.sheets import plain

SOURCE = "csv:"  # how the import_ref of who came with a number begins
SAME = "csv#"  # …and of who came without one: a digest of what tells people apart
SHOWN = 80  # characters of a wrong value that are told


@dataclass(frozen=True)
class Problem:
    """What is wrong, or worth telling: in which column, with which value, as a sentence."""

    column: str
    value: str
    sentence: str


@dataclass
class Item:
    """A row: its number, its cells, the fields it becomes. With problems it becomes nothing.

    `verdict`, `whom` and `alike` are what matching.py finds: whom the row is about.
    """

    number: int
    cells: list
    fields: dict = field(default_factory=dict)
    ref: str = ""
    problems: list = field(default_factory=list)
    verdict: str = ""
    whom: int | None = None
    alike: list = field(default_factory=list)
    named: str = ""  # the number of ours that the row gives
    earlier: int = 0  # the number of a row above that may be about the same person

    def bad(self, column, value, sentence):
        self.problems.append(Problem(str(column), str(value)[:SHOWN], str(sentence)))


@dataclass(frozen=True)
class Reading:
    """How rows of a file are understood: `mapping` is {field: index of a column}, `columns` their names."""

    kind: str
    columns: list
    mapping: dict
    how: values.How
    department: str = ""  # for doctors whose row names none
    source: str = ""  # the other system whose numbers they are

    def item(self, record):
        """A Record of the file as an Item."""
        item = Item(record.number, record.cells)
        if record.wrong:
            item.bad("", "", record.wrong)
        elif self._fits(item):
            self._read(item)
            compose(item, self.kind, self.department)
            if not item.problems:
                item.named = item.fields.pop("number", "")
                item.ref = ref_of(item.fields, self.kind, self.source)
        return item

    def _fits(self, item):
        """Cells without a column, and columns without a cell that is needed, say that the row is cut or torn."""
        found, wanted = len(item.cells), len(self.columns)
        torn = any(cell.strip() for cell in item.cells[wanted:])
        if torn or any(index >= found for index in self.mapping.values()):
            sentence = _("%(found)d cells, where there are %(wanted)d columns.")
            item.bad("", "", sentence % {"found": found, "wanted": wanted})
            return False
        return True

    def _read(self, item):
        for target in targets.OF[self.kind]:
            index = self.mapping.get(target.name)
            text = plain(item.cells[index]) if index is not None else ""
            if not text:
                continue
            try:
                item.fields[target.name] = target.read(text, self.how)
            except values.Bad as error:
                item.bad(self.columns[index], text, error)


def compose(item, kind, department=""):
    """Put parts together, and see that what is needed is there and fits."""
    fields, told = item.fields, {problem.column for problem in item.problems}
    parts = [fields.pop(part, "") for part in PARTS]
    fields["name"] = fields.get("name") or " ".join(part for part in parts if part)
    if not fields["name"] and not told:
        item.bad(_("Name"), "", _("The name is missing."))
    if len(fields["name"]) > 200:
        item.bad(_("Name"), fields["name"], _("A name has at most 200 characters."))
    if kind == "patients":
        compose_patient(item)
    elif not fields.setdefault("department", department) and not told:
        item.bad(_("Department"), "", _("The department is missing."))


def compose_patient(item):
    fields = item.fields
    if "birth_date" not in fields and not item.problems:
        item.bad(_("Date of birth"), "", _("The date of birth is missing."))
    place = " ".join(part for part in (fields.pop("postcode", ""), fields.pop("city", "")) if part)
    lines = [fields.get("address", ""), place, fields.pop("region", "")]
    fields["address"] = "\n".join(line for line in lines if line)
    if len(fields["address"]) > 500:
        item.bad(_("Address"), fields["address"], _("An address has at most 500 characters."))
    if fields.get("died_on") and fields.get("birth_date") and fields["died_on"] < fields["birth_date"]:
        item.bad(_("Died on"), fields["died_on"], _("This day is before the date of birth."))


def ref_of(fields, kind, source=""):
    """What a second import knows the row by: its number in the other system, else what tells people apart."""
    if former := fields.pop(FORMER, ""):
        return f"{SOURCE}{source}:{former}"
    told = ("birth_date", "phone", "email") if kind == "patients" else ("department", "specialization", "phone")
    parts = [fold(fields["name"]), *(fold(str(fields.get(name, ""))) for name in told)]
    return SAME + hashlib.sha256("\n".join(parts).encode()).hexdigest()[:40]
