"""What tests need to know about processes (Linux: read from /proc)."""

import os
import time
from pathlib import Path


def status(pid):
    """(state letter, parent) of a process, or None when there is none."""
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return None
    return state, int(parent)


def is_gone(pid):
    """Whether a process has ended; one that only waits to be buried has."""
    found = status(pid)
    return found is None or found[0] == "Z"


def children(pid):
    """The living processes whose parent is `pid`."""
    every = (int(entry) for entry in os.listdir("/proc") if entry.isdigit())
    return [one for one in every if (found := status(one)) and found[1] == pid and found[0] != "Z"]


def descendants(pid):
    """The living processes below `pid`."""
    below = children(pid)
    return below + [deeper for child in below for deeper in descendants(child)]


def wait_for(condition, seconds=5):
    """Poll a condition; its last value."""
    deadline = time.monotonic() + seconds
    while not (met := condition()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return met
