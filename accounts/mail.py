"""Mail as files: one .eml per message, plain UTF-8, readable with `cat` and with any mail program."""

import email
import os
import re
from email import policy
from pathlib import Path

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

READABLE = policy.SMTPUTF8.clone(linesep="\n", refold_source="all", cte_type="8bit", max_line_length=0)


class FolderBackend(BaseEmailBackend):
    """Writes into settings.EMAIL_FILE_PATH; files sort by time and name the recipient."""

    def __init__(self, fail_silently=False, file_path=None, **kwargs):
        super().__init__(fail_silently=fail_silently)
        self.folder = Path(file_path or settings.EMAIL_FILE_PATH)

    def open(self):
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return False

    def send_messages(self, email_messages):
        self.open()
        for message in email_messages:
            self._write(readable(message), message.recipients())
        return len(email_messages)

    def _write(self, content, recipients):
        """Whole or not at all: the file appears under its name once everything is in it."""
        who = re.sub(r"[^A-Za-z0-9@.+-]+", "_", recipients[0] if recipients else "nobody")[:60]
        stem = f"{timezone.now():%Y%m%d-%H%M%S-%f}-{who}"
        draft = self.folder / f".{stem}.{os.getpid()}"
        descriptor = os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        for number in range(1, 1000):
            try:
                os.link(draft, self.folder / (f"{stem}.eml" if number == 1 else f"{stem}-{number}.eml"))
            except FileExistsError:
                continue
            break
        draft.unlink()


def readable(message):
    """The bytes of a Django e-mail message with nothing encoded that UTF-8 can say."""
    raw = message.message().as_bytes()
    try:
        return email.message_from_bytes(raw, policy=READABLE).as_bytes()
    except Exception:  # the standard library stumbles over odd names in addresses: then as it would be sent
        return raw
