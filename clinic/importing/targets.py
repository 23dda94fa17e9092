"""What the columns of a file can become: our fields with their readers. No database."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from clinic.importing import spellings, values
from clinic.numbers import as_number
from hms.lib.search import fold
from hms.lib.sheets import plain

FORMER = "former"  # the number that the system knows somebody by from which the list comes
PARTS = ("title", "first_name", "last_name")


@dataclass(frozen=True)
class Target:
    """A field of ours; `read` takes (text, how) to its value."""

    name: str
    label: str
    read: Callable
    help: str = ""


NAMES = (
    Target("name", _("Name"), values.name, _("Needed: whole, or in parts.")),
    Target("title", _("Title"), values.name),
    Target("first_name", _("Given name"), values.name),
    Target("last_name", _("Family name"), values.name),
)
NUMBER = Target(
    FORMER,
    _("Number in the other system"),
    values.reference,
    _("By it a second import knows who is there already."),
)
GENDER = Target("gender", _("Gender"), values.gender)
PHONE = Target("phone", _("Phone"), values.phone)
OURS = _("For lists that come from HMS itself.")

PATIENT = (
    *NAMES,
    Target("birth_date", _("Date of birth"), values.birth_date, _("Needed.")),
    GENDER,
    NUMBER,
    Target("number", _("Patient number of this hospital"), values.number, OURS),
    PHONE,
    Target("email", _("E-mail"), values.email),
    Target("address", _("Address"), values.text(500, lines=True)),
    Target("postcode", _("Postal code"), values.text(20)),
    Target("city", _("City"), values.text(100)),
    Target("region", _("State or country"), values.text(100)),
    Target("blood_group", _("Blood group"), values.blood_group),
    Target("emergency_name", _("Emergency contact"), values.name),
    Target("emergency_phone", _("Emergency contact's phone"), values.phone),
    Target("died_on", _("Died on"), values.past_day),
)
DOCTOR = (
    *NAMES,
    Target("department", _("Department"), values.text(80), _("Needed, unless all go to one department.")),
    Target("specialization", _("Specialization"), values.text(120)),
    NUMBER,
    Target("qualification", _("Qualification"), values.text(200)),
    Target("experience_years", _("Years of experience"), values.whole(80)),
    Target("fee", _("Consultation fee"), values.money),
    GENDER,
    PHONE,
    Target("languages", _("Languages"), values.text(200)),
    Target("about", _("About"), values.text(4000, lines=True)),
    Target("accepting_patients", _("Accepting patients"), values.yes),
)
OF = {"patients": PATIENT, "doctors": DOCTOR}


def squeezed(column):
    """A column's name as spellings are compared: FIRST_NAME, First name and first-name are one."""
    return re.sub(r"[\W_]", "", fold(column))


def is_heading(cells):
    """Whether a row looks like names of columns: one of them is known by name, or none holds a digit."""
    known = {spelling for kind, fields in OF.items() for one in fields for spelling in spellings.of(one.name, kind)}
    named = [cell for cell in cells if cell.strip()]
    return any(squeezed(cell) in known for cell in named) or not any(re.search(r"\d", cell) for cell in named)


def guess(kind, columns, rows):
    """{field: index of the column} from the columns' names; `rows` are some of the rows below."""
    names = [squeezed(column) for column in columns]
    found = {}
    for one in OF[kind]:
        known = spellings.of(one.name, kind)
        index = next((index for index, name in enumerate(names) if name in known), None)
        if index is not None:
            found[one.name] = index
    if "name" in found and {"first_name", "last_name"} <= found.keys():
        del found["name"]
    if kind == "patients" and FORMER in found and _are_ours(found[FORMER], rows):
        found["number"] = found.pop(FORMER)
    if kind == "doctors" and "department" not in found and "specialization" in found:
        found["department"] = found["specialization"]
    return found


def _are_ours(index, rows):
    texts = [plain(row[index]) for row in rows if index < len(row) and row[index].strip()]
    return bool(texts) and all(as_number(text) for text in texts)


def guess_dates(indexes, rows):
    """The order of the dates in some columns of some rows: day first where nothing tells."""
    orders = {"iso"} if indexes else {"dmy"}
    for row in rows:
        for index in indexes:
            found = values.PARTS.fullmatch(plain(row[index])) if index < len(row) else None
            if found and len(found[1]) != 4:
                orders.discard("iso")
                if int(found[1]) > 12:
                    orders.add("dmy")
                elif int(found[2]) > 12:
                    orders.add("mdy")
                else:
                    orders.add("")
    return next((order for order in ("dmy", "mdy", "iso") if order in orders), "dmy")
