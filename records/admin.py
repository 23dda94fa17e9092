"""What administrators see of records: that files were asked for. Never what is in them, never a clinical row."""

from django.contrib import admin

from records.models import Export


@admin.register(Export)
class ExportAdmin(admin.ModelAdmin):
    """Who asked for a file and what became of it; nothing can be changed here."""

    list_display = ["requested_at", "owner", "kind", "state", "rows_done", "rows_total", "finished_at", "expires_at"]
    list_filter = ["state", "kind"]
    list_select_related = ["owner"]
    search_fields = ["owner__name", "owner__email"]
    fields = [
        "owner",
        "kind",
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
