"""`.env.example` names every setting that the code reads, and no other."""

import re
from pathlib import Path

from hms import testing

ROOT = Path(__file__).resolve().parents[2]


def documented():
    return set(re.findall(r"^#?([A-Z][A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))


def read_by_settings():
    return set(re.findall(r"""(?:value|number)\(\s*"([A-Z_]+)\"""", (ROOT / "hms/settings.py").read_text()))


def test_every_setting_is_documented():
    assert read_by_settings() - documented() == set()


def test_nothing_is_documented_that_is_not_read():
    sources = [path for app in ("hms", "accounts") for path in (ROOT / app).rglob("*.py") if "tests" not in path.parts]
    code = "\n".join(path.read_text() for path in [*sources, ROOT / "conftest.py"])
    assert [name for name in documented() if f'"{name}"' not in code] == []


def test_tests_never_see_a_developers_settings():
    assert read_by_settings() - testing.OURS == set()
