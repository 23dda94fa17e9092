"""What changed between two texts, word by word. Pure."""

import re
from difflib import SequenceMatcher


def pieces(text):
    """Words and the space between them: joined again they are the text."""
    return re.findall(r"\s+|[^\s]+", text)


def word_changes(before, after):
    """A list of (kind, text), kind being "same", "gone" or "new", that tells how `before` became `after`."""
    old, new = pieces(before), pieces(after)
    changes = []
    for kind, start, end, new_start, new_end in SequenceMatcher(None, old, new).get_opcodes():
        if kind == "equal":
            changes.append(("same", "".join(old[start:end])))
            continue
        if end > start:
            changes.append(("gone", "".join(old[start:end])))
        if new_end > new_start:
            changes.append(("new", "".join(new[new_start:new_end])))
    return changes
