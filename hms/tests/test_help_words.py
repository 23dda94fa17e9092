"""What help puts in quotation marks is what people press: it stands, word for word, on a page that this role opens."""

import re

import pytest
from django.conf import settings

from hms.access import declared
from hms.tests.test_help import PEOPLE, source
from hms.tests.world import Visitor

# What stands on a page only in a state that World does not have, and where it is said.
SOMETIMES = {
    "Check in": "scheduling/actions.py",
    "No-show": "scheduling/actions.py",
    "Send a link to an account": "templates/clinic/_claim_actions.html",
    "Send again": "templates/accounts/message_list.html",
    "Write my history": "templates/records/_history.html",
}

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]


def pressed(name):
    """What the help of a role puts in quotation marks, but for keys and placeholders."""
    return {words for words in re.findall(r"“([^”]+)”", source(name)) if len(words) > 1}


def words_of(page):
    """What can be read on a page, in one line for each thing that is pressed."""
    found = re.findall(r"<(a|button|summary|label|th|h[1-6])\b[^>]*>(.*?)</\1>", page, re.S)
    return {" ".join(re.sub(r"<[^>]+>", " ", inner).split()) for _tag, inner in found}


@pytest.mark.parametrize("name", PEOPLE)
def test_what_is_to_be_pressed_is_there(name, world):
    visitor, left = Visitor(world, PEOPLE[name]), pressed(name)
    assert left
    role = world.users[PEOPLE[name]].role
    for url in declared():
        if not url.ours or "GET" not in url.methods or (url.roles is not None and role not in url.roles):
            continue
        for address in world.addresses(url) if left else ():
            answer = visitor.get(address)
            if answer.status == 200:
                there = words_of(answer.body)
                left = {words for words in left if not any(words in said for said in there)}
    for words in left & set(SOMETIMES):
        assert f'"{words}"' in (settings.BASE_DIR / SOMETIMES[words]).read_text(encoding="utf-8")
    assert left <= set(SOMETIMES)
