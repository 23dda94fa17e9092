"""Files that a worker makes: asking for a medical history, watching a file grow, cancelling it, fetching it."""

from django.contrib import messages
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import access
from accounts.models import Role
from hms.lib.errors import Refused
from records import services
from records.errors import RecordConflict
from records.forms.exports import ExportFilter
from records.lists.rows import LISTINGS
from records.models import LISTS, Export, charts_exported_by
from records.mydata import archive
from records.views.door import BY_EXPORT_GRANT, on_record

OWN = gettext_lazy("one's own files, whatever the role")
FEW = 10  # files that nobody has to search


@access("records.fetch_export", object=OWN, also=BY_EXPORT_GRANT)
def export_list(request):
    """The files one has asked for."""
    exports = Export.objects.visible_to(request.user).select_related("patient")
    narrowed = ExportFilter(request.GET, exports, now=timezone.now())
    mine = list(charts_exported_by(request.user)) if request.user.role == Role.PATIENT else []
    own = next((patient for patient in mine if patient.user_id == request.user.pk), None)
    context = narrowed.context() | {"patient": own, "children": [patient for patient in mine if patient != own]}
    context["long"] = bool(request.GET) or narrowed.page.paginator.count > FEW
    context["lists"] = [
        (Export.Kind(kind).label, reverse(f"records:export-{kind}"))
        for kind, permission in LISTS.items()
        if request.user.has_perm(permission)
    ]
    return render(request, "records/export_list.html", context)


@access(
    "records.export_history",
    methods="POST",
    object=gettext_lazy("one's own chart by default; one of a patient one treats, or that a grant lets one download"),
    also=BY_EXPORT_GRANT,
)
def export_create(request):
    """Ask for a file with the history of `patient`, or with one's own, in the `format` csv, csv_plain or pdf."""
    number = request.POST.get("patient", "")
    wanted = {"pk": number if number.isdecimal() and len(number) < 19 else 0} if number else {"user": request.user}
    patient = get_object_or_404(charts_exported_by(request.user), **wanted)
    try:
        form = request.POST.get("format") or Export.Format.CSV
        export = services.request_export(patient, by=request.user, format=form)
    except Refused as refusal:
        messages.warning(request, str(refusal))
        return redirect("records:export-list")
    return redirect("records:export-detail", export.pk)


@access("records.fetch_export", object=OWN, also=BY_EXPORT_GRANT)
def export_detail(request, pk):
    """How far a file is; refreshes itself until it is made."""
    export = get_object_or_404(Export.objects.visible_to(request.user).select_related("patient"), pk=pk)
    query = f"?{export.query}" if export.query else ""
    context = {"export": export}
    if export.is_list:
        context["again_url"] = reverse(f"records:export-{export.kind}") + query
        context["list_url"] = reverse(LISTINGS[export.kind].list_url) + query
    return render(request, "records/export_detail.html", context)


@access("records.fetch_export", methods="POST", object=OWN, also=BY_EXPORT_GRANT)
def export_cancel(request, pk):
    """Stop the making of a file, also while a worker is at it."""
    export = get_object_or_404(Export.objects.visible_to(request.user).select_related("patient"), pk=pk)
    try:
        services.cancel_export(export, by=request.user)
    except RecordConflict as refusal:
        back = reverse("records:export-detail", args=[export.pk])
        return render(request, "errors/409.html", {"refusal": refusal, "back": back}, status=409)
    messages.success(request, _("The file is cancelled. Nothing of it is kept."))
    return redirect("records:export-detail", export.pk)


@access("records.fetch_export", object=OWN, also=BY_EXPORT_GRANT)
@on_record
def export_download(request, pk):
    """The file itself, for its owner, until it expires or the owner may not have it any more.

    With `?part=json` or `?part=pdf` that part of a copy of everything.
    """
    export = get_object_or_404(Export.objects.visible_to(request.user).select_related("patient", "owner"), pk=pk)
    if not services.may_fetch(export):
        raise Http404
    path = services.file_of(export)
    if path is None:
        messages.warning(request, _("This file cannot be fetched now. Below you see why."))
        return redirect("records:export-detail", export.pk)
    services.note_download(export, by=request.user)
    file, ending, kind = opened(path, export, request.GET.get("part", ""))
    return FileResponse(
        file,
        as_attachment=True,
        filename=f"{name_of(export)}-{timezone.localdate(export.finished_at)}.{ending}",
        content_type=kind,
        headers={"Cache-Control": "no-store, private"},
    )


def name_of(export):
    """What the file is called, without day and ending."""
    match export.kind:
        case Export.Kind.HISTORY:
            return f"medical-history-{export.patient.number}"
        case Export.Kind.EVERYTHING:
            return f"my-data-{export.patient.number}"
        case Export.Kind.APPOINTMENTS:
            return "visits"
    return export.kind


def opened(path, export, part):
    """(open file, ending, content type) of what was asked for."""
    match export.format:
        case Export.Format.ZIP if part in archive.PARTS:
            return archive.part_of(path, part), part, archive.PARTS[part][1]
        case Export.Format.ZIP:
            return path.open("rb"), "zip", "application/zip"
        case Export.Format.PDF:
            return path.open("rb"), "pdf", "application/pdf"
    return path.open("rb"), "csv", "text/csv; charset=utf-8"


for view in (export_list, export_detail, export_download):
    view.asks_nothing = True  # who does not agree takes their data along and leaves
