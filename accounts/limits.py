"""How many sign-ins may fail, and how often strangers may ask. Counted in the database's cache: it holds without Redis.

Only failures count: fifty devices may sign in to one account at once. Per network address the limit is wide, since a
whole hospital comes from one each morning, and nobody is kept out by a neighbour's typing.
"""

import hashlib

from allauth.core.internal.ratelimit import cache_lock
from django.core.cache import cache
from django.utils import timezone

PER_ACCOUNT, ACCOUNT_SECONDS = 5, 300
PER_ADDRESS, ADDRESS_SECONDS = 1000, 600
PER_CODE, CODE_SECONDS = 5, 300  # wrong codes of a second factor: who types them knows the password
PER_CODE_DAY, DAY_SECONDS = 50, 86400


class TooMany(Exception):
    """Too many codes of a second factor were wrong: none is looked at for a while."""


def _account(email):
    return f"sign-in-failures:account:{hashlib.sha256(email.encode()).hexdigest()}"


def _address(address):
    return f"sign-in-failures:address:{address}"


def note_failure(email, address):
    """Count one failed sign-in, for the account (existing or not) and for where it came from."""
    for key, seconds in ((_account(email), ACCOUNT_SECONDS), (_address(address), ADDRESS_SECONDS)):
        with cache_lock(key):
            cache.set(key, cache.get(key, 0) + 1, seconds)


def forget(email):
    """Begin anew for an account: somebody signed in to it, or chose a new password by mail."""
    cache.delete(_account(email))


def is_exhausted(email, address):
    """Whether so many sign-ins failed that no more are tried for a while."""
    failures = cache.get_many([_account(email), _address(address)])
    return failures.get(_account(email), 0) >= PER_ACCOUNT or failures.get(_address(address), 0) >= PER_ADDRESS


def _codes(pk):
    return f"wrong-codes:{pk}", f"wrong-codes-of-a-day:{pk}"


def note_wrong_code(pk):
    """Count one wrong code for an account. True when it was the one after which it has to wait."""
    few, many = _codes(pk)
    wrong = cache.get(few, 0) + 1
    cache.set(few, wrong, CODE_SECONDS)
    cache.set(many, cache.get(many, 0) + 1, DAY_SECONDS)
    return wrong == PER_CODE


def codes_exhausted(pk):
    """Whether so many codes were wrong that no more are looked at for a while."""
    few, many = _codes(pk)
    counted = cache.get_many([few, many])
    return counted.get(few, 0) >= PER_CODE or counted.get(many, 0) >= PER_CODE_DAY


def forget_codes(pk):
    """Begin anew: a code was right, or an administrator has reset the second factor."""
    cache.delete_many(_codes(pk))


def is_too_much(what, who, *, most, seconds):
    """Count one more `what` by `who` (an address, an account); whether that is more than `most` within `seconds`.

    The clock is cut into stretches of that length, so that somebody who goes on trying keeps nobody out for ever.
    """
    who = hashlib.sha256(str(who).encode("utf-8", "surrogatepass")).hexdigest()
    key = f"{what}:{int(timezone.now().timestamp() // seconds)}:{who}"
    with cache_lock(key):
        count = cache.get(key, 0) + 1
        cache.set(key, count, seconds)
    return count > most
