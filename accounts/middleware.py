"""Signed in by default, asked for consent, and who is calling."""

from urllib.parse import urlencode, urlsplit

from allauth.core.internal.httpkit import get_client_ip
from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware as DjangoLoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import audit, consents

WAYS_IN_AND_OUT = "/account/"  # signing in, confirming an address, a second factor, signing out


class LoginRequiredMiddleware(DjangoLoginRequiredMiddleware):
    """Sends signed-out people to sign-in and back to a page that can be shown, also from inside a page."""

    def process_view(self, request, view_func, view_args, view_kwargs):
        """Pages for anybody do not ask who is there: liveness must not need the database."""
        if getattr(view_func, "login_required", True):
            return super().process_view(request, view_func, view_args, view_kwargs)
        return None

    def handle_no_permission(self, request, view_func):
        response = redirect_to_login(self._way_back(request), self.get_login_url(view_func))
        if request.headers.get("HX-Request"):
            return HttpResponse(status=204, headers={"HX-Redirect": response.url})
        return response

    def get_login_url(self, view_func):
        """There is one way to sign in, also for Django's administration site."""
        return resolve_url(settings.LOGIN_URL)

    def _way_back(self, request):
        """A change cannot be shown again, nor can a part of a page: the page it came from can."""
        if request.method in {"GET", "HEAD"} and not request.headers.get("HX-Request"):
            return request.get_full_path()
        origin = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
        if not url_has_allowed_host_and_scheme(origin, {request.get_host()}, require_https=request.is_secure()):
            return "/"
        parts = urlsplit(origin)
        return parts.path + (f"?{parts.query}" if parts.query else "")


class RequestContextMiddleware:
    """Lets the audit trail know the caller's address without passing it through every function."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        token = audit.address.set(get_client_ip(request))
        try:
            return self.get_response(request)
        finally:
            audit.address.reset(token)


class ConsentMiddleware:
    """Asks for the consent that a text of the hospital needs, at the next page, and leads back to it.

    A form on its way is let through, so that nothing typed is lost, and so are parts of pages, pictures, files that a
    page asks for, the ways in and out, and views marked `asks_nothing`, `without_database` or `about_nobody`.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if not self._may_ask(request, view) or not consents.to_ask(request.user):
            return None
        return redirect(f"{reverse('accounts:consent-ask')}?{urlencode({'next': request.get_full_path()})}")

    def _may_ask(self, request, view):
        left_alone = any(getattr(view, mark, False) for mark in ("asks_nothing", "without_database", "about_nobody"))
        if left_alone or not is_for_a_page(request) or not request.user.is_authenticated:
            return False
        return not request.path.startswith(WAYS_IN_AND_OUT)


def is_for_a_page(request):
    """Whether somebody asks for a whole page to read, as far as the browser says."""
    if request.method != "GET" or request.headers.get("HX-Request"):
        return False
    if where := request.headers.get("Sec-Fetch-Dest"):
        return where == "document"
    accepted = request.headers.get("Accept", "*/*")
    return accepted == "*/*" or "text/html" in accepted
