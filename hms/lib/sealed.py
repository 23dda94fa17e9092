"""Values that leave the database only under seal: encrypted, and accepted again only if they were sealed here.

Fernet (AES-128-CBC with HMAC-SHA256) under a key for each purpose, derived from SECRET_KEY; what was sealed under one
of the SECRET_KEY_FALLBACKS can still be opened. No key stands anywhere but in the settings.
"""

import hmac
import pickle  # nosec B403
import zlib
from base64 import urlsafe_b64encode
from functools import lru_cache

import django
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings

PURPOSE = f"hms.lib.sealed {django.get_version()}".encode()  # another Django may not understand the rows of this one


class Unreadable(Exception):
    """Not sealed here, not for this name, too old, or made by another version."""


def seal(value, *, name):
    """The value as bytes that tell nothing but their length; they open under this name alone."""
    return box(PURPOSE).encrypt(zlib.compress(pickle.dumps((name, value)), level=1))


def opened(token, *, name, seconds):
    """The value again. Unreadable when it was sealed more than `seconds` ago or for another name, or is broken."""
    try:
        plain = box(PURPOSE).decrypt(token, ttl=seconds)  # what passes was sealed here, and may be unpickled
        sealed_for, value = pickle.loads(zlib.decompress(plain))  # nosec B301
    except Exception as error:  # a wrong key, a broken token, a class that is gone: there is nothing to be had
        raise Unreadable from error
    if sealed_for != name:
        raise Unreadable
    return value


def box(purpose):
    """What encrypts and authenticates for one purpose (bytes): its keys open nothing that was meant for another."""
    return _box(purpose, settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


@lru_cache(maxsize=8)
def _box(purpose, *secrets):
    return MultiFernet([Fernet(_key(secret, purpose)) for secret in secrets])


def _key(secret, purpose):
    return urlsafe_b64encode(hmac.digest(secret.encode(), purpose, "sha256"))
