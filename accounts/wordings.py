"""What messages say: as delivered in templates/*/mail/, or in the hospital's own words where it has changed them.

Each app declares in AppConfig.ready() what the hospital may reword, and which plain strings it can use:

    declare(Wording("accounts.invitation", "accounts/mail/invitation", GROUP, _("Invitation"), (LINK, …), example))

A wording is a message in one case. Where a template tells cases apart by {% if %}, each is a wording of its own.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from django.conf import settings
from django.template import Context, Template, TemplateDoesNotExist, Variable, VariableDoesNotExist
from django.template.loader import get_template, select_template
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts import letters, placeholders
from accounts.models import SHORT, Channel, MessageText

log = logging.getLogger(__name__)

SUBJECT, TEXT, HTML = "subject", "text", "html"


class Broken(Exception):
    """A text of the hospital that cannot be used, in words for the log; the delivered one goes out instead."""


@dataclass(frozen=True)
class Placeholder:
    """A plain string that a text may use. `source` makes it from the message's context: a template of ours."""

    name: str
    source: str
    about: str
    required: bool = False
    link: bool = False  # an address of this site: never in a subject, which staff can read in the list of messages

    @property
    def token(self):
        return placeholders.token(self.name)


COMMON = (
    Placeholder("hospital.name", "{{ hospital.name|default:'HMS' }}", _("Name of the hospital")),
    Placeholder("hospital.phone", "{{ hospital.phone|default:'' }}", _("Telephone number of the hospital")),
    Placeholder("site", "{{ site }}", _("Address of this site")),
)
HOSPITAL = {"name": "Riverside Hospital", "phone": "+49 30 901820"}


@dataclass(frozen=True)
class Wording:
    """A message that the hospital may put into its own words. `example()` is a context like those it is sent with.

    `case` names what in the context is true or false for this wording: {"person.is_guardian": True}.
    """

    name: str
    template: str
    group: str
    title: str
    own: tuple
    example: Callable
    case: dict = field(default_factory=dict)

    @property
    def placeholders(self):
        return (*self.own, *COMMON)

    def names(self, part=TEXT):
        """What may stand in that part."""
        return [one.name for one in self.placeholders if part != SUBJECT or not one.link]

    def required(self, part=TEXT):
        """What must stand in that part."""
        return [] if part == SUBJECT else [one.name for one in self.own if one.required]

    def applies(self, context):
        """Whether a message with this context is of this case."""
        return all(bool(_looked_up(path, context)) is value for path, value in self.case.items())

    @property
    def linked(self):
        return [one.name for one in self.placeholders if one.link]


def _looked_up(path, context):
    try:
        return Variable(path).resolve(Context(context))
    except VariableDoesNotExist:
        return None


_declared = {}


def declare(*wordings):
    """For AppConfig.ready()."""
    _declared.update({wording.name: wording for wording in wordings})


def declared():
    """Every message that the hospital may reword."""
    return list(_declared.values())


def named(name):
    """The wording of that name, or None."""
    return _declared.get(name)


def of(template, context):
    """The wording that a message with this template and context has, or None where nobody declared one."""
    found = (wording for wording in _declared.values() if wording.template == template and wording.applies(context))
    return next(found, None)


def parts(channel):
    """What a message of that channel consists of."""
    if channel in SHORT:
        return (TEXT,)
    return (SUBJECT, TEXT, HTML) if channel == Channel.EMAIL else (SUBJECT, TEXT)


def values(wording, context, names=None):
    """{name: plain string} of a wording's placeholders, or of those named."""
    return values_of([one for one in wording.placeholders if names is None or one.name in names], context)


def values_of(wanted, context):
    """{name: plain string} of some placeholders."""
    return {one.name: _source(one.source).render(Context(context, autoescape=False)).strip() for one in wanted}


@cache
def _source(text):
    return Template("{% load i18n hms_ui %}" + text)


def required(wording, channel, part=TEXT):
    """What must stand in a part of that channel's message; in a short one, of that, what the delivered one holds."""
    names = wording.required(part)
    if names and channel in SHORT:
        kept = placeholders.used(delivered(wording, channel)[TEXT])
        names = [name for name in names if name in kept]
    return names


def problems(wording, channel, texts):
    """{part: what is wrong with it, in sentences}; empty when the texts can be used."""
    found = {part: _problems(wording, channel, part, texts.get(part, "")) for part in parts(channel)}
    return {part: sentences for part, sentences in found.items() if sentences}


