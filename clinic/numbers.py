"""Patient numbers: random, so that none can be guessed from another, and with a check character against typing errors.

Nine characters in groups of three, like K7M-2QX-94B. No vowels (no words come out), nothing that looks like
something else (0 O, 1 I L, 5 S, 9 g). The last one is a Luhn checksum over the alphabet ("Luhn mod N", ISO/IEC 7812
generalised): every single wrong character and nearly every swap of two neighbours is found.
"""

import secrets

ALPHABET = "234678" + "BCDFGHJKMNPQRTVWXZ"
RANDOM = 8


def check_character(body):
    """The character that follows `body`."""
    total = 0
    for position, character in enumerate(reversed(body)):
        value = ALPHABET.index(character) * (2 - position % 2)
        total += value // len(ALPHABET) + value % len(ALPHABET)
    return ALPHABET[-total % len(ALPHABET)]


def new_number():
    """A number nobody can guess; that nobody has it yet is for the caller to see."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM))
    return grouped(body + check_character(body))


def grouped(plain):
    return "-".join(plain[start : start + 3] for start in range(0, len(plain), 3))


def as_number(text):
    """What somebody typed, as a patient number is written; None when it cannot be one."""
    plain = "".join(text.upper().replace("-", " ").split())
    if len(plain) != RANDOM + 1 or not set(plain) <= set(ALPHABET):
        return None
    return grouped(plain) if check_character(plain[:-1]) == plain[-1] else None
