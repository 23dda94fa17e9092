"""What every URL asks of a person, gathered from where it is said: `@access` on our views, a table here for others.

`manage.py access_matrix` prints it, docs/access.md is made from it, and the tests walk along it.
"""

import re
from dataclasses import dataclass

from django.contrib import admin
from django.core.exceptions import ImproperlyConfigured
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern
from django.utils.translation import gettext_lazy as _

from accounts.access import PUBLIC, SIGNED_IN, Access
from accounts.models import Role
from accounts.roles import roles_with

ADMINISTRATION = "administration site"
FORM = ("GET", "POST")
OWN_ACCOUNT = _("one's own account")
KEY = _("what the key in the address opens")

# Views of django-allauth, by name. Those that are not PUBLIC send signed-out people to sign-in like ours.
ACCOUNT_VIEWS = {
    "account_login": Access(PUBLIC, FORM),
    "account_logout": Access(PUBLIC, FORM),
    "account_inactive": Access(PUBLIC),
    "account_signup": Access(PUBLIC, FORM),
    "account_reauthenticate": Access(SIGNED_IN, FORM, OWN_ACCOUNT),
    "account_email": Access(SIGNED_IN, FORM, OWN_ACCOUNT),
    "account_email_verification_sent": Access(PUBLIC),
    "account_confirm_email": Access(PUBLIC, FORM, KEY),
    "account_change_password": Access(SIGNED_IN, FORM, OWN_ACCOUNT),
    "account_set_password": Access(SIGNED_IN, FORM, OWN_ACCOUNT),
    "account_reset_password": Access(PUBLIC, FORM),
    "account_reset_password_done": Access(PUBLIC),
    "account_reset_password_from_key": Access(PUBLIC, FORM, KEY),
    "account_reset_password_from_key_done": Access(PUBLIC),
    "account_confirm_login_code": Access(PUBLIC, FORM),
    "mfa_authenticate": Access(PUBLIC, FORM, _("a sign-in under way")),
    "mfa_reauthenticate": Access(SIGNED_IN, FORM, OWN_ACCOUNT),
    "mfa_reauthenticate_webauthn": Access(SIGNED_IN, FORM, OWN_ACCOUNT),
}

# Django's administration site: pages of a model ask for a permission on it (or for the `one_permission` that its
# ModelAdmin names), the others for being an administrator.
MODEL_PAGES = {"changelist": "view", "add": "add", "change": "view", "delete": "delete", "history": "view"}


APPS = {
    "hms": _("Everywhere"),
    "setup": _("Setting up"),
    "accounts": _("Accounts"),
    "clinic": _("Hospital, departments, people"),
    "scheduling": _("Visits and hours"),
    "records": _("Records"),
    "admin": _("Administration site"),
}


class Undeclared(ImproperlyConfigured):
    """A URL of which nobody has said who may open it."""


@dataclass(frozen=True)
class Declared:
    """One URL pattern. `roles` is None for everybody, signed in or not; `parameters` are (name, converter) pairs.

    `also` names who gets in whatever the role, in words.
    """

    route: str
    name: str
    methods: tuple
    audience: str
    roles: tuple | None
    object: str
    parameters: tuple
    ours: bool
    also: str = ""

    @property
    def rows(self):
        """The rule for its rows in one line, with who gets in besides the roles."""
        return "; ".join(part for part in (self.object, self.also and f"also {self.also}") if part)

    def as_json(self):
        return {
            "route": self.route,
            "name": self.name,
            "methods": list(self.methods),
            "audience": self.audience,
            "roles": None if self.roles is None else [str(role) for role in self.roles],
            "object": self.object,
            "also": self.also,
            "parameters": dict(self.parameters),
        }


def declared(resolver=None):
    """Every URL pattern of the site as a Declared, in the order of the addresses. Raises Undeclared."""
    return sorted(_walk(resolver or get_resolver(), "/", ()), key=lambda url: (url.route, url.name))


def narrowed(urls, *, q="", role=""):
    """Those whose address, name, permission or rule holds a text, and that a role opens by default."""
    text = q.casefold()
    return [
        url
        for url in urls
        if text in f"{url.route} {url.name} {url.audience} {url.rows}".casefold()
        and (not role or url.roles is None or role in url.roles)
    ]


def by_app(urls):
    """[(app's name, URLs)] in the order of the apps; Django's site last."""
    groups = {}
    for url in urls:
        groups.setdefault(_app_of(url), []).append(url)
    return [(name, groups[label]) for label, name in APPS.items() if label in groups]


def _app_of(url):
    """The namespace; without one it is allauth's or ours."""
    space = url.name.partition(":")[0] if ":" in url.name else "hms"
    if url.route.startswith("/admin/"):
        return "admin"
    return "accounts" if space not in APPS or url.route.startswith("/account/") else space


def _walk(resolver, prefix, namespaces):
    for pattern in resolver.url_patterns:
        route = prefix + _readable(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            yield from _walk(pattern, route, inner)
        elif isinstance(pattern, URLPattern):
            yield _declared(pattern, route, namespaces, resolver)


def _readable(pattern):
    """A route as one writes it; of a regular expression the names of its groups."""
    text = str(pattern)
    if isinstance(pattern, RoutePattern):
        return text
    return re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", r"<\1>", text).removeprefix("^").removesuffix("$")


def _declared(pattern, route, namespaces, resolver):
    name = ":".join([*namespaces, pattern.name or ""]) if namespaces or pattern.name else ""
    access = getattr(pattern.callback, "access", None)
    ours = access is not None
    if access is None:
        access = _foreign(name, namespaces)
    if access is None:
        raise Undeclared(f"{route} ({name or 'without a name'}) does not say who may open it: see accounts/access.py.")
    return Declared(
        route=route,
        name="" if name.endswith(":") else name,
        methods=access.methods,
        audience=access.audience,
        roles=_roles(access, namespaces),
        object=str(access.object),
        parameters=_parameters(pattern, resolver),
        ours=ours,
        also=str(access.also or ""),
    )


def _foreign(name, namespaces):
    """What the tables above say of a view that is not ours; None for one they do not know."""
    if namespaces == ("admin",):
        return _of_administration(name.removeprefix("admin:"))
    return ACCOUNT_VIEWS.get(name)


def _of_administration(name):
    if name == "logout":
        return Access(ADMINISTRATION, ("POST",))
    for model, pages in admin.site._registry.items():
        label, key = model._meta.app_label, f"{model._meta.app_label}_{model._meta.model_name}_"
        if name.startswith(key) and (page := MODEL_PAGES.get(name.removeprefix(key))):
            own = getattr(pages, "one_permission", "")
            return Access(own or f"{label}.{page}_{model._meta.model_name}", FORM)
    return Access(ADMINISTRATION, FORM)


def _roles(access, namespaces):
    """In the administration site a permission alone does not open a page: one has to be an administrator as well."""
    if access.audience == PUBLIC:
        return None
    if access.audience == ADMINISTRATION:
        return (Role.ADMIN,)
    roles = roles_with(access.audience)
    return tuple(role for role in roles if role == Role.ADMIN) if namespaces == ("admin",) else roles


def _parameters(pattern, resolver):
    """((name, converter), …) of the route itself and of what it is included under; "text" where there is none."""
    found = {}
    for part in (resolver.pattern, pattern.pattern):
        if isinstance(part, RoutePattern):
            found |= {name: _converter_name(converter) for name, converter in part.converters.items()}
        else:
            found |= dict.fromkeys(part.regex.groupindex, "text")
    return tuple(found.items())


def _converter_name(converter):
    return type(converter).__name__.removesuffix("Converter").lower()
