"""Delivering the outbox: claim and commit, look whether it still holds, send, mark. Never sends twice.

Whoever dies between claim and mark leaves rows "being sent"; after LEASE they are in doubt, and only a person sends
them again. A sweep claims CHUNK rows of one channel at a time and marks what went out together, so that this many at
most are in doubt after a power cut. One message's failure never stops another's; a channel that is down stops its own
rows alone.
"""

import logging
import time
from collections import Counter
from datetime import timedelta

from django.db import transaction
from django.db.models import Case, F, Value, When
from django.utils import timezone

from accounts import outbox, preferences
from accounts.carriers import Doubtful, Refused, Unreachable, carrier_for
from accounts.models import Channel, Message, MessageState

__all__ = [
    "BACKOFF",
    "BUDGET",
    "CHUNK",
    "LEASE",
    "Unreachable",
    "deliver",
    "give_up_waiting",
    "log",
    "sweep",
    "waiting",
]

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)  # longer than any chunk can take: SLICE, and what the last message of it waits for
BACKOFF = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440, 1440)]
CHUNK = 50
BUDGET = 45  # seconds for one sweep; the next one goes on
FRESH = 1  # seconds for which the answers about a chunk are relied on
SLICE = 5  # seconds of one channel before the others have their turn
NOTHING = {"text": "", "html": "", "attachments": [], "link": ""}
UNWANTED = "not wanted by this channel any more"


def sweep():
    """Send everything that is due, and set aside what was begun and never finished. Returns {state: how many}.

    The channels take turns, so that a slow one leaves the others their time.
    """
    done = Counter()
    if stuck := give_up_waiting():
        done[MessageState.IN_DOUBT] = stuck
    until = time.monotonic() + BUDGET
    turns = [Turn(channel) for channel in Channel]
    try:
        while turns and time.monotonic() < until:
            turns = [turn for turn in turns if turn.take(done, until)]
    finally:
        for turn in turns:
            turn.carrier.close()
    return dict(done)


def waiting():
    """How many messages the next sweep would take up."""
    return Message.everything.due(timezone.now()).count()


def give_up_waiting():
    """Messages claimed longer than LEASE ago are in doubt: their sender died. Returns how many."""
    stuck = Message.everything.stuck(timezone.now() - LEASE)
    return stuck.update(state=MessageState.IN_DOUBT, answer="the sender ended before it could say whether it was sent")


def deliver(pk):
    """Send one message if it is due and nobody else has taken it. Returns its new state, or None when it was not ours.

    Raises Unreachable, after having put the message back, when the server cannot be spoken to.
    """
    claimed = claim(Message.everything.filter(pk=pk), 1)
    if not claimed:
        return None
    [message] = claimed
    carrier = carrier_for(message.channel)
    try:
        state = handle(message, carrier, Facts([message]))
    finally:
        carrier.close()
    if state == MessageState.SENT:
        _mark_sent([message])
    return state


class Facts:
    """What is asked of several messages at one go just before they go out: truth, as far as it can be, and consent."""

    def __init__(self, messages):
        self.asked_at = time.monotonic()
        self.known, self.lacking = outbox.who_still_holds(messages), outbox.who_lack_consent(messages)

    @property
    def are_fresh(self):
        """Whether they can still be relied on; the rest is asked again when the mail server is slow."""
        return time.monotonic() - self.asked_at < FRESH


class Turn:
    """One channel in a sweep: it sends a few rows, then the next channel has its turn."""

    def __init__(self, channel):
        self.rows, self.carrier = Message.everything.filter(channel=channel), carrier_for(channel)

    def take(self, done, until):
        """Send what fits into one slice. Whether there may be more to do for this channel in this sweep."""
        until = min(until, time.monotonic() + SLICE)
        while time.monotonic() < until:
            claimed = claim(self.rows, CHUNK)
            self._work_off(claimed, done, until)
            if self.carrier.is_down or len(claimed) < CHUNK:
                self.carrier.close()
                return False
        return True

    def _work_off(self, claimed, done, until):
        """Handle what was claimed, as far as the time goes; what is left is put back."""
        sent, left, facts = [], list(claimed), Facts(claimed)
        try:
            while left and not self.carrier.is_down and time.monotonic() < until:
                facts = facts if facts.are_fresh else Facts(left)
                done[self._one(left.pop(0), sent, facts)] += 1
        finally:
            _mark_sent(sent)
            _put_back(left)

    def _one(self, message, sent, facts):
        """The new state of one message."""
        try:
            state = handle(message, self.carrier, facts)
        except Unreachable:
            self.carrier.is_down = True
            return MessageState.FAILED
        except Exception as error:
            log.exception("Message %s could not be handled", message.pk)
            return _mark(message, MessageState.IN_DOUBT, answer=f"{type(error).__name__} while it was sent")
        if state == MessageState.SENT:
            sent.append(message)
        return state


