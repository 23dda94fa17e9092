"""A mail's plain text laid out as HTML, so that each message has both. Pure, but for the template that draws it.

What stands in columns ("When:       Tue 24 Nov") becomes a table, the first address of this site that has a line for
itself a button, further ones links, the rest paragraphs. Every word is escaped by the template: a name stays a name.
"""

import re
from functools import cache
from pathlib import Path

from django.conf import settings
from django.template.loader import get_template
from django.utils import translation

FACT = re.compile(r"(\S.{0,60}?):[ \t]{2,}(\S.*)")
SIGNATURE = "--"  # mail programs know it: what follows is the sender
STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)


@cache
def style():
    """What mails look like."""
    return (Path(settings.BASE_DIR) / "static/css/mail.css").read_text()


def laid_out(title, text, *, site, sender):
    """HTML of a mail in plain text, in the active language. `site` is PUBLIC_URL, `sender` the hospital's name."""
    body, foot = parts(text, site=site, sender=sender)
    said = {"language": translation.get_language(), "rtl": translation.get_language_bidi()}
    return get_template("accounts/mail/_letter.html").render({"title": title, "parts": body, "foot": foot} | said)


def parts(text, *, site, sender):
    """([(what, content)], lines of the foot): what is "facts", "words", "link" (the first one) or "address"."""
    blocks = [block.splitlines() for block in re.split(r"\n\s*\n", text.strip())]
    foot = []
    if blocks[-1] and blocks[-1][0].strip() in {SIGNATURE, sender}:
        foot = [line.strip() for line in blocks.pop() if line.strip() != SIGNATURE]
    found = [part for block in blocks for part in _parts(block, site)]
    first = next((part for part in found if part[0] == "address"), None)
    return [("link", content) if (what, content) == first else (what, content) for what, content in found], foot


def _parts(lines, site):
    """The parts of one block of lines; lines of the same sort that follow each other are one part."""
    found = []
    for line in lines:
        what, content = _part(line.strip(), site)
        if what == "address":
            found.append((what, content))
        elif found and found[-1][0] == what:
            found[-1][1].append(content)
        else:
            found.append((what, [content]))
    return found


def _part(line, site):
    if fact := FACT.fullmatch(line):
        return "facts", fact.groups()
    if line.startswith(f"{site}/") and " " not in line:
        return "address", line
    return "words", line
