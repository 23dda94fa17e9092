"""What administrators see of records: files asked for, openings without treating, grants. Never a clinical row."""

from django.contrib import admin

from accounts.admin import ReadOnly
from records.models import BreakGlass, ClinicalGrant, Export, MonthlyReport


@admin.register(Export)
class ExportAdmin(admin.ModelAdmin):
    """Who asked for a file and what became of it; nothing can be changed here."""

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
    search_fields = ["owner__name", "owner__email"]
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

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(BreakGlass)
class BreakGlassAdmin(ReadOnly):
    """Who opened a chart without treating; the verdict is given on its own page."""

    list_display = ["opened_at", "doctor", "patient", "kind", "verdict", "reviewed_by"]
    list_filter = ["kind", "verdict"]
    list_select_related = ["doctor", "patient", "reviewed_by"]
    search_fields = ["doctor__search", "patient__search"]
    date_hierarchy = "opened_at"


@admin.register(ClinicalGrant)
class ClinicalGrantAdmin(ReadOnly):
    """Who reads charts beyond their role; asked for, confirmed and taken back on their own pages."""

    list_display = ["user", "scope", "starts_at", "until", "asked_by", "confirmed_by", "revoked_by"]
    list_filter = ["scope", "may_export"]
    list_select_related = ["user", "asked_by", "confirmed_by", "revoked_by"]
    search_fields = ["user__search"]


@admin.register(MonthlyReport)
class MonthlyReportAdmin(ReadOnly):
    """Which reports there are; their figures are read on their own pages, and what was found by its doctor alone."""

    list_display = ["month", "doctor", "department", "version", "why", "made_at", "made_by_name"]
    list_filter = ["why", "department"]
    list_select_related = ["doctor", "department"]
    search_fields = ["doctor__search", "department__name"]
    date_hierarchy = "month"
    fields = [*list_display[:5], "definitions", "figures", "checksum", "made_at", "made_by_name"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("diagnoses", "clinical_checksum")
