"""The hospital's own message texts."""

import uuid

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import audit, outbox, wordings
from accounts.errors import AccountConflict, AccountRefused
from accounts.models import MessageText


@transaction.atomic
def change_text(wording, channel, language, *, version, by, subject="", text="", html=""):
    """Say a message in the hospital's words from now on. `version` is the number it was written from, 0 for none.

    Raises AccountConflict when somebody has changed it since, AccountRefused for words that cannot be used.
    """
    texts = {"subject": subject, "text": text, "html": html}
    texts = {part: words.replace("\r\n", "\n") for part, words in texts.items() if part in wordings.parts(channel)}
    before = MessageText.objects.current_of(wording.name, channel, language)
    if before and not before.as_delivered and before.texts == {"subject": "", "html": ""} | texts:
        return before  # the button was pressed twice, or two have come to the same words
    _unchanged_since(wording, channel, language, version)
    if wrong := wordings.problems(wording, channel, texts):
        raise AccountRefused(" ".join(sentence for sentences in wrong.values() for sentence in sentences))
    made = _next(wording, channel, language, version, by=by, **texts)
    audit.record(by, "message_text.changed", made, detail=_detail(made))
    return made


@transaction.atomic
def restore_text(wording, channel, language, *, version, by):
    """Say a message as it was delivered again. What the hospital had written stays in the history."""
    before = _unchanged_since(wording, channel, language, version)
    if before is None or before.as_delivered:
        raise AccountConflict(_("This message goes out as it was delivered already."))
    made = _next(wording, channel, language, version, by=by, as_delivered=True)
    audit.record(by, "message_text.restored", made, detail=_detail(made))
    return made


def _unchanged_since(wording, channel, language, version):
    newest = MessageText.objects.current_of(wording.name, channel, language)
    if (newest.number if newest else 0) != version:
        raise AccountConflict(_("Somebody has changed this text since you opened it."))
    return newest


def _next(wording, channel, language, version, *, by, **fields):
    """The next version. Its number is given once: of two who write at the same time, the second is told."""
    place = {"name": wording.name, "channel": channel, "language": language, "number": version + 1}
    try:
        with transaction.atomic():
            return MessageText.objects.create(**place, changed_by=by, **fields)
    except IntegrityError as error:
        raise AccountConflict(_("Somebody has just changed this text.")) from error


def _detail(made):
    return {"message": made.name, "channel": made.channel, "language": made.language, "version": made.number}


@transaction.atomic
def send_test(wording, channel, language, texts, *, by):
    """Mail somebody a message with example data, as it would read. Nothing is kept of the texts but that mail."""
    with translation.override(language):
        example = wordings.filled(wording, channel, texts, outbox.known(wording.example()))
    outbox.put(
        kind="message_text.test",
        key=f"message_text.test:{uuid.uuid4().hex}",
        template="accounts/mail/message_test",
        to=by,
        context={"title": wording.title, **example},
    )
    detail = {"message": wording.name, "channel": channel, "language": language}
    audit.record(by, "message_text.tested", by, detail=detail)
