"""Every URL, app by app."""

from django.contrib import admin
from django.urls import include, path, register_converter

from hms import views
from hms.lib.converters import DateConverter, IdConverter, InstantConverter

register_converter(IdConverter, "id")
register_converter(DateConverter, "date")
register_converter(InstantConverter, "instant")

urlpatterns = [
    path("", views.home, name="home"),
    path("access/", views.access_list, name="access-list"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("account/", include("allauth.account.urls")),
    path("", include("accounts.urls")),
    path("", include("clinic.urls")),
    path("", include("scheduling.urls")),
    path("", include("records.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "hms.errors.bad_request"
handler403 = "hms.errors.denied"
handler404 = "hms.errors.missing"
handler429 = "hms.errors.throttled"  # asked by allauth's rate limits
handler500 = "hms.errors.broken"
