"""Who may open which URL, said where the view is. The tests and `manage.py access_matrix` read what is said here."""

from dataclasses import dataclass
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import HttpResponseNotAllowed

from accounts.roles import roles_with

PUBLIC = "public"
SIGNED_IN = "signed in"


@dataclass(frozen=True)
class Access:
    """What a URL asks of a person: an audience (PUBLIC, SIGNED_IN or a permission), methods, a rule for its rows."""

    audience: str
    methods: tuple = ("GET",)
    object: str = ""

    @property
    def roles(self):
        """The roles that get in by default; None when signing in is not needed."""
        return None if self.audience == PUBLIC else roles_with(self.audience)

    def admits(self, user):
        return self.audience in {PUBLIC, SIGNED_IN} or user.has_perm(self.audience)


def access(audience, *, methods="GET", object=""):
    """Declare and enforce a view's audience and methods.

    `audience` is PUBLIC, SIGNED_IN or a permission ("scheduling.cancel_appointment"). `methods` is a space-separated
    list; GET brings HEAD. `object` says in words which rows the view opens: what is outside is a 404, which the view
    gets from `visible_to`. Signed-out people are sent to sign-in by LoginRequiredMiddleware, before this is asked.
    """
    declared = Access(audience, tuple(methods.split()), object)
    allowed = {*declared.methods, "OPTIONS"} | ({"HEAD"} if "GET" in declared.methods else set())

    def decorate(view):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if not declared.admits(request.user):
                raise PermissionDenied
            if request.method not in allowed:
                return HttpResponseNotAllowed(sorted(allowed))
            return view(request, *args, **kwargs)

        guarded.access = declared
        guarded.login_required = audience != PUBLIC
        return guarded

    return decorate
