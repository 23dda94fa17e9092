"""The language of the hospital's own message texts: plain words and {{ names }}, nothing else. Pure.

A name stands for a plain string that the program has made. It is looked up in a dict: no dots are walked, nothing is
called, no tags, no filters. What stands in a value is not read again.
"""

import re

from django.utils.translation import gettext as _

from hms.lib import prose

NAME = re.compile(r"\{\{\s*([a-z][a-z0-9_.]*)\s*\}\}")
BRACES = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
MASK = re.compile(r"xqhms\d+placeholderqx")
EMPTY_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")


def token(name):
    """{{ name }}, as people write it."""
    return "{{ " + name + " }}"


def used(text):
    """The names that stand in a text."""
    return set(NAME.findall(text))


def problems(text, *, allowed, required=()):
    """What is wrong with a text, in sentences that say what is allowed; none when it can be used."""
    listed = ", ".join(token(name) for name in allowed) or _("none")
    found = []
    if unknown := sorted(used(text) - set(allowed)):
        words = _("There is no %(name)s in this message. These placeholders can be used here: %(allowed)s.")
        found += [words % {"name": token(name), "allowed": listed} for name in unknown]
    elif BRACES.search(NAME.sub("", text)):
        words = _("Double braces only stand around one of these placeholders: %(allowed)s.")
        found.append(words % {"allowed": listed})
    if missing := [name for name in required if name not in used(text)]:
        words = _("%(name)s is missing: without it the message is of no use.")
        found += [words % {"name": token(name)} for name in missing]
    return found


def link_problems(text, *, linked):
    """What is wrong with the links [words](address) of a formatted text."""
    masked, keys = _masked(text)
    allowed = {keys[name] for name in linked if name in keys}
    if all(href in allowed or (prose.leads_out(href) and not MASK.search(href)) for href in prose.links(masked)):
        return []
    listed = ", ".join(token(name) for name in linked) or "https://…"
    return [_("A link leads to an address that begins with https:// or to one of: %(allowed)s.") % {"allowed": listed}]


def fill(text, values):
    """The text with its values. Raises KeyError for a name that has none."""
    return tidy(NAME.sub(lambda found: values[found[1]], text))


def tidy(text):
    """The text with at most one empty line in a row: a placeholder may have had a line for itself, and no value."""
    return EMPTY_LINES.sub("\n\n", text.replace("\r\n", "\n")).strip()


def fill_line(text, values):
    """The same for a subject: one line."""
    return " ".join(fill(text, values).split())


def fill_html(text, values, *, linked=()):
    """HTML of a formatted text. Values are escaped, those in `linked` become links. Raises KeyError, ValueError."""
    masked, keys = _masked(text)
    return prose.filled(
        masked,
        {key: values[name] for name, key in keys.items()},
        linked={keys[name] for name in linked if name in keys},
    )


def _masked(text):
    """(text, {name: word}): each name as a word that means nothing in Markdown."""
    keys = {}
    plain = MASK.sub("", text.replace("\r\n", "\n"))
    return NAME.sub(lambda found: keys.setdefault(found[1], f"xqhms{len(keys)}placeholderqx"), plain), keys
