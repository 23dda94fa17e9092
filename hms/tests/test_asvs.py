"""docs/security/asvs.md has a row for each requirement, and names only files, settings and tests that exist."""

import re
from functools import cache

import pytest

from hms.testing import ROOT

PAGE = ROOT / "docs/security/asvs.md"
STATES = {"met", "partly", "not met", "not applicable"}
REQUIRED = """
V1.1: 2 / V1.2: 1 2 3 4 5 10 / V1.3: 2 3 6 7 11 12 / V1.4: 2 / V1.5: 2 / V2.1: 1 2 3 / V2.2: 1 2 3 /
V2.3: 1 2 3 4 / V2.4: 1 / V3.2: 1 2 / V3.3: 1 2 3 4 / V3.4: 1 2 3 4 5 6 7 8 / V3.5: 1 3 8 / V3.6: 1 / V3.7: 2 /
V4.1: 1 3 4 / V4.2: 1 / V5.1: 1 / V5.2: 1 2 3 4 6 / V5.3: 1 2 / V5.4: 1 2 3 / V6.1: 1 2 /
V6.2: 1 2 3 4 5 6 7 8 9 10 11 12 / V6.3: 1 2 3 4 5 7 8 / V6.4: 1 2 3 6 / V6.5: 1 5 / V6.6: 3 / V7.1: 1 2 /
V7.2: 1 2 3 4 / V7.3: 1 2 / V7.4: 1 2 3 4 5 / V7.5: 1 2 3 / V8.1: 1 2 / V8.2: 1 2 3 / V8.3: 1 2 / V11.2: 1 /
V11.4: 1 2 / V11.5: 1 / V12.1: 1 / V12.2: 1 / V12.3: 1 2 / V13.1: 1 2 3 / V13.2: 2 3 / V13.3: 1 /
V13.4: 1 2 3 4 5 6 / V14.1: 1 2 / V14.2: 1 2 3 4 5 6 7 / V14.3: 1 2 3 / V15.1: 1 2 3 / V15.2: 1 2 3 /
V15.3: 1 3 4 7 / V15.4: 1 2 / V16.1: 1 / V16.2: 1 2 5 / V16.3: 1 2 3 4 / V16.4: 1 2 3 / V16.5: 1 2 3 4
"""
FILE = re.compile(r"`((?:[\w.-]+/)+[\w.-]+|[\w.-]+\.(?:md|lock|example))`")
SETTING = re.compile(r"`([A-Z][A-Z_]{3,})`")
TEST = re.compile(r"`([\w/]+\.py)::(test_\w+)`")


def required():
    """The ids of the requirements that concern us, in their order."""
    sections = (part.strip().split(": ") for part in REQUIRED.split("/"))
    return [f"{section}.{number}" for section, numbers in sections for number in numbers.split()]


def rows():
    """The cells of each row: id, what it asks, state, where, held by."""
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("| V")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


@cache
def names_of_tests(path):
    return set(re.findall(r"^\s*def (test_\w+)\(", (ROOT / path).read_text(), re.MULTILINE))


def test_every_requirement_has_one_row_in_its_order():
    assert [row[0] for row in rows()] == required()
    assert len(required()) == 170


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_a_row_says_how_it_stands_and_names_what_exists(row):
    assert len(row) == 5
    assert all(row)
    _id, _asks, state, where, held = row
    state = state.strip("*")
    assert state in STATES
    assert ("Needed: " in where) == (state in {"partly", "not met"})
    assert FILE.search(where)
    for path in FILE.findall(where):
        assert (ROOT / path).exists(), path
    settings = (ROOT / "hms/settings.py").read_text()
    for name in SETTING.findall(where):
        assert re.search(rf"\b{name}\b", settings), name
    found = TEST.findall(held)
    assert found or held == "no test" or "`make check`" in held
    assert held.count("::") == len(found)
    for path, name in found:
        assert name in names_of_tests(path), f"{path}::{name}"


def test_the_count_of_states_is_what_the_rows_say():
    states = [row[2].strip("*") for row in rows()]
    met, partly, none, other = (states.count(state) for state in ("met", "partly", "not met", "not applicable"))
    counted = f"Of {len(states)} requirements {met} are met, {partly} partly, {none} not, {other} do not apply."
    assert counted in PAGE.read_text()
