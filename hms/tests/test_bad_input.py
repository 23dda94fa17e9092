"""Every form of every page, with what nobody should type in one field after the other: words beside it, never a 500."""

import random
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.utils import timezone

from hms.access import declared
from hms.tests.world import VISITOR, Visitor

PEOPLE = [VISITOR, "patient1", "doctor1", "reception", "administrator"]
VALUES = [
    "",
    "a\0b",
    "x" * 5000,
    "\u202eمرحبا\u202c \U0001f469\u200d\u2695\ufe0f",
    "9" * 40,
    "-1e999",
    "0001-01-01",
    "9999-12-31",
    "2026-02-30",
]
TYPED = {"text", "search", "email", "tel", "number", "date", "time", "datetime-local", "textarea", "password"}
STATUSES = {200, 302, 400, 403, 404, 405, 409, 422, 429}

pytestmark = pytest.mark.django_db


def plausible(kind):
    """What somebody might well type into an input of that type."""
    tomorrow = timezone.localdate() + timedelta(days=1)
    words = {
        "email": "somebody@example.org",
        "tel": "+49 30 901820",
        "number": "30",
        "date": tomorrow.isoformat(),
        "time": "10:00",
        "datetime-local": f"{tomorrow}T10:00",
    }
    return words.get(kind, "word")


class Filled(HTMLParser):
    """The POST forms of a page as a browser would send them: [(action, {name: value}, names one types into)]."""

    def __init__(self, page):
        super().__init__()
        self.found, self.values, self.typed, self.choice, self.text = [], None, set(), None, None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        name, kind = said.get("name"), said.get("type", "text") if tag == "input" else tag
        if tag == "form" and said.get("method", "").lower() == "post":
            self.values, self.typed = {}, set()
            self.found.append((said.get("action") or "", self.values, self.typed))
        elif self.values is None:
            return
        elif tag == "option" and self.choice and (said.get("value") or "selected" in said):
            if "selected" in said or not self.values.get(self.choice):
                self.values[self.choice] = said.get("value", "")
        elif name:
            self.remember(name, kind, said)

    def remember(self, name, kind, said):
        self.choice = name if kind == "select" else None
        if kind in TYPED:
            self.typed.add(name)
            self.values[name] = said.get("value") or plausible(kind)
        elif kind not in {"checkbox", "radio", "file"} or "checked" in said:
            self.values.setdefault(name, said.get("value", ""))

    def handle_endtag(self, tag):
        if tag == "form":
            self.values = None


def forms_of(visitor, world):
    """(path, values, typed) of every POST form this person meets on pages that are theirs; each form once.

    The pages of a world are walked through once for each person.
    """
    if visitor.key not in world.forms:
        world.forms[visitor.key] = list(met_by(visitor, world))
    return world.forms[visitor.key]


def met_by(visitor, world):
    met = {}
    for url in declared():
        if "GET" in url.methods and not url.route.startswith("/admin/"):
            page = visitor.get(where := world.address(url))
            for action, values, typed in Filled(page.body).found if page.status == 200 else []:
                met[action or where, tuple(sorted(values))] = (action or where, values, typed)
    return met.values()


def attempts(values, typed):
    """The form as it is, left out, doubled; then nonsense in every field at once, and in one after the other."""
    yield values
    yield {}
    yield {name: [value, "2"] for name, value in values.items()}
    for nonsense in VALUES:
        yield values | dict.fromkeys(typed, nonsense)
    for name in sorted(typed):
        nonsense = random.Random(name + str(len(values))).choice(VALUES)  # the same with every run
        yield values | {name: nonsense}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("key", PEOPLE)
def test_no_form_filled_with_nonsense_is_a_500(world, key):
    visitor, broken, sent = Visitor(world, key), [], 0
    for path, values, typed in forms_of(visitor, world):
        for data in attempts(values, typed):
            answer = visitor.ask("POST", path, data)
            sent += 1
            if answer.status not in STATUSES:
                broken.append(f"{answer} with { ({name: str(value)[:20] for name, value in data.items()}) }")
    assert sent > 20
    assert broken == []
