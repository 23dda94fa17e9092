"""What a person does about a message that did not get through: send it again, or close it with a note."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit, carriers, outbox, preferences, wake
from accounts.errors import AccountConflict, AccountRefused
from accounts.models import Channel, Message, MessageState

WAITING = (MessageState.IN_DOUBT, MessageState.GIVEN_UP, MessageState.NOT_SENDABLE, MessageState.FAILED)


@transaction.atomic
def retry(message, *, by):
    """Send a message again now, to the address the person has today."""
    fresh = _waiting(message)
    fresh.address = _address_today(fresh) or fresh.address
    if obstacle := carriers.why_not_sendable(fresh.address, fresh.channel):
        raise AccountRefused(_("It still cannot be sent: %(why)s.") % {"why": obstacle})
    fresh.state, fresh.attempts, fresh.next_try_at, fresh.answer = MessageState.DUE, 0, timezone.now(), ""
    fresh.save(update_fields=["address", "state", "attempts", "next_try_at", "answer"])
    audit.record(by, "message.retried", fresh)
    wake.after_commit("accounts.tasks.deliver_message", fresh.pk)
    return fresh


@transaction.atomic
def close(message, *, note, by):
    """Take a message off the list: a person has told the recipient some other way, or it no longer matters."""
    note = " ".join(str(note).split())
    if not note:
        raise AccountRefused(_("Say what was done about it."))
    if len(note) > Message._meta.get_field("note").max_length:
        raise AccountRefused(_("The note is too long."))
    fresh = _waiting(message)
    fresh.state, fresh.note = MessageState.CLOSED, note
    if fresh.secret:
        fresh.text, fresh.html, fresh.attachments = "", "", []
    if fresh.kind == outbox.LAST:
        fresh.text, fresh.address = "", ""
    fresh.save(update_fields=["state", "note", "text", "html", "attachments", "address"])
    audit.record(by, "message.closed", fresh, detail={"note": note})
    return fresh


def _address_today(message):
    """Where this channel reaches the person now; "" when nothing is known but what the message says."""
    if message.channel == Channel.EMAIL:
        return message.recipient.email if message.recipient else ""
    return preferences.address_for(message.channel, message.recipient, message.patient_id)


def _waiting(message):
    fresh = Message.objects.select_for_update(of=["self"]).select_related("recipient").get(pk=message.pk)
    if fresh.state not in WAITING:
        raise AccountConflict(_("Somebody has dealt with this message already."))
    return fresh
