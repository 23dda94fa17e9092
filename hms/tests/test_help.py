"""Help: one text for the README and the pages, readable by everybody, and no link in it leads nowhere."""

import re

import pytest
from django.conf import settings

from hms import manual
from hms.tests.world import VISITOR, Visitor

pytestmark = pytest.mark.django_db
PEOPLE = {"patient": "patient1", "doctor": "doctor1", "reception": "reception", "administrator": "administrator"}


def links(page):
    return re.findall(r'href="([^"#]+)"', page.partition('<div class="help">')[2].partition("</div>")[0])


def source(name):
    return (settings.BASE_DIR / "docs" / "help" / f"{name}.md").read_text()


def test_every_link_answers_for_whom_the_page_is_for_and_for_a_visitor(world):
    wrong, seen = [], 0
    for name, key in PEOPLE.items():
        visitor = Visitor(world, key)
        assert visitor.get("/help/").location == f"/help/{name}/"
        found = links(visitor.get(f"/help/{name}/").body)
        assert found
        wrong += [str(answer) for path in found if (answer := visitor.get(path)).status not in {200, 302}]
        wrong += [path for path in found if "own" in path.split("/")]
        # registering, for who is signed in already, and showing again who one is
        wrong += [path for path in found if visitor.get(path).status == 302 and not path.startswith("/account/")]
        seen += len(found)
    stranger = Visitor(world, VISITOR)
    assert stranger.get("/help/").location == "/help/patient/"
    for name in PEOPLE:
        answers = [stranger.get(path) for path in links(stranger.get(f"/help/{name}/").body)]
        wrong += [str(answer) for answer in answers if answer.status not in {200, 302}]
    assert wrong == []
    assert seen > 50


@pytest.mark.parametrize("name", manual.PAGES)
def test_a_page_says_what_the_file_says_and_the_readme_names_the_file(name, client):
    page, text = client.get(f"/help/{name}/"), source(name)
    assert f"(docs/help/{name}.md)" in (settings.BASE_DIR / "README.md").read_text()
    titles = re.findall(r"^## (.+)$", text, re.M)
    assert len(titles) == 10
    assert [title for title, _steps in page.context["help"].things] == titles
    assert len(re.findall(r"^\d+\. ", text, re.M)) == page.text.partition('<div class="help">')[2].count("<li>") - 3
    assert all(len(line) < 260 for line in text.splitlines())


def test_nobody_elses_id_stands_in_a_link(client, world):
    client.force_login(world.users["doctor1"])
    assert [link for link in links(client.get("/help/patient/").text) if "/chart/" in link] == []
    assert client.get("/help/nobody/").status_code == 404
    assert client.post("/help/patient/").status_code == 405
