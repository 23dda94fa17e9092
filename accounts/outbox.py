"""Putting messages into the outbox and the inboxes, and asking the other apps whether a message is still true."""

import logging
import warnings

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from accounts import carriers, consents, kinds, preferences, wake, wordings
from accounts.kinds import register
from accounts.models import SHORT, Channel, ConsentKind, Message, MessageState

__all__ = ["LAST", "REMINDERS", "absolute", "is_still_true", "lacks_consent", "provide", "put", "register", "render"]

# For `needs`: a message that is not part of a visit or an account goes only to who agreed to that channel.
REMINDERS = {"email": ConsentKind.REMINDERS_EMAIL, "sms": ConsentKind.REMINDERS_SMS}
WITHOUT_CONSENT = "no consent"
# Nobody is asked about these on paper: the inbox leaves the house not at all, a chat is where somebody asks to be told.
AGREED_BY_CHOICE = (Channel.INBOX, Channel.CHAT)

LAST = "account.closed"  # the kind of the last mail to somebody who leaves: its address goes once it is out
SHORT_LENGTH = 300  # letters of an SMS or a chat message, without the link: two or three parts of an SMS
_providers = []
log = logging.getLogger(__name__)


def provide(context):
    """For AppConfig.ready(): `context() -> dict` is what every message's templates know, such as the hospital."""
    _providers.append(context)


def is_still_true(message):
    """Whether the state that a message tells of still holds."""
    kind = kinds.of(message.kind)
    if kind.still_true is not None:
        return kind.still_true(message)
    return kind.those_true is None or message.pk in kind.those_true([message])


def who_still_holds(messages):
    """{id: whether it still holds} of the messages whose kinds can be asked for many at one go."""
    asked = {}
    for message in messages:
        if kinds.of(message.kind).those_true is not None:
            asked.setdefault(message.kind, []).append(message)
    known = {}
    for kind, group in asked.items():
        try:
            true = kinds.of(kind).those_true(group)
        except Exception:  # one of them spoils it for the others: then each is asked by itself
            log.exception("Messages of the kind %s could not be looked at together", kind)
            continue
        known |= {message.pk: message.pk in true for message in group}
    return known


def lacks_consent(message):
    """Whether this message may not go out because the person does not agree, or not any more."""
    return message.pk in who_lack_consent([message])


def who_lack_consent(messages):
    """The ids of those messages that may not go out for that reason: what `lacks_consent` says, for many at one go."""
    lacking, asked = set(), {}
    for message in messages:
        needs = kinds.of(message.kind).needs
        if needs is None or message.channel in AGREED_BY_CHOICE:
            continue
        if message.channel in needs:
            asked.setdefault(needs[message.channel], []).append(message)
        else:
            lacking.add(message.pk)
    for consent, group in asked.items():
        agree = consents.who_agrees(consent, {(message.recipient_id, message.patient_id) for message in group})
        lacking |= {one.pk for one in group if (one.recipient_id, one.patient_id) not in agree}
    return lacking


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
    link="",
):
    """Write a message in the transaction of its cause, once for each channel; a worker is woken after commit.

    `template` is the stem of <stem>.subject.txt and <stem>.txt (and <stem>.html, <stem>.sms.txt where there is one),
    rendered now. `to` is a User, whose preferences decide on the channels, and who finds it in the inbox too; `address`
    (e-mail) and `name` are for people without an account. `about` is the row it tells of, `patient` the patient it
    concerns: reminders ask what that person agreed to on paper. `link` is the page it leads to; context["url"] else.
    `attachments` are dicts {"name", "type", "text"}, for e-mail. A `secret` message (its link acts for whoever has it)
    stands in no inbox, loses its text once it is out, and goes by e-mail alone where it is about an account's safety.
    The same `key` twice is the same message: the first one stays.
    Returns the Message (that of the e-mail, where there is one), or None when it was there already.
    """
    if not _is_new(kind, key):
        return None
    people = {"to": to, "name": name, "patient": patient, "about": about, "link": link or str(context.get("url", ""))}
    draft = _draft(kind=kind, key=key, secret=secret, due_at=due_at, **people)
    preference, written = preferences.of(None if secret and kinds.of(kind).is_urgent else to), []
    for channel in _channels(draft, preference):
        message = _write(draft, channel, preference, template, context, email=address, attachments=attachments)
        if message is None:
            return None
        written.append(message)
        if message.state == MessageState.DUE and due_at is None:
            wake.after_commit("accounts.tasks.deliver_message", message.pk)
    return written[0]


