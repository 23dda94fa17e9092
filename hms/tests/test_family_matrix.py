"""Every URL as a guardian who reads and as one who only books: what of the child opens, and whose words are read."""

import pytest

from hms.access import declared
from hms.tests.world import Visitor

URLS = [url for url in declared() if url.ours]
CHILD = 2  # the place of the child's ids in World
CHILDS_OWN = {"appointments", "encounters", "exports", "family", "patients"}
# What a guardian of a child may open of it, by name, when reading and when only booking.
BOOKING = {
    "scheduling:appointment-detail",
    "scheduling:appointment-ics",
    "scheduling:appointment-reschedule",
    "scheduling:appointment-times",
    "scheduling:appointment-cancel",
    "clinic:guardianship-give-up",
    "clinic:ward-edit",
}
READING = BOOKING | {
    "records:chart-detail",
    "records:history-edit",
    "records:opening-list",
    "records:encounter-detail",
    "records:export-detail",
    "records:export-download",
}

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def world(world):
    guardians = world.seed["children"]["child"]["guardians"]
    world.side = {key: entry["guardianship_id"] for key, entry in guardians.items()}
    return world


def of_the_child(url):
    return "GET" in url.methods and url.route.partition("/<id:")[0].rpartition("/")[2] in CHILDS_OWN


def address(world, url, key, which=0):
    """The address with the child's ids, and with one's own side of the guardianship."""
    if url.route.startswith("/family/<id:") and key in world.side:
        return url.route.replace("<id:pk>", str(world.side[key]))
    return world.address(url, CHILD, which)


@pytest.mark.parametrize(("key", "opened"), [("guardian", READING), ("helper", BOOKING)])
def test_what_opens_of_the_child_is_what_the_scope_says(key, opened, world):
    visitor, found = Visitor(world, key), {}
    for url in [url for url in URLS if of_the_child(url)]:
        found[url.name] = visitor.get(address(world, url, key)).status
    assert {name for name, status in found.items() if status in {200, 302, 409}} == opened
    assert set(found.values()) <= {200, 302, 403, 404, 409}
    assert visitor.leaks == []


def test_what_a_helper_may_not_read_looks_like_what_is_not_there(world):
    visitor, wrong = Visitor(world, "helper"), []
    for url in [url for url in URLS if of_the_child(url) and url.name in READING - BOOKING]:
        theirs, missing = visitor.get(world.address(url, CHILD)), visitor.get(world.address(url, None))
        if (theirs.status, theirs.body) != (missing.status, missing.body):
            wrong.append(str(theirs))
    assert wrong == []


@pytest.mark.parametrize("key", ["guardian", "helper", "doctor3"])
def test_everybody_reads_their_words_of_the_child_and_no_others(key, world):
    visitor = Visitor(world, key)
    child = world.seed["children"]["child"]["patient_id"]
    for url in [url for url in URLS if "GET" in url.methods]:
        for where in sorted({address(world, url, key, which) for which in range(4)}):
            visitor.get(where)
        visitor.get(f"{world.address(url, CHILD)}?patient={child}")
    assert visitor.leaks == []
    unseen = {where for word, where in visitor.own.items() if where.startswith("child:") and word not in visitor.seen}
    assert unseen <= ({"child:staffnotes"} if key == "guardian" else set())


@pytest.mark.parametrize("key", ["patient1", "doctor1", "doctor2"])
def test_strangers_find_nothing_of_the_child(key, world):
    visitor, opened = Visitor(world, key), []
    for url in [url for url in URLS if of_the_child(url)]:
        for method in {"GET", "POST"} & set(url.methods):
            answer = visitor.ask(method, world.address(url, CHILD), {"reason": "x"})
            if answer.status not in {403, 404, 405}:
                opened.append(str(answer))
    assert opened == []
    assert visitor.leaks == []


@pytest.mark.parametrize("key", ["guardian", "helper"])
def test_nobody_elses_id_in_a_parameter_opens_anything(key, world):
    visitor, wrong = Visitor(world, key), []
    theirs = {"patient": world.ids["patients"][1][0]}
    for url in URLS:
        for method in {"GET", "POST"} & set(url.methods):
            answer = visitor.ask(method, f"{world.address(url, CHILD)}?patient={theirs['patient']}", theirs)
            if answer.status >= 500:
                wrong.append(str(answer))
    assert wrong == []
    assert visitor.leaks == []
