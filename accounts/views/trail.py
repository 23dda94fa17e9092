"""The audit trail, searchable and as a table."""

from django.core.paginator import Paginator
from django.http import StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts import services, trail
from accounts.access import access
from accounts.forms import AuditFilter

PAGE = 50
ROWS = "all acts; for doctors their own"


@access("accounts.view_auditevent", object=ROWS)
def audit_list(request):
    """Who did what, when. No clinical content."""
    form = AuditFilter(request.GET)
    found = trail.search(request.user, form.chosen)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    page.object_list = trail.with_links(list(page.object_list), request.user)
    return render(request, "accounts/audit_list.html", {"form": form, "page_obj": page, "filtered": bool(form.chosen)})


@access("accounts.view_auditevent", object=ROWS)
def audit_download(request):
    """What a search shows, all of it, as CSV. It is sent while it is read, so its length costs no memory."""
    form = AuditFilter(request.GET)
    found = trail.search(request.user, form.chosen)
    services.note_download(by=request.user, chosen=form.chosen)
    day = timezone.localdate()
    return StreamingHttpResponse(
        trail.lines(found, request.hospital.zone),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="audit-trail-{day}.csv"'},
    )
