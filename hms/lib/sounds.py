"""How a name sounds, roughly: what people write down who only heard it comes to the same letters.

Meier, Mayer and Meyer; Schmidt and Schmitt; Muhammad and Mohamed; Müller and Mueller. Made for names in Latin letters,
of no language in particular; other scripts stay as they are.
"""

import re

ALIKE = (
    ("sch", "s"), ("sh", "s"), ("ph", "v"), ("th", "t"), ("dt", "t"), ("ck", "k"), ("tz", "z"),
    ("qu", "kv"), ("x", "ks"), ("oe", "o"), ("ue", "o"), ("ou", "o"),
)  # fmt: skip
SOFT_C = re.compile("c(?=[eiy])")
LETTERS = str.maketrans({"e": "a", "u": "o", "y": "i", "j": "i", "w": "v", "f": "v", "c": "k"})
SILENT = re.compile("(?<=.)h")
DOUBLE = re.compile(r"(.)\1+")


def sound(word):
    """A folded word (hms.lib.search.fold) as it sounds."""
    if not (word.isascii() and word.isalpha()):
        return word
    word = SOFT_C.sub("s", word)
    for written, heard in ALIKE:
        word = word.replace(written, heard)
    return DOUBLE.sub(r"\1", SILENT.sub("", word.translate(LETTERS)))


def pieces(word):
    """The three-letter pieces of a word, with a blank before and behind it."""
    padded = f" {word} "
    return list(dict.fromkeys(padded[start : start + 3] for start in range(len(padded) - 2)))
