"""What a browser says about itself, in words."""

import pytest

from hms.lib.devices import described


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0", "Edge, Windows"),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (iPad; CPU OS 17_5) AppleWebKit/605.1 Version/17.5 Safari/604.1", "Safari, iPad"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox, Linux"),
        ("curl/8.5", "curl"),
        ("<script>alert(1)</script>", "scriptalert1"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_browser_and_its_system_are_named(agent, words):
    assert described(agent) == words


def test_nothing_long_comes_out():
    assert len(described("x" * 5000)) <= 60
