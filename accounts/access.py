"""Who may open which URL, said where the view is. The tests and `manage.py access_matrix` read what is said here."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import HttpResponseNotAllowed

from accounts.roles import roles_with

PUBLIC = "public"
SIGNED_IN = "signed in"


@dataclass(frozen=True)
class Beyond:
    """People whom a view admits without the permission it asks for: who, in words, and the question whether one is."""

    words: str
    holds: Callable

    def __str__(self):
        return str(self.words)


@dataclass(frozen=True)
class Access:
    """What a URL asks of a person: an audience (PUBLIC, SIGNED_IN or a permission), methods, a rule for its rows.

    `also` names people beyond the audience; which rows they find is the same rule's business.
    """

    audience: str
    methods: tuple = ("GET",)
    object: str = ""
    also: Beyond | None = None

    @property
    def roles(self):
        """The roles that get in by default; None when signing in is not needed."""
        return None if self.audience == PUBLIC else roles_with(self.audience)

    def admits(self, user):
        if self.audience in {PUBLIC, SIGNED_IN} or user.has_perm(self.audience):
            return True
        return self.also is not None and self.also.holds(user)


def access(audience, *, methods="GET", object="", also=None):
    """Declare and enforce a view's audience and methods.

    `audience` is PUBLIC, SIGNED_IN or a permission ("scheduling.cancel_appointment"). `methods` is a space-separated
    list; GET brings HEAD. `object` says in words which rows the view opens: what is outside is a 404, which the view
    gets from `visible_to`. `also` is a Beyond. Signed-out people are sent to sign-in by LoginRequiredMiddleware, before
    this is asked.
    """
    declared = Access(audience, tuple(methods.split()), object, also)
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
