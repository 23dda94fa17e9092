"""docs/contract.md names every form that changes something, and every field that such a form sends."""

import re
from collections import defaultdict
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import resolve

from hms.access import declared
from hms.tests.world import VISITOR, Forms, Visitor

ROW = re.compile(r"^\| `([\w:-]+)` \| `([^`]+)` \| (.*) \|$", re.MULTILINE)
# Django's own: tokens and counters of row sets, and the row that JavaScript copies; `whose` helps password managers.
NOT_OURS = re.compile(r"csrfmiddlewaretoken|.*_FORMS|.*__prefix__.*|whose")


def documented():
    """{name: (address, {field})} from the tables of the page."""
    page = Path(settings.BASE_DIR, "docs/contract.md").read_text(encoding="utf-8")
    rows = {name: (address, set(re.findall(r"`([^`]+)`", fields))) for name, address, fields in ROW.findall(page)}
    rows["records:encounter-amend"][1].update(rows["records:encounter-write"][1])
    rows["records:allergy-edit"][1].update(rows["records:allergy-create"][1])
    return rows


def test_every_address_that_takes_a_form_is_described():
    changing = {url for url in declared() if "POST" in url.methods and not url.route.startswith("/admin/")}
    told = {name: address for name, (address, _fields) in documented().items()}
    assert told == {url.name: re.sub(r"<\w+:(\w+)>", placeholder, url.route) for url in changing}


def placeholder(found):
    """As people write it: <id:pk> is <id>."""
    kind, name = found[0][1:-1].split(":")
    return f"<{name if kind == 'str' else kind}>"


@pytest.mark.django_db
@pytest.mark.once
def test_every_field_of_every_form_is_described(world):
    sent = defaultdict(set)
    for key in (VISITOR, "patient1", "doctor1", "reception", "administrator"):
        visitor = Visitor(world, key)
        for address in pages(world, key):
            for form in Forms(visitor.get(address).body).found:
                if form["method"] == "post":
                    target = resolve((form["action"] or address).partition("?")[0]).view_name
                    sent[target] |= {re.sub(r"-\d+-", "-N-", name) for name in form["fields"]}
    told = {name: fields for name, (_address, fields) in documented().items()}
    missing = {
        target: unknown
        for target, fields in sent.items()
        if (unknown := {name for name in fields - told[target] if not NOT_OURS.fullmatch(name)})
    }
    assert missing == {}


def pages(world, key):
    """Where this person is admitted; who is not is shown no form but those that every page has."""
    return [
        address
        for url in declared()
        if "GET" in url.methods and not url.route.startswith("/admin/")
        if url.roles is None or (key != VISITOR and world.users[key].role in url.roles)
        for address in world.addresses(url)
    ]
