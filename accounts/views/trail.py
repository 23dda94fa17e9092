"""The audit trail, searchable and as a table."""

from django.http import StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts import services, trail
from accounts.access import access
from accounts.downloads import sent_back
from accounts.forms import AuditFilter

ROWS = "all acts; for doctors their own"


@access("accounts.view_auditevent", object=ROWS)
def audit_list(request):
    """Who did what, when. No clinical content."""
    narrowed = AuditFilter(request.GET, user=request.user)
    narrowed.page.object_list = trail.with_links(list(narrowed.page.object_list), request.user)
    return render(request, "accounts/audit_list.html", narrowed.context())


@access("accounts.view_auditevent", object=ROWS)
def audit_download(request):
    """What a search shows, all of it, as CSV. It is sent while it is read, so its length costs no memory."""
    narrowed = AuditFilter(request.GET, user=request.user)
    if back := sent_back(request, narrowed):
        return back
    services.note_download(by=request.user, chosen=narrowed.given)
    day = timezone.localdate()
    return StreamingHttpResponse(
        trail.lines(narrowed.found(), request.hospital.zone),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="audit-trail-{day}.csv"'},
    )
