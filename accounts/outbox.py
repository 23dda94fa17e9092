"""Putting messages into the outbox, and asking the other apps whether a message is still true."""

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from accounts import wake
from accounts.models import Channel, Message, MessageState

_still_true = {}


def register(kind, still_true):
    """For AppConfig.ready(): `still_true(message) -> bool` is asked at the moment of sending a message of this kind."""
    _still_true[kind] = still_true


def is_still_true(message):
    """Whether the state that a message tells of still holds. Kinds nobody registered are always true."""
    check = _still_true.get(message.kind)
    return check is None or check(message)


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
    message, created = Message.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "channel": Channel.EMAIL,
            "recipient": to,
            "recipient_name": (name or (to.name if to else ""))[:200],
            "address": address,
            "about_type": about._meta.label_lower if about is not None else "",
            "about_id": about.pk if about is not None else None,
            "subject": " ".join(render_to_string(f"{template}.subject.txt", context).split())[:300],
            "text": render_to_string(f"{template}.txt", context),
            "attachments": list(attachments),
            "secret": secret,
            "state": MessageState.DUE if address else MessageState.NOT_SENDABLE,
            "answer": "" if address else "no address",
            "next_try_at": due_at or timezone.now(),
        },
    )
    if not created:
        return None
    if address and due_at is None:
        wake.after_commit("accounts.tasks.deliver_message", message.pk)
    return message
