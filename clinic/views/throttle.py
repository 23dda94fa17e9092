"""Pages that write, send mail or ask for a password: how often one network address or account may use them."""

from allauth.core.internal.httpkit import get_client_ip
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts import limits


def too_many(request, what, *, most, seconds, who=""):
    """The 429 page when `who` has done `what` too often, else None.

    By default that is the network address, and the limit is to be wide: a whole clinic may share one.
    """
    if not limits.is_too_much(what, who or get_client_ip(request) or "unknown", most=most, seconds=seconds):
        return None
    words = {
        "icon_name": "hourglass-split",
        "title": _("Too many attempts"),
        "text": _("For your safety this is limited. Please wait a few minutes, then try again."),
    }
    page = render(request, "errors/page.html", words, status=429)
    page.headers["Retry-After"] = str(seconds)
    return page
