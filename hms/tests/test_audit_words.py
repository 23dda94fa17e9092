"""Every act that the program puts on record has words for the people who read the trail."""

import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts import audit
from accounts.models import AuditEvent

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


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "–"),
        (True, "yes"),
        (["phone", False], "phone, no"),
        ("2026-07-01T14:48:05.123Z", "2026-07-01 16:48"),
        ("2026-07-01T14:48+00:00", "2026-07-01 16:48"),
        ("2026-99-99T99:99Z", "2026-99-99T99:99Z"),
        ("9999-12-31T23:59Z", "9999-12-31T23:59Z"),
        ("seen on 2026-07-01T14:48Z", "seen on 2026-07-01T14:48Z"),
        (3, "3"),
    ],
)
def test_what_an_act_was_about_reads_like_words(value, words):
    with timezone.override(ZoneInfo("Europe/Berlin")):
        assert AuditEvent(detail={"is_it": value}).details == [("is it", words)]
