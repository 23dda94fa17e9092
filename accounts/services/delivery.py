"""Delivering the outbox: claim and commit, look whether it still holds, send, mark. Never sends twice.

Whoever dies between claim and mark leaves a row "being sent"; after LEASE it is in doubt, and only a person sends it
again. One message's failure never stops another's.
"""

import logging
import smtplib
import time
from datetime import timedelta
from email.message import Message as Header

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.message import SafeMIMEText
from django.db.models import F
from django.utils import timezone

from accounts import outbox
from accounts.models import Message, MessageState

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)  # longer than any single sending can take: EMAIL_TIMEOUT bounds each step of it
BACKOFF = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440, 1440)]
BATCH = 200
NOTHING = {"text": "", "html": "", "attachments": []}
BUDGET = 45  # seconds for one sweep; the next one goes on


class Unreachable(Exception):
    """The mail server cannot be spoken to: nothing was sent, and nothing else need be tried now."""


class Refused(Exception):
    """The mail server said no. `for_good` when trying again is pointless."""

    def __init__(self, answer, *, for_good=False):
        super().__init__(answer)
        self.for_good = for_good


class Doubtful(Exception):
    """The connection broke while sending: the message may or may not have gone out."""


def sweep():
    """Send everything that is due, and set aside what was begun and never finished. Returns {state: how many}."""
    done = {}
    if stuck := give_up_waiting():
        done[MessageState.IN_DOUBT] = stuck
    until = time.monotonic() + BUDGET
    due = Message.objects.due(timezone.now()).order_by("next_try_at", "pk").values_list("pk", flat=True)
    for pk in list(due[:BATCH]):
        try:
            state = deliver(pk)
        except Unreachable:
            done[MessageState.FAILED] = done.get(MessageState.FAILED, 0) + 1
            break
        except Exception:
            log.exception("Message %s could not be handled", pk)
            continue
        if state:
            done[state] = done.get(state, 0) + 1
        if time.monotonic() > until:
            break
    return done


def waiting():
    """How many messages the next sweep would take up."""
    return Message.objects.due(timezone.now()).count()


def give_up_waiting():
    """Messages claimed longer than LEASE ago are in doubt: their sender died. Returns how many."""
    stuck = Message.objects.stuck(timezone.now() - LEASE)
    return stuck.update(state=MessageState.IN_DOUBT, answer="the sender ended before it could say whether it was sent")


def deliver(pk):
    """Send one message if it is due and nobody else has taken it. Returns its new state, or None when it was not ours.

    Raises Unreachable, after having put the message back, when the mail server cannot be spoken to.
    """
    now = timezone.now()
    claimed = (
        Message.objects.due(now)
        .filter(pk=pk)
        .update(state=MessageState.SENDING, claimed_at=now, attempts=F("attempts") + 1)
    )
    if not claimed:
        return None
    message = Message.objects.select_related("recipient").get(pk=pk)
    try:
        if not outbox.is_still_true(message):
            return _mark(message, MessageState.OBSOLETE, **_wiped(message))
        if outbox.lacks_consent(message):
            return _mark(message, MessageState.NO_CONSENT, answer=outbox.WITHOUT_CONSENT, **_wiped(message))
        mail = build(message)
    except Exception as error:
        log.exception("Message %s (%s) could not be made", message.pk, message.kind)
        return _try_later(message, f"{type(error).__name__} while it was made")
    return _send(message, mail)


def _send(message, mail):
    try:
        transmit(mail)
    except Unreachable as error:
        _try_later(message, str(error))
        raise
    except Refused as error:
        if error.for_good:
            return _mark(message, MessageState.NOT_SENDABLE, answer=str(error)[:500])
        return _try_later(message, str(error))
    except Doubtful as error:
        return _mark(message, MessageState.IN_DOUBT, answer=str(error)[:500])
    return _mark(message, MessageState.SENT, sent_at=timezone.now(), answer="", **_wiped(message))


def _mark(message, state, **fields):
    """Write the outcome, unless somebody has decided otherwise since the claim."""
    ours = Message.objects.filter(pk=message.pk, state=MessageState.SENDING, claimed_at=message.claimed_at)
    ours.update(state=state, **fields)
    return state


def _try_later(message, answer):
    if message.attempts > len(BACKOFF):
        return _mark(message, MessageState.GIVEN_UP, answer=answer[:500])
    next_try = timezone.now() + BACKOFF[message.attempts - 1]
    return _mark(message, MessageState.FAILED, answer=answer[:500], next_try_at=next_try)


def _wiped(message):
    """What is left of a message that signs somebody in, once it is out or no longer of use: nothing to read.

    Of the last mail to somebody who leaves not even the address.
    """
    if message.kind == outbox.LAST:
        return NOTHING | {"address": "", "recipient_name": ""}
    return NOTHING if message.secret else {}


def build(message):
    """The e-mail of an outbox row. Its number makes its Message-ID: a second copy can be told from a second mail."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">") or "localhost"
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        to=[message.address],
        headers={
            "Message-ID": f"<{message.pk}.{int(message.created_at.timestamp())}@{domain}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    for attachment in message.attachments:
        mail.attach(_part(attachment["name"], attachment["type"], attachment["text"]))
    mail.message()  # what cannot be written as a mail fails here, before anything is sent
    return mail


def _part(name, content_type, text):
    header = Header()
    header["Content-Type"] = content_type
    part = SafeMIMEText(text, header.get_content_subtype(), "utf-8")
    for parameter, value in header.get_params()[1:]:
        if parameter != "charset":
            part.set_param(parameter, value)
    part.add_header("Content-Disposition", "attachment", filename=name)
    return part


def transmit(mail):
    """Hand one e-mail to the mail server. Raises Unreachable, Refused or Doubtful."""
    connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        raise Unreachable(f"the mail server cannot be reached: {_words(error)}") from error
    try:
        connection.send_messages([mail])
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        raise Refused(f"{code} {_text(said)}", for_good=code >= 500) from error
    except (smtplib.SMTPNotSupportedError, ValueError) as error:
        raise Refused(_words(error), for_good=True) from error
    except smtplib.SMTPResponseException as error:
        raise Refused(f"{error.smtp_code} {_text(error.smtp_error)}") from error
    except (OSError, smtplib.SMTPException) as error:
        raise Doubtful(f"the connection broke while sending: {_words(error)}") from error
    finally:
        _close(connection)


def _close(connection):
    """What was sent is sent, whether or not the server says goodbye."""
    try:
        connection.close()
    except (OSError, smtplib.SMTPException) as error:
        log.info("The mail server did not say goodbye: %s", type(error).__name__)


def _text(said):
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


def _words(error):
    return f"{type(error).__name__} {error}".strip()
