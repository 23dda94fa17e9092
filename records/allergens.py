"""Whether the name of a medicine meets an allergy. Pure, and modest: it compares words, it knows no drug classes.

So Penicillin meets "Penicillin V 250 mg" and "Sulfa" meets "Sulfamethoxazole"; that amoxicillin is a penicillin is
something only a hospital's own list can tell. A miss here is never a promise.
"""

import re

from hms.lib.search import fold

# Words that stand in many names and tell nothing about the substance.
TELLS_NOTHING = {
    "acid", "allergy", "capsule", "containing", "dose", "drug", "extract", "fluid", "generic", "hour",
    "injection", "medicine", "oral", "potassium", "product", "sodium", "solution", "substance", "syrup",
    "tablet", "with"
}  # fmt: skip
SHORTEST_STEM = 5  # letters that two words must share from the start to count as one substance


def words(name):
    """The telling words of a substance or medicine, folded, without what stands in brackets."""
    bare = re.sub(r"\([^)]*\)|\[[^]]*\]", " ", name)
    apart = re.split(r"[\s.,;:/+&%()\[\]]+", fold(bare))  # \W would cut words of Indic scripts at their vowel signs
    return {word for word in apart if len(word) > 1 and not word[0].isdigit() and word not in TELLS_NOTHING}


def is_same(one, other):
    """Whether two words name one substance: equal, or one begins with the other (penicillin, penicillins)."""
    short, long = sorted((one, other), key=len)
    if one == other:
        return True
    return long.startswith(short) if len(short) >= SHORTEST_STEM else not short.isascii() and short in long


def meets(medicine, substances):
    """Those of `substances` (names of allergens) that the medicine's name meets, in their order."""
    prescribed = words(medicine)
    return [name for name in substances if any(is_same(one, other) for one in words(name) for other in prescribed)]
