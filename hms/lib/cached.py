"""What was worked out a moment ago, kept in Redis until its topic changes. Never needed for correctness.

A topic is a name like "times:7"; it has a generation, a random token, that is part of the key of all that was made from
it. A reader takes the generation before asking the database, so what was made from older rows lands under a key that
nobody asks for once the writer has committed and called `changed`.

What tells of a person is kept sealed (hms.lib.sealed), and its key holds numbers alone: Redis has no access rules, no
trail and no encryption of its own.
"""

import hashlib
import logging
import secrets
import threading
import time
from contextlib import suppress
from typing import NamedTuple

from django.core.cache import caches
from django.db import connection, transaction

from hms.lib import sealed as seals

log = logging.getLogger(__name__)

EVERYBODY = "everybody"
EVERYTHING = "everything"  # the topic of all keys: for whoever writes many rows past the services
PAUSE = 5.0  # seconds in which a Redis that did not answer is not asked again
MAKING = 5  # seconds for which one reader makes what others wait for
STEP, TURNS = 0.02, 10  # seconds others wait, and how often, before they make it themselves
TOKEN_SECONDS = 3600  # longer than anything is kept; there are topics of every patient
OWED_MOST = 1000  # topics that a process remembers while Redis is gone; beyond, everything is old
_silent_until = 0.0
_owed = set()  # topics that changed while Redis was gone
_written = threading.local()  # .topics: those of this thread's open transaction


class _Gone(Exception):
    """Redis does not answer, or did not a moment ago."""


def personal(user):
    """The scope of what only this person may see; another role is another scope."""
    return f"user:{user.pk}:{getattr(user, 'role', '')}"


class _Shelf(NamedTuple):
    """How long values are kept, for which ones that still holds, and whether they are sealed."""

    seconds: int
    holds: object
    sealed: bool

    def packed(self, key, value):
        return seals.seal(value, name=key) if self.sealed else (value,)

    def unpacked(self, key, kept):
        return seals.opened(kept, name=key, seconds=self.seconds) if self.sealed else kept[0]


def after_commit(*topics):
    """For services: what was made from these topics is old once the transaction has committed.

    However many rows are written in one transaction, Redis is told once.
    """
    _written.topics = {*getattr(_written, "topics", ()), *topics}
    transaction.on_commit(_tell)


def _tell():
    """The first of a transaction's calls tells of all; topics of a savepoint that was undone do no harm."""
    due, _written.topics = getattr(_written, "topics", set()), set()
    if due:
        changed(*due)


def changed(*topics):
    """Give the topics a new generation; when Redis is gone, as soon as this process reaches it again."""
    with suppress(_Gone):
        _settle(*topics)


def remember(name, seconds, make, *, scope, topics, sealed=False):
    """make(), or what it gave for this scope within `seconds` and since the topics changed.

    `sealed` for all that tells of a person: nobody who reads or writes Redis can read or make it. What cannot be opened
    (broken, moved to another key, sealed under a key that is gone) is made again.
    """
    found = remember_each(
        name, [""], seconds, lambda _ids: {"": make()}, scope=scope, topics=lambda _id: topics, sealed=sealed
    )
    return found[""]


def remember_each(name, ids, seconds, make, *, scope, topics, holds=lambda value: True, sealed=False):
    """{id: value}: those in Redis for which `holds`, the others from one call of make(ids), which gives {id: value}.

    `topics(id)` are the topics an id's value was made from. Two round trips, however many ids. Inside a transaction the
    database alone answers: what is read there may never be committed.
    """
    if not ids or connection.in_atomic_block:
        return make(ids)
    shelf = _Shelf(seconds, holds, sealed)
    try:
        keys = _keys(f"{name}:{scope}", {one: (EVERYTHING, *topics(one)) for one in ids})
        known = _known(keys, shelf)
        missing = [one for one in ids if one not in known]
        if missing:
            known |= _make_once(missing, keys, make, shelf)
    except _Gone:
        return make(ids)
    return {one: known[one] for one in ids}


def _make_once(ids, keys, make, shelf):
    """One reader makes and the others wait a little; whoever has waited enough makes it too."""
    lock = "making:" + hashlib.sha256("".join(keys[one] for one in ids).encode()).hexdigest()
    mine = _ask(lambda redis: redis.add(lock, 1, MAKING))
    try:
        for turn in range(1 if mine else TURNS):  # who has the lock looks again too: another may just have made it
            time.sleep(STEP if turn else 0)
            known = _known({one: keys[one] for one in ids}, shelf)
            if len(known) == len(ids):
                return known
        made = make(ids)
        packed = {keys[one]: shelf.packed(keys[one], made[one]) for one in ids}
        _try(lambda redis: redis.set_many(packed, shelf.seconds))
        return made
    finally:
        if mine:
            _try(lambda redis: redis.delete(lock))


def _known(keys, shelf):
    found = _ask(lambda redis: redis.get_many(list(keys.values())))
    known = {}
    for one, key in keys.items():
        with suppress(seals.Unreadable):
            if key in found and shelf.holds(value := shelf.unpacked(key, found[key])):
                known[one] = value
    return known


def _keys(prefix, topics_of):
    """{id: key} with the generations of each id's topics. One round trip, three when a topic is new."""
    _settle()
    names = {topic: f"topic:{topic}" for of_one in topics_of.values() for topic in of_one}
    found = _ask(lambda redis: redis.get_many(list(names.values())))
    if new := set(names.values()) - set(found):
        _ask(lambda redis: _begin(redis, new))
        found |= _ask(lambda redis: redis.get_many(new))
    if not found.keys() >= set(names.values()):
        raise _Gone  # a Redis too full to keep a token
    return {
        one: f"{prefix}:{one}:" + ".".join(str(found[names[topic]]) for topic in of_one)
        for one, of_one in topics_of.items()
    }


def _begin(redis, names):
    """Give tokens to topics that have none; of two who do so at once the first one's token counts for both."""
    pipeline = redis.client.get_client(write=True).pipeline()
    for name in names:
        redis.client.set(name, secrets.token_hex(8), timeout=TOKEN_SECONDS, nx=True, client=pipeline)
    pipeline.execute()


def _settle(*topics):
    """Tell Redis of these topics, and of those that it has not heard of yet."""
    owed = set(_owed)
    due = {*topics, *owed}
    if not due:
        return
    if len(due) > OWED_MOST:
        due = {EVERYTHING}
    _owed.difference_update(owed)  # before telling: who adds one meanwhile is not overlooked
    try:
        tokens = {f"topic:{topic}": secrets.token_hex(8) for topic in due}
        _ask(lambda redis: redis.set_many(tokens, TOKEN_SECONDS))
    except _Gone:
        _owed.update(due)
        raise


def _try(act):
    with suppress(_Gone):
        _ask(act)


def _ask(act):
    """One act on Redis. _Gone at once while it is known to be silent."""
    global _silent_until
    if time.monotonic() < _silent_until:
        raise _Gone
    try:
        return act(caches["redis"])
    except Exception as error:  # whatever it is, the database knows
        _silent_until = time.monotonic() + PAUSE
        log.warning("The cache does not answer (%s); pages are made without it.", type(error).__name__)
        raise _Gone from error
