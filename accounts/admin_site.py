"""Django's administration site, behind our own door: our sign-in, administrators alone, 403 for everybody else."""

from urllib.parse import urlencode

from allauth.account.internal.flows.logout import logout
from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from accounts.models import Role


class HmsAdminSite(AdminSite):
    """What administrators refine behind the pages. It writes through the same services."""

    site_title = _("HMS administration")
    index_title = _("Behind the pages")
    enable_nav_sidebar = True

    def each_context(self, request):
        """On every page the hospital's name, for the title and the head."""
        return super().each_context(request) | {
            "site_header": request.hospital.name,
            "site_title": request.hospital.name,
        }

    def _build_app_dict(self, request, label=None):
        """With what each list is for; Django has no other place to add to a list's entry."""
        found = super()._build_app_dict(request, label)
        for app in found.values():
            for entry in app["models"]:
                entry["purpose"] = getattr(self._registry[entry["model"]], "purpose", "")
        return found

    def has_permission(self, request):
        user = request.user
        return user.is_active and user.is_staff and getattr(user, "role", None) == Role.ADMIN

    def admin_view(self, view, cacheable=False):
        guarded = super().admin_view(view, cacheable)

        def inner(request, *args, **kwargs):
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied
            return guarded(request, *args, **kwargs)

        inner.csrf_exempt = getattr(guarded, "csrf_exempt", False)
        inner.__wrapped__ = guarded
        return inner

    @method_decorator(never_cache)
    @login_not_required
    def login(self, request, extra_context=None):
        """There is one way to sign in, with its limits and its record."""
        going = request.GET.get("next", "")
        if not url_has_allowed_host_and_scheme(going, {request.get_host()}, require_https=request.is_secure()):
            going = reverse("admin:index")
        if request.user.is_authenticated:
            if not self.has_permission(request):
                raise PermissionDenied
            return HttpResponseRedirect(going)
        return redirect(f"{reverse('account_login')}?{urlencode({'next': going})}")

    def logout(self, request, extra_context=None):
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        logout(request)
        return redirect(resolve_url("home"))

    def password_change(self, request, extra_context=None):
        return redirect("account_change_password")
