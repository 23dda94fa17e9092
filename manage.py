#!/usr/bin/env python
"""The operator's door: every job of HMS is also a command here."""

import os
import sys


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hms.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit("Django is not installed in this Python. `make run` sets everything up, or activate .venv first.")
    from hms.lib.environment import load_settings

    load_settings()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
