"""What is sealed opens here, under its name, for its time, and tells nothing to anybody else."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from hms.lib import sealed

NOW = datetime(2026, 11, 24, 9, 10, tzinfo=UTC)
OLD, NEW = ("old key " * 9, "new key " * 9)


def sealed_now(value="Migraine", name="chart:7"):
    return sealed.seal(value, name=name)


def opens(token, name="chart:7", seconds=300):
    try:
        return sealed.opened(token, name=name, seconds=seconds)
    except sealed.Unreadable:
        return None


def test_what_was_sealed_opens_under_its_name_and_holds_no_readable_word():
    token = sealed_now({"found": ["Migraine"]})
    assert opens(token) == {"found": ["Migraine"]}
    assert b"Migraine" not in token
    assert opens(token, name="chart:8") is None


def test_it_opens_as_long_as_it_is_kept_and_no_longer():
    with time_machine.travel(NOW, tick=False):
        token = sealed_now()
    for later, found in ((300, "Migraine"), (302, None)):
        with time_machine.travel(NOW + timedelta(seconds=later), tick=False):
            assert opens(token) == found


def test_an_earlier_key_opens_while_the_settings_know_it(settings):
    settings.SECRET_KEY = OLD
    token = sealed_now()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    assert opens(token) == "Migraine"
    settings.SECRET_KEY_FALLBACKS = []
    assert opens(token) is None
    assert opens(sealed_now()) == "Migraine"


@pytest.mark.parametrize("broken", [b"", b"nonsense", "words", 7, (1,), None])
def test_what_was_not_sealed_here_does_not_open(broken):
    assert opens(broken) is None


def test_one_changed_byte_is_noticed():
    token = sealed_now()
    for place in (0, len(token) // 2, len(token) - 5):
        assert opens(token[:place] + bytes([token[place] ^ 1]) + token[place + 1 :]) is None
