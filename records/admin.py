"""What administrators see of records: files asked for, openings without treating, grants. Never a clinical row."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin_rows import LookedAt, ReadOnly
from records.models import BreakGlass, ClinicalGrant, Export, MonthlyReport


@admin.register(Export)
class ExportAdmin(LookedAt):
    """Who asked for a file and what became of it; nothing can be changed here."""

    purpose = _("Files that people asked for, and what became of them.")
    about = "owner"
    list_display = [
        "requested_at",
        "owner",
        "kind",
        "format",
        "clinical",
        "state",
        "rows_done",
        "rows_total",
        "finished_at",
        "expires_at",
    ]
    list_filter = ["state", "kind", "clinical"]
    list_select_related = ["owner"]
    search_fields = ["owner__search"]
    fields = [
        "owner",
        "kind",
        "format",
        "clinical",
        "state",
        "rows_done",
        "rows_total",
        "attempts",
        "error",
        "requested_at",
        "finished_at",
        "expires_at",
    ]


@admin.register(BreakGlass)
class BreakGlassAdmin(ReadOnly):
    """Who opened a chart without treating; the verdict is given on its own page."""

    purpose = _("Who opened a chart without treating; reviewed on the page Openings to review.")
    list_display = ["opened_at", "doctor", "patient", "kind", "verdict", "reviewed_by"]
    list_filter = ["kind", "verdict"]
    list_select_related = ["doctor", "patient", "reviewed_by"]
    search_fields = ["doctor__search", "patient__search"]
    date_hierarchy = "opened_at"


@admin.register(ClinicalGrant)
class ClinicalGrantAdmin(ReadOnly):
    """Who reads charts beyond their role; asked for, confirmed and taken back on their own pages."""

    purpose = _("Who reads charts beyond their role; given on the page Clinical grants.")
    list_display = ["user", "scope", "starts_at", "until", "asked_by", "confirmed_by", "revoked_by"]
    list_filter = ["scope", "may_export"]
    list_select_related = ["user", "asked_by", "confirmed_by", "revoked_by"]
    search_fields = ["user__search"]


@admin.register(MonthlyReport)
class MonthlyReportAdmin(ReadOnly):
    """Which reports there are; their figures are read on their own pages, and what was found by its doctor alone."""

    purpose = _("Which reports there are; read on the page Reports.")
    list_display = ["month", "doctor", "department", "version", "why", "made_at", "made_by_name"]
    list_filter = ["why", "department"]
    list_select_related = ["doctor", "department"]
    search_fields = ["doctor__search", "department__name"]
    date_hierarchy = "month"
    fields = [*list_display[:5], "definitions", "figures", "checksum", "made_at", "made_by_name"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("diagnoses", "clinical_checksum")
