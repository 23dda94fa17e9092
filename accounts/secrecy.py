"""Encrypting what the database holds and nobody may read there: the secrets of second factors.

Keys come from SECRET_KEY and SECRET_KEY_FALLBACKS, so that a key can be replaced without locking anybody out.
(cryptography comes with allauth's second factor.)
"""

import base64
import hashlib
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings

PURPOSE = b"accounts.secrecy.second-factor"


def encrypt(text):
    return _box(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).encrypt(text.encode()).decode()


def decrypt(text):
    """What was encrypted. Raises cryptography.fernet.InvalidToken when none of the keys opens it."""
    return _box(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).decrypt(text.encode()).decode()


@lru_cache(maxsize=4)
def _box(*secrets):
    return MultiFernet([Fernet(_key(secret)) for secret in secrets])


def _key(secret):
    return base64.urlsafe_b64encode(hmac.new(secret.encode(), PURPOSE, hashlib.sha256).digest())
