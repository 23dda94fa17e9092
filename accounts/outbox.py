"""Putting messages into the outbox, and asking the other apps whether a message is still true."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone, translation

from accounts import consents, wake, wordings
from accounts.models import Channel, ConsentKind, Message, MessageState

# For `needs`: a message that is not part of a visit or an account goes only to who agreed to that channel.
REMINDERS = {"email": ConsentKind.REMINDERS_EMAIL, "sms": ConsentKind.REMINDERS_SMS}
WITHOUT_CONSENT = "no consent"

LAST = "account.closed"  # the kind of the last mail to somebody who leaves: its address goes once it is out
_still_true = {}
_needs = {}
_providers = []


def register(kind, still_true, *, needs=None):
    """For AppConfig.ready(): `still_true(message) -> bool` is asked at the moment of sending a message of this kind.

    `needs` is {channel: ConsentKind} (REMINDERS): asked when the message is written, and again when it goes out.
    Without it a kind is part of what was agreed with the person (a visit, an account, its safety) and always goes.
    """
    _still_true[kind] = still_true
    _needs[kind] = needs


def provide(context):
    """For AppConfig.ready(): `context() -> dict` is what every message's templates know, such as the hospital."""
    _providers.append(context)


def is_still_true(message):
    """Whether the state that a message tells of still holds. Kinds nobody registered are always true."""
    check = _still_true.get(message.kind)
    return check is None or check(message)


def lacks_consent(message):
    """Whether this message may not go out because the person does not agree, or not any more."""
    needs = _needs.get(message.kind)
    if needs is None:
        return False
    consent = needs.get(message.channel)  # a channel that nobody can agree to is agreed to by nobody
    person = {"user_id": message.recipient_id, "patient_id": message.patient_id}
    return consent is None or not consents.holds(consent, **person)


def absolute(path):
    """A path of this site as a link for a message: under PUBLIC_URL, whatever host the request named."""
    return settings.PUBLIC_URL + path


@transaction.atomic
def put(
    *,
    kind,
    key,
    template,
    context,
    to=None,
    address="",
    name="",
    patient=None,
    about=None,
    due_at=None,
    attachments=(),
    secret=False,
):
    """Write a message in the transaction of its cause; a worker is woken after commit.

    `template` is the stem of <stem>.subject.txt and <stem>.txt (and <stem>.html where there is one), rendered now.
    `to` is a User; `address` and `name` are for people without an account. `about` is the row it tells of,
    `patient` the patient it concerns: reminders ask what that person agreed to on paper.
    `attachments` are dicts {"name", "type", "text"}. The same `key` twice is the same message: the first one stays.
    Returns the Message, or None when it was there already.
    """
    address = address or (to.email if to else "")
    draft = Message(kind=kind, channel=Channel.EMAIL, recipient=to, patient_id=patient.pk if patient else None)
    state, obstacle = _first_state(draft, address)
    message, created = Message.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "channel": draft.channel,
            "recipient": to,
            "patient_id": draft.patient_id,
            "recipient_name": (name or (to.name if to else ""))[:200],
            "address": address[:254],
            "about_type": about._meta.label_lower if about is not None else "",
            "about_id": about.pk if about is not None else None,
            **render(template, context),
            "attachments": list(attachments),
            "secret": secret,
            "state": state,
            "answer": obstacle,
            "next_try_at": due_at or timezone.now(),
        },
    )
    if not created:
        return None
    if state == MessageState.DUE and due_at is None:
        wake.after_commit("accounts.tasks.deliver_message", message.pk)
    return message


def _first_state(message, address):
    """(state, why) of a message that is written now."""
    if lacks_consent(message):
        return MessageState.NO_CONSENT, WITHOUT_CONSENT
    obstacle = why_not_sendable(address)
    return (MessageState.NOT_SENDABLE, obstacle) if obstacle else (MessageState.DUE, "")


def why_not_sendable(address):
    """What is wrong with an e-mail address, in a few words for staff; empty when nothing is."""
    if not address:
        return "no address"
    try:
        validate_email(address)
    except ValidationError:
        return "not an e-mail address"
    return ""


def known(context):
    """A message's context with what every message knows: the site, and what the apps provide, such as the hospital."""
    whole = {"site": settings.PUBLIC_URL}
    for provider in _providers:
        whole |= provider()
    return whole | context


def render(template, context, *, channel=Channel.EMAIL, language=None):
    """{"subject", "text", "html"} of a message in a language, or in the active one: in the hospital's own words where
    it has some, else as delivered. Channels that carry one short text have no subject and no HTML."""
    with translation.override(language or translation.get_language()):
        whole = known(context)
        own = wordings.of_hospital(template, whole, channel)
        return own or wordings.as_delivered(template, whole, channel)
