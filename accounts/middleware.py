"""Who is there and for how long, what is asked before anything opens, and where the call comes from."""

from urllib.parse import urlencode, urlsplit

from allauth.core.internal.httpkit import get_client_ip
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import AuthenticationMiddleware as DjangoAuthenticationMiddleware
from django.contrib.auth.middleware import LoginRequiredMiddleware as DjangoLoginRequiredMiddleware
from django.contrib.auth.middleware import get_user
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from accounts import audit, consents, services, sessions

WAYS_IN_AND_OUT = "/account/"  # signing in, confirming an address, a second factor, signing out
ENDED = "session_ended"  # on the request: why the session that came with it is over

# What opens before a required second factor is set up: setting it up, showing who one is, and going away.
SETTING_UP = {
    "accounts:security",
    "accounts:app-add",
    "accounts:passkey-add",
    "account_reauthenticate",
    "account_logout",
}


class AuthenticationMiddleware(DjangoAuthenticationMiddleware):
    """Who is there, as long as the session may last; what people do keeps it alive, what pages do does not."""

    def process_request(self, request):
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: who(request))

    def process_response(self, request, response):
        user = getattr(request, "_cached_user", None)
        present = user is not None and user.is_authenticated and not request.session.is_empty()
        if present and not sessions.is_unattended(request):
            sessions.note_activity(request.session, address=get_client_ip(request))
        return response


def who(request):
    """The person of the session; nobody when a limit of the role has ended it."""
    user = get_user(request)
    why = sessions.over(request.session, user.sign_in_rule) if user.is_authenticated else ""
    if why:
        services.end_by_limit(user, request.session, why=why)
        setattr(request, ENDED, why)
        request._cached_user = user = AnonymousUser()
    return user


class SecondFactorMiddleware:
    """Where the hospital asks for a second factor and there is none: nothing opens but setting it up.

    Views marked `without_database` or `about_nobody` (probes, the logo) are left alone.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if getattr(view, "without_database", False) or getattr(view, "about_nobody", False):
            return None
        user = request.user
        if not user.is_authenticated or not user.sign_in_rule.second_factor or user.has_second_factor:
            return None
        if request.resolver_match.view_name in SETTING_UP:
            return None
        there = reverse("accounts:security")
        if request.headers.get("HX-Request"):
            return HttpResponse(status=204, headers={"HX-Redirect": there})
        if is_for_a_page(request):
            request.session[sessions.GOING] = request.get_full_path()
        return redirect(there)


class LoginRequiredMiddleware(DjangoLoginRequiredMiddleware):
    """Sends signed-out people to sign-in and back to a page that can be shown, also from inside a page."""

    def process_view(self, request, view_func, view_args, view_kwargs):
        """Pages for anybody do not ask who is there: liveness must not need the database."""
        if getattr(view_func, "login_required", True):
            return super().process_view(request, view_func, view_args, view_kwargs)
        return None

    def handle_no_permission(self, request, view_func):
        if why := getattr(request, ENDED, ""):
            say_ended(request, why)
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


def say_ended(request, why):
    """Why somebody has to sign in again, and what became of what was sent."""
    if why == sessions.IDLE:
        said = _("You were signed out because nothing happened for a while. Sign in to go on where you were.")
    else:
        said = _("You were signed out because your session had lasted as long as it may. Sign in to go on.")
    if request.method not in {"GET", "HEAD"}:
        said += " " + _("What you sent last was not saved: please enter it again.")
    messages.info(request, said)


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
    What it read stays on the request, as `standings`.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if not self._may_ask(request, view):
            return None
        request.standings = consents.of_account(request.user)
        if not any(one.is_to_be_asked for one in request.standings):
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
