"""The help pages: docs/help/<role>.md, shown as pages of the site. The README links to the same files."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import Role
from hms.lib import prose

FOLDER = settings.BASE_DIR / "docs" / "help"
PAGES = {
    "patient": (Role.PATIENT, _("Patients")),
    "doctor": (Role.DOCTOR, _("Doctors")),
    "reception": (Role.RECEPTION, _("Reception")),
    "administrator": (Role.ADMIN, _("Administrators")),
}
OWN = re.compile(r"\[([^\]]+)\]\((/(?:patients|doctors)/)own(/[^)]*)\)")  # a link to one's own record or hours


@dataclass(frozen=True)
class Help:
    """A page of help: its title, a sentence, and the things one does: [(title, HTML of the steps)]."""

    title: str
    lead: str
    things: tuple


def page_of(role):
    """The name of the page that is a role's own; visitors read what patients read."""
    return next((name for name, (whose, _words) in PAGES.items() if whose == role), "patient")


def read(name, language, own=None):
    """A page, in a language or in English. `own` is the id of the reader's record or hours; without, no link to it."""
    text = OWN.sub(lambda found: _link(*found.groups(), own), _text(name, language))
    head, *things = text.split("\n## ")
    title, _end, lead = head.removeprefix("# ").partition("\n")
    parts = (thing.partition("\n") for thing in things)
    return Help(title.strip(), lead.strip(), tuple((words, _steps(steps)) for words, _end, steps in parts))


@cache
def _text(name, language):
    translated = FOLDER / f"{name}.{language}.md"
    return (translated if translated.exists() else FOLDER / f"{name}.md").read_text(encoding="utf-8")


@lru_cache(maxsize=512)
def _steps(text):
    return prose.page(text)


def _link(words, before, after, own):
    return f"[{words}]({before}{own}{after})" if own else words
