"""Two patients side by side, as administrators may see them: who they are, counts and dates. Nothing clinical."""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from clinic import merging
from clinic.models import Gender, Patient
from clinic.services.merging import CHOICES

FIRST, SECOND = "first", "second"


@dataclass
class Row:
    """One line of the comparison: what each of the two says. `name` where one chooses, `picked` the likely choice."""

    label: str
    first: object
    second: object
    name: str = ""
    picked: str = ""

    @property
    def differs(self):
        return self.first != self.second


def rows(pair, chosen):
    """Every line of the comparison; `chosen` is {name: FIRST or SECOND}."""
    lines = [*personal(pair), *accounts(pair), *counted(pair)]
    for line in lines:
        line.picked = chosen.get(line.name, "")
    return lines


def personal(pair):
    """What a person can choose from either, in words."""
    choices = set(differing(pair))
    for name in CHOICES:
        label = capfirst(Patient._meta.get_field(name).verbose_name)
        yield Row(label, said(pair.first, name), said(pair.second, name), name if name in choices else "")


def differing(pair):
    """The names of CHOICES in which the two say different things."""
    return [name for name in CHOICES if getattr(pair.first, name) != getattr(pair.second, name)]


def said(patient, name):
    """What a column says, in words."""
    value = getattr(patient, name)
    if name in {"gender", "blood_group"}:
        return getattr(patient, f"get_{name}_display")()
    return date_format(value, "SHORT_DATE_FORMAT") if name in {"birth_date", "died_on"} and value else str(value or "")


def day_of(at):
    """The day of an instant in the current zone, which is the hospital's while a request lasts."""
    return date_format(timezone.localtime(at), "SHORT_DATE_FORMAT")


def accounts(pair):
    both = pair.first.user_id and pair.second.user_id
    yield Row(_("Account"), account_of(pair.first), account_of(pair.second), "account" if both else "")
    yield Row(_("Registered"), *(day_of(row.created_at) for row in (pair.first, pair.second)))


def account_of(patient):
    """The address of somebody's account, and when it was last used."""
    if patient.user is None:
        return ""
    if patient.user.is_blocked:
        return _("%(email)s (blocked)") % {"email": patient.user.email}
    seen = patient.user.last_login
    words = _("%(email)s, last sign-in %(day)s") if seen else _("%(email)s, never signed in")
    return words % {"email": patient.user.email, "day": seen and day_of(seen)}


def counted(pair):
    """What the apps know of both, and how many rows of each kind they have."""
    for ask in merging.facts:
        for (label, first), (_label, second) in zip(ask(pair.first), ask(pair.second), strict=True):
            yield Row(label, first, second)
    for entry in merging.moving():
        if not entry.named:  # these are told of by their app's facts
            first, second = (entry.of(patient).count() for patient in (pair.first, pair.second))
            if first or second:
                yield Row(capfirst(entry.words(2)), first, second)


def likely_survivor(pair):
    """FIRST or SECOND: who has an account, used most recently; else who was registered first."""

    def rank(patient):
        used = patient.user.last_login.timestamp() if patient.user and patient.user.last_login else 0
        return bool(patient.user), used, -patient.pk

    return FIRST if rank(pair.first) > rank(pair.second) else SECOND


def likely_source(pair, name, survivor):
    """Whose value of a column to keep, unless somebody says otherwise: the survivor's, where it says anything."""
    mine, other = (pair.first, SECOND) if survivor == FIRST else (pair.second, FIRST)
    return survivor if getattr(mine, name) not in {"", None, Gender.UNKNOWN} else other


def tables(entries):
    """[(what, how many, names of some)] of rows: for pages that tell what moves."""
    found = []
    for entry, ids in entries:
        some = [str(row) for row in entry.rows(pk__in=ids[:5])] if entry.named else []
        found.append((entry.words(len(ids)), len(ids), some))
    return found
