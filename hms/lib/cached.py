"""What was worked out a moment ago, kept in Redis until its topic changes. Never needed for correctness.

A topic is a name like "times:7"; it has a generation, a random token, that is part of the key of all that was made from
it. A reader takes the generation before asking the database, so what was made from older rows lands under a key that
nobody asks for once the writer has committed and called `changed`.
"""

import hashlib
import logging
import secrets
import time
from contextlib import suppress

from django.core.cache import caches
from django.db import connection, transaction

log = logging.getLogger(__name__)

EVERYBODY = "everybody"
EVERYTHING = "everything"  # the topic of all keys: for whoever writes many rows past the services
PAUSE = 5.0  # seconds in which a Redis that did not answer is not asked again
MAKING = 5  # seconds for which one reader makes what others wait for
STEP, TURNS = 0.02, 10  # seconds others wait, and how often, before they make it themselves
_silent_until = 0.0
_owed = set()  # topics that changed while Redis was gone


class _Gone(Exception):
    """Redis does not answer, or did not a moment ago."""


def personal(user):
    """The scope of what only this person may see; another role is another scope."""
    return f"user:{user.pk}:{getattr(user, 'role', '')}"


def after_commit(*topics):
    """For services: what was made from these topics is old once the transaction has committed."""
    transaction.on_commit(lambda: changed(*topics))


def changed(*topics):
    """Give the topics a new generation; when Redis is gone, as soon as this process reaches it again."""
    with suppress(_Gone):
        _settle(*topics)


def remember(name, seconds, make, *, scope, topics):
    """make(), or what it gave for this scope within `seconds` and since the topics changed."""
    found = remember_each(name, [""], seconds, lambda _ids: {"": make()}, scope=scope, topics=lambda _id: topics)
    return found[""]


def remember_each(name, ids, seconds, make, *, scope, topics, holds=lambda value: True):
    """{id: value}: those in Redis for which `holds`, the others from one call of make(ids), which gives {id: value}.

    `topics(id)` are the topics an id's value was made from. Two round trips, however many ids. Inside a transaction the
    database alone answers: what is read there may never be committed.
    """
    if not ids or connection.in_atomic_block:
        return make(ids)
    try:
        keys = _keys(f"{name}:{scope}", {one: (EVERYTHING, *topics(one)) for one in ids})
        known = _known(keys, holds)
        missing = [one for one in ids if one not in known]
        if missing:
            known |= _make_once(missing, keys, seconds, make, holds)
    except _Gone:
        return make(ids)
    return {one: known[one] for one in ids}


def _make_once(ids, keys, seconds, make, holds):
    """One reader makes and the others wait a little; whoever has waited enough makes it too."""
    lock = "making:" + hashlib.sha256("".join(keys[one] for one in ids).encode()).hexdigest()
    mine = _ask(lambda redis: redis.add(lock, 1, MAKING))
    try:
        for turn in range(1 if mine else TURNS):  # who has the lock looks again too: another may just have made it
            time.sleep(STEP if turn else 0)
            known = _known({one: keys[one] for one in ids}, holds)
            if len(known) == len(ids):
                return known
        made = make(ids)
        _try(lambda redis: redis.set_many({keys[one]: (made[one],) for one in ids}, seconds))
        return made
    finally:
        if mine:
            _try(lambda redis: redis.delete(lock))


def _known(keys, holds):
    found = _ask(lambda redis: redis.get_many(list(keys.values())))
    return {one: found[key][0] for one, key in keys.items() if key in found and holds(found[key][0])}


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
        redis.client.set(name, secrets.token_hex(8), timeout=None, nx=True, client=pipeline)
    pipeline.execute()


def _settle(*topics):
    """Tell Redis of these topics, and of those that it has not heard of yet."""
    due = {*topics, *_owed}
    if not due:
        return
    _owed.difference_update(due)  # before telling: who adds one meanwhile is not overlooked
    try:
        _ask(lambda redis: redis.set_many({f"topic:{topic}": secrets.token_hex(8) for topic in due}, None))
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
