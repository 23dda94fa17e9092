"""Asking the operator at the terminal, or in the environment where there is none."""

import getpass
import os
import sys

from django.core.management import CommandError

PASSWORD_VARIABLE = "HMS_ADMIN_PASSWORD"


def ask(given, question):
    """What was given on the command line, else what the operator answers."""
    if given:
        return given
    if not sys.stdin.isatty():
        raise CommandError(f"{question} is missing.")
    return input(f"{question}: ")


def ask_password():
    """A new password: from the environment, else typed twice without being shown."""
    if given := os.environ.get(PASSWORD_VARIABLE):
        return given
    if not sys.stdin.isatty():
        raise CommandError(f"There is no terminal to ask for a password: set {PASSWORD_VARIABLE}, or use --invite.")
    first = getpass.getpass("Password: ")
    if getpass.getpass("Password, once more: ") != first:
        raise CommandError("The two passwords are not the same.")
    return first
