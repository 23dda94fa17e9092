"""What a browser says about itself, in words for people."""

import re

# The first that is named counts: nearly all claim to be several.
BROWSERS = (
    ("Edge", r"Edg(?:e|A|iOS)?/"),
    ("Opera", r"OPR/|Opera"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/|Chromium/"),
    ("Safari", r"Safari/"),
)
SYSTEMS = (
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("ChromeOS", r"CrOS"),
    ("Mac", r"Macintosh|Mac OS X"),
    ("Linux", r"Linux|X11"),
)


def described(agent):
    """ "Firefox, Windows" for a User-Agent header; its first word where it is no browser; empty when there is none."""
    browser, system = _first(BROWSERS, agent), _first(SYSTEMS, agent)
    if browser or system:
        return ", ".join(part for part in (browser, system) if part)
    return re.sub(r"[^\w./ -]", "", agent.partition("/")[0])[:60].strip()


def _first(kinds, agent):
    return next((name for name, pattern in kinds if re.search(pattern, agent)), "")
