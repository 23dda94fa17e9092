"""Every URL, app by app."""

from django.contrib import admin
from django.urls import include, path, register_converter

from hms import views
from hms.figures import views as figures
from hms.jobs import views as jobs
from hms.lib.converters import DateConverter, IdConverter, InstantConverter, MonthConverter

register_converter(IdConverter, "id")
register_converter(DateConverter, "date")
register_converter(InstantConverter, "instant")
register_converter(MonthConverter, "month")

urlpatterns = [
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
    path("access/", views.access_list, name="access-list"),
    path("access/download/", views.access_download, name="access-download"),
    path("roles/", views.role_list, name="role-list"),
    path("settings/history/", views.setting_history, name="setting-history"),
    path("settings/history/download/", views.setting_history_download, name="setting-history-download"),
    path("help/", views.help_own, name="help-own"),
    path("help/<str:role>/", views.help_page, name="help"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("set-up/", include("hms.setup.urls")),
    path("figures/", figures.figures_page, name="figures"),
    path("figures/<str:which>/", figures.figure_rows, name="figure-rows"),
    path("figures/<str:which>/download/", figures.figure_download, name="figure-download"),
    path("jobs/", jobs.job_list, name="job-list"),
    path("jobs/download/", jobs.job_download, name="job-download"),
    path("jobs/runs/", jobs.run_list, name="run-list"),
    path("jobs/runs/download/", jobs.run_download, name="run-download"),
    path("jobs/<str:task>/run/", jobs.job_run, name="job-run"),
    path("jobs/files/<id:pk>/retry/", jobs.file_retry, name="file-retry"),
    path("account/", include("accounts.sign_in_urls")),
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
