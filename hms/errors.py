"""What people see when something does not work. These pages ask neither the database nor the body of the request."""

import re
import sys
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.core.exceptions import DisallowedHost, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import DataError, InterfaceError, OperationalError, ProgrammingError
from django.http import HttpResponse, HttpResponseNotAllowed
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
DATABASE_GONE = (OperationalError, InterfaceError)
NOT_THERE = {"42P01", "42703"}  # PostgreSQL's codes for a table and a column that do not exist
BACK_SOON = "10"  # seconds until a dependency that is down is asked again
BACK_LATER = "60"  # seconds for who tried too often


@dataclass(frozen=True)
class Page:
    """The words of one kind of error."""

    status: int
    icon: str
    title: str
    text: str
    headers: dict = field(default_factory=dict)


UNREADABLE = Page(
    400,
    "question-circle",
    _("That request could not be read"),
    _("Something in the address or in what was sent is not as it should be. Going back and trying again may help."),
)
DENIED = Page(
    403,
    "shield-lock",
    _("This page is not open to you"),
    _("Your role has no access here. If you think it should, please ask an administrator of the hospital."),
)
FORM_EXPIRED = Page(
    403,
    "clock-history",
    _("The form was open for too long"),
    _(
        "For your safety a form is valid only for a while, and only in the browser that opened it. "
        "Nothing was changed. Please open the page again and send it once more."
    ),
)
MISSING = Page(
    404,
    "compass",
    _("There is nothing here"),
    _("The page does not exist, or it is not yours to see. Perhaps the link is old or was not copied completely."),
)
WRONG_METHOD = Page(
    405,
    "slash-circle",
    _("It does not work this way"),
    _("This address does not answer that kind of request. Please use the buttons on the pages."),
)
CONFLICT = Page(
    409,
    "arrow-repeat",
    _("Something has changed meanwhile"),
    _("It was done already, or somebody else was faster. Your last step has changed nothing."),
)
TOO_LARGE = Page(
    413,
    "file-earmark-arrow-down",
    _("That is too large"),
    _("What you sent is more than we can take. Please choose a smaller file or a shorter text."),
)
THROTTLED = Page(
    429,
    "hourglass-split",
    _("Too many attempts"),
    _("For your safety this is limited. Please wait a few minutes, then try again."),
    {"Retry-After": BACK_LATER},
)
BROKEN = Page(
    500,
    "exclamation-triangle",
    _("Something went wrong on our side"),
    _("It is not your fault, and it is on record. Please try again; if it stays like this, call the hospital."),
)
UNAVAILABLE = Page(
    503,
    "cup-hot",
    _("We will be back in a moment"),
    _("The system is busy or being looked after. What was confirmed to you is safe. Please try again in a minute."),
    {"Retry-After": BACK_SOON},
)
PAGES = (UNREADABLE, DENIED, FORM_EXPIRED, MISSING, WRONG_METHOD, CONFLICT, TOO_LARGE, THROTTLED, BROKEN, UNAVAILABLE)


def answer(page, *, sentence="", back=""):
    """The response for one kind of error; plain text should even the template fail."""
    text = sentence or page.text
    context = {"icon_name": page.icon, "title": page.title, "text": text, "back": back}
    try:
        content, kind = render_to_string("errors/page.html", context), "text/html"
    except Exception:  # the error page of the error page: whatever it was, people get an answer
        content, kind = f"{page.title}. {text}", "text/plain"
    return HttpResponse(content, status=page.status, content_type=f"{kind}; charset=utf-8", headers=page.headers)


def bad_request(request, exception=None):
    """400; 413 when it was too much."""
    if isinstance(exception, TOO_MUCH) and request.method not in {"GET", "HEAD"}:
        return answer(TOO_LARGE)
    return answer(UNREADABLE)


def denied(request, exception=None):
    return answer(DENIED)


def missing(request, exception=None):
    return answer(MISSING)


def throttled(request):
    return answer(THROTTLED)


def broken(request):
    """500; 503 when the database cannot be used; 400 for a character that no text in a database can hold."""
    error = sys.exc_info()[1]
    if isinstance(error, DATABASE_GONE) or is_about_tables(error):
        return answer(UNAVAILABLE)
    if is_about_nul(error):
        return answer(UNREADABLE)
    return answer(BROKEN)


def is_about_tables(error):
    """The code is newer than the database, as /readyz says too. SQLite has an OperationalError for it."""
    return isinstance(error, ProgrammingError) and getattr(error.__cause__, "sqlstate", "") in NOT_THERE


def is_about_nul(error):
    """PostgreSQL refuses U+0000 in text. Forms do too; this is for what reaches a query past a form."""
    return isinstance(error, (ValueError, DataError)) and "NUL" in str(error)


def csrf_failure(request, reason=""):
    """403 for a form without a valid token, with a way back to where it was. No page knows PUT or DELETE: 405."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["GET", "HEAD", "OPTIONS", "POST"])
    return answer(FORM_EXPIRED, back=page_before(request))


def page_before(request):
    """The path of the page the request came from, when it is one of ours; else nothing."""
    try:
        parts, host = urlsplit(request.headers.get("Referer", "")), request.get_host()
    except (ValueError, DisallowedHost):
        return ""
    if parts.netloc != host or not re.match(r"/(?!/)", parts.path):
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")