def _is_new(kind, key):
    """Whether nothing of that key is written yet. What a kind is called has to be known before one is written."""
    if not kinds.of(kind).title:
        warnings.warn(f"The kind of message {kind!r} is not registered with a title.", stacklevel=3)
    return not Message.everything.filter(key=key).exists()


def _draft(*, kind, key, to, name, patient, about, due_at, secret, link):
    """What the rows of all channels have in common, not saved."""
    return Message(
        key=key,
        kind=kind,
        recipient=to,
        patient_id=patient.pk if patient else None,
        recipient_name=(name or (to.name if to else ""))[:200],
        about_type=about._meta.label_lower if about is not None else "",
        about_id=about.pk if about is not None else None,
        link=_path(link),
        secret=secret,
        next_try_at=due_at or timezone.now(),
    )


def _path(link):
    """A link of this site as a path; "" for any other. (Whoever is signed in follows it from the inbox.)"""
    path = link.removeprefix(settings.PUBLIC_URL)
    is_ours = path.startswith("/") and not path.startswith("//")
    return path if is_ours and len(path) <= Message._meta.get_field("link").max_length else ""


def _channels(draft, preference):
    """By which channels a message goes, e-mail first. By one at least, so that each leaves a row."""
    kind, offered = kinds.of(draft.kind), preferences.offered()
    inbox = [Channel.INBOX] if draft.recipient and kind.inbox and not draft.secret else []
    if draft.secret and kind.is_urgent:
        return [Channel.EMAIL]
    wanted = [channel for channel in preference.channels(kind.group) if channel in offered]
    if kind.needs is not None:
        wanted = [channel for channel in wanted if not lacks_consent(_on(draft, channel))] or wanted[:1]
    return wanted + inbox or [Channel.EMAIL]


def _on(draft, channel):
    """The same message for another channel, not saved."""
    values = {field.attname: getattr(draft, field.attname) for field in Message._meta.concrete_fields}
    return Message(**values | {"channel": channel})


def _write(draft, channel, preference, template, context, *, email, attachments):
    """One channel's row; None when another transaction has just written it."""
    message, user = _on(draft, channel), draft.recipient
    if channel == Channel.EMAIL:
        message.address = email or (user.email if user else "")
        message.attachments = list(attachments)
    else:
        message.address = preferences.address_for(channel, user, draft.patient_id, preference)
    message.state, message.answer = _first_state(message)
    if message.state == MessageState.SENT:
        message.sent_at = message.created_at
    words = render(template, context, channel=channel, language=preferences.language_for(preference))
    if channel in SHORT and message.link and absolute(message.link) not in words["text"]:
        words["text"] = f"{words['text'].rstrip()}\n{absolute(message.link)}\n"
    for name, text in words.items():
        setattr(message, name, text)
    message.address = message.address[:254]
    values = {field.attname: getattr(message, field.attname) for field in Message._meta.concrete_fields}
    del values["id"], values["key"], values["channel"]
    message, created = Message.everything.get_or_create(key=draft.key, channel=channel, defaults=values)
    return message if created else None


def _first_state(message):
    """(state, why) of a message that is written now."""
    if message.channel == Channel.INBOX:
        return (MessageState.SENT if message.next_try_at <= timezone.now() else MessageState.DUE), ""
    if lacks_consent(message):
        return MessageState.NO_CONSENT, WITHOUT_CONSENT
    obstacle = carriers.why_not_sendable(message.address, message.channel)
    return (MessageState.NOT_SENDABLE, obstacle) if obstacle else (MessageState.DUE, "")


def known(context):
    """A message's context with what every message knows: the site, and what the apps provide, such as the hospital."""
    whole = {"site": settings.PUBLIC_URL}
    for provider in _providers:
        whole |= provider()
    return whole | context


def render(template, context, *, channel=Channel.EMAIL, language=None):
    """{"subject", "text", "html"} of a message in a language, or in the active one: in the hospital's own words where
    it has some, else as delivered. A short channel carries a sentence; its subject is for the list of messages."""
    with translation.override(language or translation.get_language()):
        whole = known(context)
        words = wordings.of_hospital(template, whole, channel) or wordings.as_delivered(template, whole, channel)
        if channel not in SHORT:
            return words
        return words | {"subject": wordings.subject(template, whole), "text": _cut(words["text"])}


def _cut(text):
    text = text.strip()
    return (text if len(text) <= SHORT_LENGTH else text[: SHORT_LENGTH - 1] + "…") + "\n"
