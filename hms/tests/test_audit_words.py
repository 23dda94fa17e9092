"""Every act that the program puts on record has words for the people who read the trail."""

import re
from pathlib import Path

import pytest

from accounts import audit

ROOT = Path(__file__).resolve().parents[2]
RECORDED = re.compile(r'audit\.record\(\s*[^,()]+(?:\([^()]*\))?,\s*"([a-z_]+\.[a-z_]+)"|\baction="([a-z_]+\.[a-z_]+)"')


def acts():
    """The actions written out in the code, tests left out."""
    for app in ("accounts", "clinic", "scheduling", "records", "hms"):
        for path in (ROOT / app).rglob("*.py"):
            if "tests" not in path.parts:
                for first, second in RECORDED.findall(path.read_text()):
                    yield first or second


@pytest.mark.parametrize("action", sorted(set(acts())))
def test_every_act_on_record_has_words(action):
    assert action in dict(audit.actions())
