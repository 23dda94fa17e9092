"""A whole installation of real processes, broken while it works: what went in comes out, once."""

import re
import subprocess
import sys

import pytest

from hms.testing import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.once, pytest.mark.timeout(400)]
MESSAGES = 40


def test_messages_outlive_a_killed_worker_and_a_killed_database_and_none_arrives_twice():
    command = [
        sys.executable,
        "-m",
        "hms.faults",
        "--messages",
        str(MESSAGES),
        "--only",
        "worker",
        "--only",
        "database",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    found = re.findall(r"(\d+) +(\d+) +(\d+) +(\d+) +(\d+)$", done.stdout, re.MULTILINE)
    assert [(int(into), int(sent) + int(doubt), int(twice)) for into, sent, doubt, _arrived, twice in found] == [
        (MESSAGES, MESSAGES, 0),
        (MESSAGES, MESSAGES, 0),
    ]