def _problems(wording, channel, part, text):
    if part == HTML and not text:
        return []
    found = placeholders.problems(text, allowed=wording.names(part), required=required(wording, channel, part))
    return found or (placeholders.link_problems(text, linked=wording.linked) if part == HTML else [])


def filled(wording, channel, texts, context):
    """{"subject", "text", "html"} of a message in the hospital's words. Raises Broken."""
    if wrong := problems(wording, channel, texts):
        raise Broken(f"placeholders in {', '.join(wrong)}")
    used = {part: texts.get(part, "") for part in parts(channel)}
    known = values(wording, context, names=placeholders.used(" ".join(used.values())))
    if empty := [name for name in required(wording, channel) if not known.get(name)]:
        raise Broken(f"no value for {', '.join(empty)}")
    subject = placeholders.fill_line(used.get(SUBJECT, ""), known)[:300]
    text = placeholders.fill(used[TEXT], known) + "\n"
    html = used.get(HTML) and placeholders.fill_html(used[HTML], known, linked=wording.linked)
    if html:
        html = _document(subject, html)
    elif channel == Channel.EMAIL:
        html = _laid_out(subject, text, context)
    return {SUBJECT: subject, TEXT: text, HTML: html or ""}


def _laid_out(title, text, context):
    """HTML of a mail that has no formatted part of its own."""
    sender = values_of(COMMON, context)["hospital.name"]
    return letters.laid_out(title, text, site=settings.PUBLIC_URL, sender=sender)


def _document(title, body):
    said = {"language": translation.get_language(), "rtl": translation.get_language_bidi()}
    return get_template("accounts/mail/_formatted.html").render({"title": title, "body": body} | said)


def of_hospital(template, context, channel):
    """The message in the hospital's own words in the active language; None where the delivered ones go out.

    Nothing that is wrong with a stored text stops a message: it goes out as delivered, and the log says so.
    """
    wording = of(template, context)
    text = wording and MessageText.objects.current_of(wording.name, channel, translation.get_language())
    if not text or text.as_delivered:
        return None
    try:
        return filled(wording, channel, text.texts, context)
    except Exception as error:
        why = str(error) if isinstance(error, Broken) else type(error).__name__
        log.error("Message text %s (%s, %s) is not used: %s", wording.name, channel, text.language, why)
        return None


def as_delivered(template, context, channel):
    """The message as its files say. Plain text is not escaped, HTML is; a mail without a file of HTML is laid out."""
    if channel in SHORT:
        files = [f"{template}.{channel}.txt", f"{template}.short.txt", f"{template}.subject.txt"]
        return {SUBJECT: "", TEXT: " ".join(_plain(files, context).split()), HTML: ""}
    title, text = subject(template, context), _plain([f"{template}.txt"], context)
    return {SUBJECT: title, TEXT: text, HTML: _html(template, context, title, text) if channel == Channel.EMAIL else ""}


def _html(template, context, title, text):
    try:
        return get_template(f"{template}.html").render(context).strip()
    except TemplateDoesNotExist as missing:
        if str(missing) != f"{template}.html":
            raise
        return _laid_out(title, text, context)


def subject(template, context):
    """The delivered subject, on one line."""
    return " ".join(_plain([f"{template}.subject.txt"], context).split())[:300]


def _plain(files, context):
    return select_template(files).template.render(Context(context, autoescape=False)).strip() + "\n"


def delivered(wording, channel):
    """{part: the delivered text with placeholders in place of values}: what a rewording begins with.

    The files are rendered with the example, and its values are taken out again: each stands for itself alone.
    """
    context = {"site": settings.PUBLIC_URL, "hospital": HOSPITAL} | wording.example()
    tokens = {}
    for name, value in values(wording, context).items():
        tokens.setdefault(value, placeholders.token(name))  # a patient who is told of the own visit is both
    tokens.pop("", None)
    pattern = re.compile("|".join(re.escape(value) for value in sorted(tokens, key=len, reverse=True)))
    texts = as_delivered(wording.template, context, channel)
    texts[HTML] = ""  # a delivered HTML part is laid out by itself, and not in the language of this page
    worded = {part: pattern.sub(lambda found: tokens[found[0]], texts[part]) for part in parts(channel)}
    return {part: placeholders.tidy(text) for part, text in worded.items()}
