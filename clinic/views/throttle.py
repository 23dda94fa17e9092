"""Public pages that write or send mail: how often one network address may use them."""

from allauth.core.internal.httpkit import get_client_ip
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts import limits


def too_many(request, what, *, most, seconds):
    """The 429 page when this network address has done `what` too often, else None. A whole clinic may share one."""
    if not limits.is_too_much(what, get_client_ip(request) or "unknown", most=most, seconds=seconds):
        return None
    words = {
        "icon_name": "hourglass-split",
        "title": _("Too many attempts"),
        "text": _("For your safety this is limited. Please wait a few minutes, then try again."),
    }
    page = render(request, "errors/page.html", words, status=429)
    page.headers["Retry-After"] = str(seconds)
    return page
