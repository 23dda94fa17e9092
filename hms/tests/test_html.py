"""The HTML of every page is well-formed: what is opened is closed in order, nests as it may, and names each id once."""

from collections import Counter
from html.parser import HTMLParser

import pytest

from hms.access import declared
from hms.tests.world import VISITOR, Visitor

PEOPLE = [VISITOR, "patient1", "doctor1", "reception", "administrator"]
EMPTY = {"meta", "link", "input", "img", "br", "hr", "source", "col", "wbr"}
BLOCKS = {"div", "p", "ul", "ol", "dl", "table", "section", "form", "h1", "h2", "h3", "article", "fieldset", "details"}
ONLY_TEXT = {"p", "span", "button", "label", "h1", "h2", "h3"}
CHILDREN = {"ul": {"li", "template"}, "ol": {"li", "template"}, "dl": {"div", "dt", "dd"}, "tr": {"td", "th"}}

pytestmark = [pytest.mark.django_db, pytest.mark.once]


class Faults(HTMLParser):
    """What is wrong with a page: [words with the line]."""

    def __init__(self, text):
        super().__init__()
        self.found, self.open, self.ids = [], [], Counter()
        self.feed(text)
        self.found += [f"<{tag}> is never closed" for tag in self.open]
        self.found += [f"id {name} stands {number} times" for name, number in self.ids.items() if number > 1]

    def say(self, words):
        self.found.append(f"{words}, line {self.getpos()[0]}")

    def handle_starttag(self, tag, attrs):
        if len(dict(attrs)) != len(attrs):
            self.say(f"<{tag}> names an attribute twice")
        if name := dict(attrs).get("id"):
            self.ids[name] += 1
        if tag in BLOCKS and (around := ONLY_TEXT & set(self.open)):
            self.say(f"<{tag}> inside {around}")
        if tag in {"a", "button", "form"} and tag in self.open:
            self.say(f"<{tag}> inside itself")
        if self.open and tag not in CHILDREN.get(self.open[-1], {tag}):
            self.say(f"<{tag}> as a child of <{self.open[-1]}>")
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        """<path/>: nothing to close."""

    def handle_endtag(self, tag):
        if not self.open or self.open[-1] != tag:
            self.say(f"</{tag}> where {self.open[-1:]} is open")
        elif tag not in EMPTY:
            self.open.pop()


def test_the_checker_finds_what_is_wrong():
    assert Faults("<ul><li>a</li></ul>").found == []
    assert Faults("<ul><b>a</b></ul><p><div></div></p>").found == [
        "<b> as a child of <ul>, line 1",
        "<div> inside {'p'}, line 1",
    ]
    assert Faults("<i id=a></i><i id=a><b></i></b>").found[0] == "</i> where ['b'] is open, line 1"


@pytest.mark.parametrize("key", PEOPLE)
def test_every_page_is_well_formed(key, world):
    visitor, wrong, seen = Visitor(world, key), [], 0
    for url in declared():
        if "GET" in url.methods and not url.route.startswith("/admin/"):
            page = visitor.get(world.address(url))
            if "<html" in page.body:
                seen += 1
                wrong += [f"{page}: {fault}" for fault in Faults(page.body).found]
    assert seen >= 15
    assert wrong == []
