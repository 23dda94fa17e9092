"""E-mail: many messages over one connection to the mail server, as long as the server likes it."""

import logging
import select
import smtplib
from email.message import Message as Header

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.message import SafeMIMEText
from django.core.validators import validate_email

from accounts.carriers.outcomes import Carrier, Doubtful, Refused, Unreachable

log = logging.getLogger(__name__)

BUSY = 421  # the server closes the connection; what it was told just then, it has not taken
PER_CONNECTION = 100  # mail servers end a conversation after about so many


def why_not_sendable(address):
    if not address:
        return "no address"
    try:
        validate_email(address)
    except ValidationError:
        return "not an e-mail address"
    return ""


class Line(Carrier):
    """A connection to the mail server, opened with the first message."""

    def __init__(self):
        self._connection, self._sent = None, 0

    def prepare(self, message):
        if obstacle := why_not_sendable(message.address):
            raise Refused(obstacle, for_good=True)
        return build(message)

    def send(self, mail):
        is_used = self._is_alive()
        if not is_used:
            self._open()
        try:
            self._transmit(mail)
        except Refused as error:
            if not (is_used and str(error).startswith(str(BUSY))):
                raise
            self.close()  # enough for one conversation: a new one has no such reason
            self._open()
            self._transmit(mail)
        self._sent += 1

    def close(self):
        """What was sent is sent, whether or not the server says goodbye."""
        connection, self._connection = self._connection, None
        try:
            if connection is not None:
                connection.close()
        except (OSError, smtplib.SMTPException) as error:
            log.info("The mail server did not say goodbye: %s", type(error).__name__)

    def _is_alive(self):
        """Whether there is a connection that can take one more. A server that has closed it has said so by now."""
        conversation = getattr(self._connection, "connection", None)
        if conversation is not None and self._sent < PER_CONNECTION and not _has_spoken(conversation.sock):
            return True
        if self._connection is not None:
            self.close()
        return False

    def _open(self):
        self._connection, self._sent = get_connection(), 0
        try:
            self._connection.open()
        except (OSError, smtplib.SMTPException) as error:
            self._connection = None
            raise Unreachable(f"the mail server cannot be reached: {_words(error)}") from error

    def _transmit(self, mail):
        try:
            self._connection.send_messages([mail])
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            raise Refused(f"{code} {_text(said)}", for_good=code >= 500) from error
        except (smtplib.SMTPNotSupportedError, ValueError) as error:
            raise Refused(_words(error), for_good=True) from error
        except smtplib.SMTPResponseException as error:
            raise Refused(f"{error.smtp_code} {_text(error.smtp_error)}") from error
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            hangs = isinstance(error, TimeoutError)
            raise Doubtful(f"the connection broke while sending: {_words(error)}", hangs=hangs) from error


def _has_spoken(sock):
    """Whether something waits to be read where nothing was asked: the end of the conversation."""
    if sock is None:
        return True
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


class Mail(EmailMultiAlternatives):
    """An e-mail that is put together once: looked at before it is sent, and then sent."""

    def message(self):
        if not hasattr(self, "_made"):
            self._made = super().message()
        return self._made


def build(message):
    """The e-mail of an outbox row. Its number makes its Message-ID: a second copy can be told from a second mail."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">") or "localhost"
    mail = Mail(
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


def _text(said):
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


def _words(error):
    return f"{type(error).__name__} {error}".strip()
