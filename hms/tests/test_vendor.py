"""What browsers load comes from here, is what was fetched, and is all there."""

import hashlib
import json
import re

import pytest

from hms.vendor import ICONS, VENDOR, without_source_map

ROOT = VENDOR.parent.parent
MANIFEST = json.loads((VENDOR / "manifest.json").read_text())
TEMPLATES = sorted([*ROOT.glob("templates/**/*.html"), *ROOT.glob("*/templates/**/*.html")])
OTHER_HOST = re.compile(r"""(?:src|href|action)=["'](?:https?:)?//""")


@pytest.mark.parametrize("library", MANIFEST)
def test_vendored_files_are_those_that_were_fetched(library):
    sums = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (VENDOR / library).iterdir()}
    assert sums == MANIFEST[library]["sha256"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", MANIFEST[library]["version"])


@pytest.mark.parametrize("library", MANIFEST)
def test_every_library_keeps_its_licence(library):
    assert "permi" in (VENDOR / library / "LICENSE").read_text().lower()


def test_nothing_is_vendored_without_being_in_the_manifest():
    assert {path.name for path in VENDOR.iterdir() if path.is_dir()} == set(MANIFEST)


def test_no_file_names_a_source_map():
    texts = [path.read_text() for path in VENDOR.rglob("*.*") if path.is_file()]
    assert len(texts) > 3
    assert not any("sourceMappingURL" in text for text in texts)


def test_source_map_comments_are_cut_and_nothing_else():
    assert without_source_map("a{}\n/*# sourceMappingURL=x.css.map */") == "a{}\n"
    assert without_source_map("f();\n//# sourceMappingURL=x.js.map\n") == "f();\n"


def sprite_names():
    return set(re.findall(r'<symbol id="([^"]+)"', (VENDOR / "bootstrap-icons" / "icons.svg").read_text()))


def test_sprite_holds_the_icons_of_the_list():
    assert sprite_names() == set(ICONS.read_text().split())


def test_every_icon_that_is_named_is_in_the_sprite():
    named = set()
    for path in [*TEMPLATES, *ROOT.glob("[achrs]*/**/*.py")]:
        named.update(re.findall(r"""(?:\{% icon |\bicon=)["']([a-z0-9-]+)["']""", path.read_text()))
    assert {"calendar-check", "key"} <= named
    assert named - sprite_names() == set()


def test_every_icon_the_navigation_and_the_errors_name_is_in_the_sprite():
    from hms import errors
    from hms.context import PLACES

    named = {place.icon for places in PLACES.values() for place in places} | {page.icon for page in errors.PAGES}
    assert named - sprite_names() == set()


def test_no_template_loads_anything_from_another_host():
    assert {path.name for path in TEMPLATES if OTHER_HOST.search(path.read_text())} == set()


def test_no_template_relies_on_bootstraps_script_which_is_not_loaded():
    assert {path.name for path in TEMPLATES if "data-bs-toggle" in path.read_text()} == set()
    assert {path.name for path in TEMPLATES if "data-bs-dismiss" in path.read_text()} == set()


def test_no_page_has_inline_script_or_style():
    inline = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:", re.IGNORECASE)
    pages = [path for path in TEMPLATES if "/mail/" not in path.as_posix()]
    assert {path.name for path in pages if inline.search(path.read_text())} == set()