@transaction.atomic
def claim(rows, limit):
    """Take up to `limit` due rows of these: nobody else sends them now. Committed before anything is sent."""
    now = timezone.now()
    due = rows.due(now).select_related("recipient__message_preference").order_by("next_try_at", "pk")
    claimed = list(due.select_for_update(of=["self"], skip_locked=True)[:limit])
    taken = Message.everything.filter(pk__in=[message.pk for message in claimed])
    if claimed:
        taken.update(state=MessageState.SENDING, claimed_at=now, attempts=F("attempts") + 1)
    for message in claimed:
        message.state, message.claimed_at, message.attempts = MessageState.SENDING, now, message.attempts + 1
    return claimed


def handle(message, carrier, facts):
    """Send one claimed message, or mark why not. Returns its new state; one that is SENT is the caller's to mark.

    Raises Unreachable, after having put the message back, when the server cannot be spoken to.
    """
    try:
        if (state := _obstacle(message, facts)) is not None:
            return state
        ready = carrier.prepare(message)
    except Refused as error:
        return _refused(message, error)
    except Exception as error:
        log.exception("Message %s (%s) could not be made", message.pk, message.kind)
        return _try_later(message, f"{type(error).__name__} while it was made")
    try:
        carrier.send(ready)
    except Unreachable as error:
        _try_later(message, str(error))
        raise
    except Refused as error:
        return _refused(message, error)
    except Doubtful as error:
        carrier.is_down = error.hangs
        return _mark(message, MessageState.IN_DOUBT, answer=str(error)[:500])
    return MessageState.SENT


def _obstacle(message, facts):
    """The new state of a message that does not go out now; None when it does."""
    known = facts.known.get(message.pk)
    if not (outbox.is_still_true(message) if known is None else known):
        return _mark(message, MessageState.OBSOLETE, **_wiped(message))
    if not preferences.is_wanted(message):
        return _mark(message, MessageState.OBSOLETE, answer=UNWANTED)
    if message.pk in facts.lacking:
        return _mark(message, MessageState.NO_CONSENT, answer=outbox.WITHOUT_CONSENT, **_wiped(message))
    if until := preferences.waits_until(message):
        return _mark(message, MessageState.DUE, next_try_at=until, attempts=message.attempts - 1)
    return None


def _refused(message, error):
    if error.for_good:
        return _mark(message, MessageState.NOT_SENDABLE, answer=str(error)[:500])
    return _try_later(message, str(error))


def _ours(*messages):
    """These rows, unless somebody has decided otherwise since the claim."""
    claimed = {"state": MessageState.SENDING, "claimed_at": messages[0].claimed_at}
    return Message.everything.filter(pk__in=[message.pk for message in messages], **claimed)


def _mark(message, state, **fields):
    _ours(message).update(state=state, **fields)
    return state


def _mark_sent(messages):
    """Write down that these went out: one statement for all that keep their text."""
    if plain := [message for message in messages if not _wiped(message)]:
        _ours(*plain).update(state=MessageState.SENT, sent_at=timezone.now(), answer="")
    for message in messages:
        if wiped := _wiped(message):
            _mark(message, MessageState.SENT, sent_at=timezone.now(), answer="", **wiped)


def _put_back(messages):
    """What was claimed and not begun is due as before, and counts no attempt."""
    if messages:
        before = Case(When(attempts__gt=1, then=Value(MessageState.FAILED)), default=Value(MessageState.DUE))
        _ours(*messages).update(state=before, attempts=F("attempts") - 1)


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
