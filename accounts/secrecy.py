"""Encrypting what the database holds and nobody may read there: the secrets of second factors.

Keys come from SECRET_KEY and SECRET_KEY_FALLBACKS, so that a key can be replaced without locking anybody out.
"""

from hms.lib import sealed

PURPOSE = b"accounts.secrecy.second-factor"


def encrypt(text):
    return sealed.box(PURPOSE).encrypt(text.encode()).decode()


def decrypt(text):
    """What was encrypted. Raises cryptography.fernet.InvalidToken when none of the keys opens it."""
    return sealed.box(PURPOSE).decrypt(text.encode()).decode()
