"""Signed in by default, and who is calling."""

from urllib.parse import urlsplit

from allauth.core.internal.httpkit import get_client_ip
from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware as DjangoLoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import audit


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
