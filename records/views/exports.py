"""Files with a medical history: asking for one, watching it grow, fetching it."""

from django.contrib import messages
from django.http import FileResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import access
from accounts.models import Role
from hms.lib.errors import Refused
from records import services
from records.models import Export, charts_exported_by
from records.mydata import archive
from records.views.door import BY_EXPORT_GRANT, on_record

OWN = gettext_lazy("one's own files, whatever the role")
SHOWN = 30


@access("records.export_history", object=OWN, also=BY_EXPORT_GRANT)
def export_list(request):
    """The files one has asked for."""
    exports = Export.objects.visible_to(request.user).select_related("patient")[:SHOWN]
    mine = list(charts_exported_by(request.user)) if request.user.role == Role.PATIENT else []
    own = next((patient for patient in mine if patient.user_id == request.user.pk), None)
    context = {"exports": exports, "patient": own, "children": [patient for patient in mine if patient != own]}
    return render(request, "records/export_list.html", context)


@access(
    "records.export_history",
    methods="POST",
    object=gettext_lazy("one's own chart by default; one of a patient one treats, or that a grant lets one download"),
    also=BY_EXPORT_GRANT,
)
def export_create(request):
    """Ask for a file with the history of `patient`, or with one's own."""
    number = request.POST.get("patient", "")
    wanted = {"pk": number if number.isdecimal() and len(number) < 19 else 0} if number else {"user": request.user}
    patient = get_object_or_404(charts_exported_by(request.user), **wanted)
    try:
        export = services.request_export(patient, by=request.user)
    except Refused as refusal:
        messages.warning(request, str(refusal))
        return redirect("records:export-list")
    return redirect("records:export-detail", export.pk)


@access("records.export_history", object=OWN, also=BY_EXPORT_GRANT)
def export_detail(request, pk):
    """How far a file is; refreshes itself until it is made."""
    export = get_object_or_404(Export.objects.visible_to(request.user).select_related("patient"), pk=pk)
    return render(request, "records/export_detail.html", {"export": export})


@access("records.export_history", object=OWN, also=BY_EXPORT_GRANT)
@on_record
def export_download(request, pk):
    """The file itself, for its owner, until it expires or the chart may not leave any more.

    With `?part=json` or `?part=pdf` that part of a copy of everything.
    """
    exports = Export.objects.visible_to(request.user).filter(patient__in=charts_exported_by(request.user))
    export = get_object_or_404(exports.select_related("patient"), pk=pk)
    path = services.file_of(export)
    if path is None:
        messages.warning(request, _("This file cannot be fetched now. Below you see why."))
        return redirect("records:export-detail", export.pk)
    services.open_chart(export.patient, by=request.user, action=f"{services.WORD[export.kind]}.downloaded",
                        target=export)  # fmt: skip
    file, ending, kind = opened(path, export, request.GET.get("part", ""))
    stem = "medical-history" if export.kind == Export.Kind.HISTORY else "my-data"
    day = timezone.localdate(export.finished_at)
    return FileResponse(
        file,
        as_attachment=True,
        filename=f"{stem}-{export.patient.number}-{day}.{ending}",
        content_type=kind,
        headers={"Cache-Control": "no-store, private"},
    )


def opened(path, export, part):
    """(open file, ending, content type) of what was asked for."""
    if export.kind == Export.Kind.HISTORY:
        return path.open("rb"), "csv", "text/csv; charset=utf-8"
    if part in archive.PARTS:
        return archive.part_of(path, part), part, archive.PARTS[part][1]
    return path.open("rb"), "zip", "application/zip"


for view in (export_list, export_detail, export_download):
    view.asks_nothing = True  # who does not agree takes their data along and leaves
