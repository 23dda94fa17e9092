"""Plain words with a little Markdown, made into HTML: no raw HTML, no pictures, no scripts. Pure.

`page` is for texts of our own. `filled` is for a text that somebody typed, with values put in afterwards: what stands
in a value is never read as Markdown, and a link leads only where `leads_out` says.
"""

import re

from django.utils.safestring import mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

SCHEMES = ("https://", "http://", "mailto:", "tel:")
_typed = MarkdownIt("zero", {"breaks": True}).enable(["emphasis", "escape", "heading", "link", "list", "newline"])
_own = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


def page(text):
    """HTML of a text that came with the program."""
    # raw HTML is off, and the text is ours
    return mark_safe(_own.render(text))  # nosec B308 B703


def leads_out(address):
    """Whether a link may have this address in full."""
    return address.lower().startswith(SCHEMES)


def links(text):
    """The addresses that a typed text links to."""
    return [token.attrs["href"] for token in _inline(_typed.parse(text)) if token.type == "link_open"]


def filled(text, values, *, linked=()):
    """HTML of a typed text in which each key of `values`, a word of letters and digits, becomes its value.

    A key in `linked` may be a link's address; where it stands in the text, it becomes a link to itself. Raises
    ValueError when a link leads anywhere else than there or out.
    """
    tokens = _typed.parse(text)
    pattern = re.compile("|".join(map(re.escape, values)) or r"(?!)")
    for token in tokens:
        if token.children:
            token.children = list(_put(token.children, values, linked, pattern))
    # "zero" knows no raw HTML
    return mark_safe(_typed.renderer.render(tokens, _typed.options, {}))  # nosec B308 B703


def _inline(tokens):
    return (child for token in tokens for child in token.children or [])


def _put(tokens, values, linked, pattern):
    """Tokens of one paragraph with the values in their places."""
    inside = False
    for token in tokens:
        if token.type == "link_open":
            token.attrs["href"] = _address(token.attrs["href"], values, linked)
        inside = token.type == "link_open" or (inside and token.type != "link_close")
        if token.type == "text":
            yield from _words(token.content, values, () if inside else linked, pattern)
        else:
            yield token


def _address(href, values, linked):
    if href in linked:
        return values[href]
    if not leads_out(href) or any(key in href for key in values):
        raise ValueError("a link that leads nowhere")
    return href


def _words(content, values, linked, pattern):
    """Text tokens; a link for each key that is one."""
    at = 0
    for found in pattern.finditer(content):
        yield _text(content[at : found.start()])
        value, at = values[found[0]], found.end()
        if found[0] in linked:
            yield from (Token("link_open", "a", 1, attrs={"href": value}), _text(value), Token("link_close", "a", -1))
        else:
            yield _text(value)
    yield _text(content[at:])


def _text(content):
    return Token("text", "", 0, content=content)
