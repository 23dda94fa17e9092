"""Keeps secrets in URLs (invitations, resets, private calendars) out of the logs."""

import logging
import re

LONGEST_PLAIN = 20  # characters; ids, dates, instants and the words in our URLs are shorter, tokens are longer
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
DETAIL = re.compile(r"^DETAIL:.*?(?=\n\nThe above exception|\n\nDuring handling|\Z)", re.DOTALL | re.MULTILINE)
ADDRESS = re.compile(r"(?<![\w/])/[^\s\"']*")


def masked(path):
    """A URL path fit for a log: no query string, no control characters, long segments cut to four letters."""
    plain = CONTROL.sub("?", path.partition("?")[0])
    segments = (part if len(part) <= LONGEST_PLAIN else part[:4] + "…" for part in plain.split("/"))
    return "/".join(segments)


class MaskPaths(logging.Filter):
    """Masks what looks like a URL path among the arguments of a log record ("Not Found: %s")."""

    def filter(self, record):
        if isinstance(record.args, tuple):
            record.args = tuple(masked(arg) if _is_path(arg) else arg for arg in record.args)
        return True


class Line(logging.Formatter):
    """A line of the log whose traceback does not quote the row that PostgreSQL has refused."""

    def formatException(self, ei):  # noqa: N802 (logging calls it so)
        return DETAIL.sub("DETAIL: …", super().formatException(ei))


def _is_path(argument):
    return isinstance(argument, str) and bool(ADDRESS.fullmatch(argument))
