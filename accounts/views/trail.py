"""The audit trail, searchable."""

from django.core.paginator import Paginator
from django.shortcuts import render

from accounts.access import access
from accounts.forms import AuditFilter
from accounts.models import AuditEvent

PAGE = 50


@access("accounts.view_auditevent", object="all acts; for doctors their own")
def audit_list(request):
    """Who did what, when. No clinical content."""
    form = AuditFilter(request.GET)
    found = AuditEvent.objects.visible_to(request.user).narrowed(**form.chosen)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(request, "accounts/audit_list.html", {"form": form, "page_obj": page, "filtered": bool(form.chosen)})
