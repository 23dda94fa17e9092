"""Importing doctors and patients: bring a file, match its columns, look at the check, run, look at the rows, undo."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.access import access
from clinic import services
from clinic.forms import BringForm, ImportFilter, MatchForm, ReadingForm
from clinic.models import Doctor, Import, ImportedRow, Patient
from clinic.services import ClinicConflict, ClinicRefused
from clinic.views.confirm import Question, ask
from hms.lib.errors import Refused
from hms.lib.seen import ChangedMeanwhile

PAGE = 50
MAY = "clinic.import_people"
ALL = gettext_lazy("all imports: administrators work on them together")


@access(MAY, object=ALL)
def import_list(request):
    """What was brought, and how it stands."""
    narrowed = ImportFilter(request.GET, Import.objects.visible_to(request.user).select_related("owner"))
    return render(request, "clinic/import_list.html", narrowed.context())


@access(MAY, methods="GET POST")
def import_create(request):
    """Bring a file."""
    back = reverse("clinic:import-list")
    form = BringForm(request.POST or None, request.FILES or None, back=back)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            kind = form.cleaned_data["kind"]
            imported = services.bring_import(kind, file.chunks(), name=file.name, by=request.user)
        except Refused as refusal:
            form.refuse(refusal, "file")
        else:
            return redirect("clinic:import-match", imported.pk)
    context = {
        "form": form,
        "title": _("Bring a list"),
        "trail": [(_("Imports"), back)],
        "lead": _("Nothing is taken over yet: you will match its columns, and see what would happen."),
    }
    return render(request, "clinic/import_create.html", context, status=422 if form.errors else 200)


def found(request, pk):
    return get_object_or_404(
        Import.objects.visible_to(request.user).select_related("owner", "asked_by", "department"), pk=pk
    )


@access(MAY, object=ALL)
def import_detail(request, pk):
    """How far it is; what a check found; what a run has made. Refreshes itself while a worker is at it."""
    imported = found(request, pk)
    if imported.state == Import.State.DRAFT:
        return redirect("clinic:import-match", pk)
    context = {"imported": imported, "can_undo": services.can_undo(imported)}
    if imported.state == Import.State.CHECKED:
        context["understood"] = services.understood(imported)
    if not imported.is_unfinished:
        context["kept"] = imported.rows.filter(state=ImportedRow.State.KEPT).count()
        context["made"] = imported.rows.count()
        context["has_file"] = services.left_behind_of(imported) is not None
    return render(request, "clinic/import_detail.html", context)


@access(MAY, methods="GET POST", object=ALL)
def import_match(request, pk):
    """Which column is what. POST has the file checked."""
    imported = found(request, pk)
    if not imported.is_open and request.method != "POST":
        return redirect("clinic:import-detail", pk)
    try:
        rows = services.first_rows(imported)
    except ClinicRefused:
        messages.warning(request, _("The file is not kept any more. Please begin again with it."))
        return redirect("clinic:import-list")
    data = request.POST if request.method == "POST" else None
    form = MatchForm(data, imported=imported, rows=rows, back=reverse("clinic:import-list"))
    status = None
    if form.is_valid():
        try:
            services.match_import(imported, mapping=form.mapping, by=request.user, **form.options)
        except ChangedMeanwhile as changed:
            form.show_both(changed)
        except ClinicConflict as refusal:
            form.refuse(refusal)
            status = 409
        else:
            return redirect("clinic:import-detail", pk)
    reading = ReadingForm(initial={name: getattr(imported, name) for name in ReadingForm.base_fields})
    context = {"imported": imported, "form": form, "reading": reading, "rows": rows}
    return render(request, "clinic/import_match.html", context, status=status or form.status)


@access(MAY, methods="POST", object=ALL)
def import_reread(request, pk):
    """Read the file with another encoding or other cells; the columns are matched anew."""
    imported = found(request, pk)
    form = ReadingForm(request.POST)
    if form.is_valid():
        services.reread_import(imported, by=request.user, **form.cleaned_data)
    else:
        messages.warning(request, _("There is no such way to read it."))
    return redirect("clinic:import-match", pk)


@access(MAY, methods="POST", object=ALL)
def import_run(request, pk):
    """Take over what is right."""
    services.run_import(found(request, pk), by=request.user)
    return redirect("clinic:import-detail", pk)


@access(MAY, methods="POST", object=ALL)
def import_cancel(request, pk):
    """Stop a check or a run."""
    imported = services.cancel_import(found(request, pk), by=request.user)
    messages.success(request, _("It is stopped."))
    return redirect("clinic:import-detail", imported.pk)


@access(MAY, methods="POST", object=ALL)
def import_discard(request, pk):
    """Throw the file away."""
    services.discard_import(found(request, pk), by=request.user)
    messages.success(request, _("The file is thrown away. Nothing was imported."))
    return redirect("clinic:import-list")


@access(MAY, methods="GET POST", object=ALL)
def import_undo(request, pk):
    """Remove whom it made."""
    imported = found(request, pk)
    back = reverse("clinic:import-detail", args=[pk])
    made = imported.rows.exclude(state=ImportedRow.State.REMOVED).count()
    question = Question(
        title=_("Undo this import?"),
        verb=_("Undo the import"),
        done=_("It is being undone."),
        back=back,
        facts=[
            (_("File"), imported.file_name),
            (imported.get_kind_display(), ngettext("%(count)d person", "%(count)d people", made) % {"count": made}),
        ],
        trail=[(_("Imports"), reverse("clinic:import-list")), (imported.file_name, back)],
        warning=_(
            "Everybody who came by this import is removed. Who has visits, records, an account or was changed since is "
            "kept, and named afterwards. Each is on record in the audit trail."
        ),
        danger=True,
        objection="" if services.can_undo(imported) else _("There is nothing to undo, or it is being undone already."),
    )
    return ask(request, question, lambda: services.undo_import(imported, by=request.user))


@access(MAY, object=ALL)
def import_rows(request, pk):
    """Which row became whom; with ?state=kept only those whom undoing left."""
    imported = found(request, pk)
    rows, state = imported.rows.order_by("number"), request.GET.get("state", "")
    if state in ImportedRow.State.values:
        rows = rows.filter(state=state)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    page.object_list = with_people(imported, page.object_list, request.user)
    return render(request, "clinic/import_rows.html", {"imported": imported, "page_obj": page, "state": state})


def with_people(imported, rows, user):
    """The rows with `person`: who it became, as far as there and to be seen."""
    rows, model = list(rows), Patient if imported.kind == Import.Kind.PATIENTS else Doctor
    people = model.objects.visible_to(user).in_bulk([row.target_id for row in rows])
    for row in rows:
        row.person = people.get(row.target_id)
    return rows


@access(MAY, object=ALL)
def import_left_out(request, pk):
    """The rows that were left out, with what is wrong beside each, to be put right and brought again."""
    imported = found(request, pk)
    path = services.left_behind_of(imported)
    if path is None:
        raise Http404
    services.note_left_out(imported, by=request.user)
    return FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=f"left-out-{imported.kind}-{imported.pk}.csv",
        content_type="text/csv; charset=utf-8",
        headers={"Cache-Control": "no-store, private"},
    )
