"""Short lists as a table for a spreadsheet program: what is shown, in its order, sent while it is read."""

from django.http import StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts import services
from hms.lib import sheets

AT_ONCE = 500  # rows in memory


def table(request, narrowed, columns, *, name, rows=None):
    """What a list shows, all of it, as CSV. `columns` are (title, function from a row to its cell); `name` names the
    file, and the list in the audit trail; `rows` are those of a list that is no table of the database. Never for what
    is clinical: that is an export, made by a worker. A filter that makes no sense leads back to the list."""
    if back := sent_back(request, narrowed):
        return back
    services.note_list(by=request.user, name=name, chosen=narrowed.given)
    found = narrowed.found().iterator(chunk_size=AT_ONCE) if rows is None else rows
    rows = ([cell(row) for _title, cell in columns] for row in found)
    return StreamingHttpResponse(
        sheets.lines([title for title, _cell in columns], rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}-{timezone.localdate()}.csv"'},
    )


def sent_back(request, narrowed):
    """To the list of a table whose filter makes no sense: it says why beside the field. None where all make sense."""
    if getattr(narrowed, "form", narrowed).is_valid():
        return None
    return redirect(f"{request.path.removesuffix('download/')}?{request.GET.urlencode()}")


def instant(value, zone):
    """An instant as a cell, in a zone; empty for none."""
    return value.astimezone(zone).isoformat(" ", "minutes") if value else ""
