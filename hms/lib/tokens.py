"""Secrets in links: 256 random bits for the mail, their hash for the database."""

import hashlib
import secrets


def new_token():
    """(the token that goes into the link, the hash that is kept)."""
    token = secrets.token_urlsafe(32)
    return token, hash_of(token)


def hash_of(token):
    """What a token is found by. Whoever reads the database cannot make the link from it."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
