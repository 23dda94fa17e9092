"""Putting messages into the outbox, and asking the other apps whether a message is still true."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.template import Context, TemplateDoesNotExist
from django.template.loader import get_template
from django.utils import timezone

from accounts import wake
from accounts.models import Channel, Message, MessageState

LAST = "account.closed"  # the kind of the last mail to somebody who leaves: its address goes once it is out
_still_true = {}
_providers = []


def register(kind, still_true):
    """For AppConfig.ready(): `still_true(message) -> bool` is asked at the moment of sending a message of this kind."""
    _still_true[kind] = still_true


def provide(context):
    """For AppConfig.ready(): `context() -> dict` is what every message's templates know, such as the hospital."""
    _providers.append(context)


def is_still_true(message):
    """Whether the state that a message tells of still holds. Kinds nobody registered are always true."""
    check = _still_true.get(message.kind)
    return check is None or check(message)


def absolute(path):
    """A path of this site as a link for a message: under PUBLIC_URL, whatever host the request named."""
    return settings.PUBLIC_URL + path


@transaction.atomic
def put(
    *, kind, key, template, context, to=None, address="", name="", about=None, due_at=None, attachments=(), secret=False
):
    """Write a message in the transaction of its cause; a worker is woken after commit.

    `template` is the stem of <stem>.subject.txt and <stem>.txt (and <stem>.html where there is one), rendered now.
    `to` is a User; `address` and `name` are for people without an account. `about` is the row it tells of.
    `attachments` are dicts {"name", "type", "text"}. The same `key` twice is the same message: the first one stays.
    Returns the Message, or None when it was there already.
    """
    address = address or (to.email if to else "")
    obstacle = why_not_sendable(address)
    message, created = Message.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "channel": Channel.EMAIL,
            "recipient": to,
            "recipient_name": (name or (to.name if to else ""))[:200],
            "address": address[:254],
            "about_type": about._meta.label_lower if about is not None else "",
            "about_id": about.pk if about is not None else None,
            **render(template, context),
            "attachments": list(attachments),
            "secret": secret,
            "state": MessageState.NOT_SENDABLE if obstacle else MessageState.DUE,
            "answer": obstacle,
            "next_try_at": due_at or timezone.now(),
        },
    )
    if not created:
        return None
    if not obstacle and due_at is None:
        wake.after_commit("accounts.tasks.deliver_message", message.pk)
    return message


def why_not_sendable(address):
    """What is wrong with an e-mail address, in a few words for staff; empty when nothing is."""
    if not address:
        return "no address"
    try:
        validate_email(address)
    except ValidationError:
        return "not an e-mail address"
    return ""


def render(template, context):
    """{"subject", "text", "html"} of a message. Plain text is not escaped, HTML is."""
    known = {"site": settings.PUBLIC_URL}
    for provider in _providers:
        known |= provider()
    known |= context
    try:
        html = get_template(f"{template}.html").render(known)
    except TemplateDoesNotExist as missing:
        if str(missing) != f"{template}.html":
            raise
        html = ""
    subject = _plain(f"{template}.subject.txt", known)
    return {"subject": " ".join(subject.split())[:300], "text": _plain(f"{template}.txt", known), "html": html}


def _plain(name, context):
    return get_template(name).template.render(Context(context, autoescape=False)).strip() + "\n"
