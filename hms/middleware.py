"""The outermost guard: refuses what no view should have to see, and puts the security headers on every answer.

It touches neither the database nor what the body of a request means, so that nothing in either can break it.
"""

import contextlib
import logging
import re
import time

from csp.utils import build_policy
from django.conf import settings
from django.http import UnreadablePostError, parse_cookie

from hms import errors
from hms.lib.errors import Refused
from hms.lib.masking import masked

log = logging.getLogger("hms.refused")

CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([^\"';\s]*)", re.IGNORECASE)
CSP = "Content-Security-Policy"
DJANGOS_OWN = {404, 500}  # with DEBUG=1 these are Django's pages for developers, which style themselves
SWALLOWED = 64 * 1024 * 1024  # bytes: what is longer is cut off
PATIENCE = 10  # seconds for the rest of a body that nobody wants
REFUSED = {400, 403, 404, 405, 413, 429}  # told to whoever watches the log: forged ids, foreign tokens, too many tries
BACK = {429: errors.BACK_LATER, 503: errors.BACK_SOON}
UNUSED = "accelerometer camera display-capture geolocation gyroscope magnetometer microphone midi payment usb"
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
PERMISSIONS = ", ".join(f"{feature}=()" for feature in UNUSED.split())


class GuardMiddleware:
    """First in MIDDLEWARE: what happens further in, this sees last."""

    def __init__(self, get_response):
        self.get_response = get_response
        self.headers = security_headers()

    def __call__(self, request):
        page = refusal(request.META)
        response = errors.answer(page) if page else friendly(self.get_response(request))
        swallow_body(request)
        for name, value in self.headers.items():
            if not (name == CSP and settings.DEBUG and response.status_code in DJANGOS_OWN):
                response.headers.setdefault(name, value)
        # Static files bring their own; everything else may be about a person.
        response.headers.setdefault("Cache-Control", "no-store")
        if response.status_code in REFUSED:
            note_refusal(request, response.status_code)
        if settings.SECURE_HSTS_SECONDS and request.is_secure():
            response.headers.setdefault("Strict-Transport-Security", strict_transport())
        return response

    def process_exception(self, request, exception):
        """A refusal that a view did not catch is a conflict, not a crash."""
        if isinstance(exception, Refused):
            return errors.answer(errors.CONFLICT, sentence=str(exception), back=errors.page_before(request))
        return None


def note_refusal(request, status):
    """One line for each refusal, with the account's number of who is signed in. No token, query, name or body."""
    account = getattr(getattr(request, "_cached_user", None), "pk", None) or "nobody"
    method = request.method if request.method in METHODS else "another method"
    log.warning("%s %s %s, account %s", status, method, masked(request.META.get("PATH_INFO", "")), account)


def security_headers():
    """What every answer carries, whoever made it; an answer that sets one itself keeps its own."""
    return {
        CSP: build_policy(),
        "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": PERMISSIONS,
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": settings.X_FRAME_OPTIONS,
    }


def strict_transport():
    value = f"max-age={settings.SECURE_HSTS_SECONDS}"
    if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS:
        value += "; includeSubDomains"
    return value + ("; preload" if settings.SECURE_HSTS_PRELOAD else "")


def refusal(meta):
    """The error page for a request that is refused unread, or None."""
    if has_foreign_charset(meta.get("CONTENT_TYPE", "")) or has_nul(meta):
        return errors.UNREADABLE
    if body_size(meta) is None:
        return errors.UNREADABLE
    if body_size(meta) > settings.MAX_BODY_BYTES_AT.get(meta.get("PATH_INFO", ""), settings.MAX_BODY_BYTES):
        return errors.TOO_LARGE
    return None


def has_foreign_charset(content_type):
    """Whether the sender claims a charset other than UTF-8. Django would decode the address and the form with it."""
    return any(charset.lower() != "utf-8" for charset in CHARSET.findall(content_type))


def has_nul(meta):
    """Whether U+0000 stands in path, query or cookies, escaped as each of them escapes."""
    query = meta.get("QUERY_STRING", "")
    if "\0" in meta.get("PATH_INFO", "") or "\0" in query or "%00" in query:
        return True
    cookies = meta.get("HTTP_COOKIE", "")
    return "\0" in cookies or ("\\" in cookies and any("\0" in value for value in parse_cookie(cookies).values()))


def body_size(meta):
    """The announced size of the body in bytes; None when it is no number."""
    size = meta.get("CONTENT_LENGTH") or "0"
    return int(size) if size.isascii() and size.isdigit() and len(size) < 19 else None


def swallow_body(request):
    """Take in what is left of the body and forget it: who is still sending when the server hangs up sees no answer."""
    size, deadline = body_size(request.META), time.monotonic() + PATIENCE
    if not size or size > SWALLOWED:
        return
    with contextlib.suppress(UnreadablePostError):
        while time.monotonic() < deadline and request.read(64 * 1024):
            pass


def friendly(response):
    """Words for errors that come without, and a time to come back for those that need one."""
    if response.status_code in BACK:
        response.headers.setdefault("Retry-After", BACK[response.status_code])
    if response.status_code == 405 and not response.streaming and not response.content:
        page = errors.answer(errors.WRONG_METHOD)
        page.headers["Allow"] = response.headers.get("Allow", "")
        return page
    return response
