"""Every page of every role under axe (WCAG 2.2 AA) and at 320 pixels, light and dark. A page is loaded once."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from hms.access import declared
from hms.tests.world import VISITOR, World

# Who, and which share of their pages: an administrator has so many that several tests share them.
SHARES = [(VISITOR, 0, 1), ("patient1", 0, 1), ("doctor1", 0, 1), ("reception", 0, 1),
          *(("administrator", share, 6) for share in range(6))]  # fmt: skip
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # what is well takes as long to report as to find
}
MODES = [(1280, "light"), (320, "dark")]

pytestmark = [pytest.mark.slow, pytest.mark.once, pytest.mark.xdist_group("browser"), pytest.mark.timeout(600)]


@pytest.fixture
def world(transactional_db):
    return World()


def pages(world, key):
    """An address per page that is for this person and not for everybody, the administration site aside."""
    yield "/"
    for url in declared():
        mine = url.roles is None if key == VISITOR else url.roles and world.users[key].role in url.roles
        if mine and "GET" in url.methods and not url.route.startswith("/admin/"):
            yield world.address(url)


def faults(page, where):
    """What axe finds, and whether anything is wider than the screen."""
    for width, scheme in MODES:
        # as tall as the page: what lies under the bar at the bottom would count as too small to press
        page.set_viewport_size({"width": width, "height": 800})
        page.set_viewport_size({"width": width, "height": page.evaluate("document.documentElement.scrollHeight")})
        page.emulate_media(color_scheme=scheme)
        for fault in Axe().run(page, options=RULES).response["violations"]:
            yield f"{where} {width} {scheme}: {fault['id']}: {fault['nodes'][0]['html'][:200]}"
        if (real := page.evaluate("document.documentElement.scrollWidth")) > width:
            yield f"{where}: {real} pixels wide on a screen of {width}"


@pytest.mark.parametrize(("key", "share", "shares"), SHARES)
def test_every_page_is_accessible_and_fits_the_smallest_phone(world, open_as, key, share, shares):
    # axe brings a script of its own; colours on their way from light to dark have no contrast yet
    page = open_as(world.users.get(key), bypass_csp=True, reduced_motion="reduce")
    found, seen = [], 0
    for where in list(pages(world, key))[share::shares]:
        reached = page.request.get(where, max_redirects=0)
        if reached.status != 200 or "text/html" not in reached.headers["content-type"]:
            continue
        page.goto(where)
        found += faults(page, where)
        seen += 1
    assert seen >= 8
    assert "\n".join(found) == ""
