"""Reading settings from the environment: what is missing or cannot be used is a sentence, not a traceback."""

import contextlib
import os
import re
import sys
import warnings
from ipaddress import ip_address
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

YES = {"1", "true", "yes", "on"}
NO = {"", "0", "false", "no", "off"}
EXAMPLES = "See .env.example for examples."

env = environ.Env()


def load_settings():
    """Read the settings now; one that is missing or wrong ends this process with its sentence."""
    from django.conf import settings

    try:
        return settings.SECRET_KEY and settings
    except ImproperlyConfigured as error:
        sys.exit(f"hms: {error}")


def read_file(path, *, asked_for=False):
    """Add what a file of settings says to the environment; what is set already stays. No file is no settings.

    Raises ImproperlyConfigured for one that is there and cannot be read, or was `asked_for` and is not there.
    """
    try:
        with open(path, encoding="utf-8-sig") as file:
            environ.Env.read_env(file)
    except FileNotFoundError:
        if asked_for:
            raise ImproperlyConfigured(f"HMS_ENV_FILE names a file that is not there: {path}.") from None
    except OSError as error:
        raise ImproperlyConfigured(f"The settings in {path} cannot be read: {error.strerror}.") from None
    except UnicodeError:
        raise ImproperlyConfigured(f"The settings in {path} cannot be read: the file is not in UTF-8.") from None


def read_env_file(default):
    """The file that HMS_ENV_FILE names, else `default`."""
    told = os.environ.get("HMS_ENV_FILE")
    read_file(told or default, asked_for=bool(told))


def value(name, kind="str", default=environ.Env.NOTSET):
    """One setting. `kind` is a method of environ.Env (str, int, list, db, email_url), or bool."""
    if kind == "bool":
        return flag(name, default=default)
    try:
        with warnings.catch_warnings(action="ignore"):  # of unknown engines: the settings say it in a sentence
            return getattr(env, kind)(name, default=default)
    except ImproperlyConfigured as error:
        if os.environ.get(name):
            raise ImproperlyConfigured(f"{name} cannot be read: {error}. {EXAMPLES}") from None
        raise ImproperlyConfigured(f"{name} is not set. See .env.example for what it means.") from None
    except Exception as error:
        raise ImproperlyConfigured(f"{name} cannot be read: {error}. {EXAMPLES}") from None


def flag(name, *, default):
    """A setting that is on or off. Anything else is a mistake: DEBUG=flase must not decide silently."""
    told = os.environ.get(name, "").strip().lower()
    if told not in YES | NO:
        raise ImproperlyConfigured(f"{name} must be 1 or 0, not {told!r}.")
    return told in YES if told else default


def number(name, default):
    """A setting that is a whole number from 1."""
    told = value(name, "int", default)
    if told < 1:
        raise ImproperlyConfigured(f"{name} must be a whole number from 1, not {told}.")
    return told


def split_url(url):
    """The parts of a URL; None when it is none. With a port that no machine has, it is none."""
    with contextlib.suppress(ValueError):
        parts = urlsplit(url)
        return parts if parts.port != 0 else None
    return None


def origin(name, text):
    """A web address without a path, like https://hospital.example.org, or a sentence."""
    parts = split_url(text)
    if not parts or not parts.hostname or parts.scheme not in {"http", "https"}:
        raise ImproperlyConfigured(f"{name} must be an address people type, like https://hospital.example.org.")
    if parts.path or parts.query or parts.fragment or parts.username:
        raise ImproperlyConfigured(f"{name} must end after the host: HMS serves a host of its own, without a path.")
    return text


def redis_url(name, text):
    """redis://, rediss:// or unix://, with a port and a database number that there can be."""
    parts = split_url(text)
    if not parts or parts.scheme not in {"redis", "rediss", "unix"}:
        raise ImproperlyConfigured(f"{name} must begin with redis://, rediss:// or unix://, and be a whole address.")
    if parts.scheme != "unix" and not re.fullmatch(r"/?[0-9]*", parts.path):
        raise ImproperlyConfigured(f"{name} must end with the number of a database, like redis://127.0.0.1:6379/0.")
    return text


SAMPLES = ("+491701234567", "491701234567", "sample", "AAAAAAAAA/BBBBBBBBBBBBBBBB/CCCCCCCCCCCCCCCC")


def carrier(name, text):
    """An address of Apprise for messages to people, with {to} for the recipient: in its path or query.

    Google Chat alone has it as the host: there the recipient is a space, and the host is Google's whatever it says.
    """
    if not text:
        return ""
    before_path = text.partition("://")[2].partition("/")[0].partition("?")[0]
    if text.count("{to}") != 1 or ("{to}" in before_path and not text.startswith("gchat://")):
        raise ImproperlyConfigured(
            f"{name} must hold {{to}} once, behind the host, where the recipient goes. {EXAMPLES}"
        )
    from apprise import Apprise

    if not any(Apprise.instantiate(text.replace("{to}", sample)) for sample in SAMPLES):
        raise ImproperlyConfigured(f"{name} is no address that Apprise knows, or part of it is missing. {EXAMPLES}")
    return text


def is_loopback(url):
    """Whether a URL is plain http to this very machine."""
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        return False
    if parts.hostname == "localhost":
        return True
    with contextlib.suppress(ValueError):
        return ip_address(parts.hostname).is_loopback
    return False
