"""A patient's chart, the standing history in it, and who opened it."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.access import access
from accounts.models import Role
from clinic import topics
from hms.lib import cached
from records import openings, services
from records.charts import Chart
from records.errors import RecordConflict
from records.forms import HistoryForm, StopForm
from records.models import MedicalHistory, PrescriptionLine, charts_as_own, charts_exported_by, charts_written_by
from records.models.reading import Because
from records.services.chart import HISTORY_FIELDS
from records.views.door import BY_GRANT, on_record, open_chart, until_it_closes
from scheduling.models import Appointment

ENCOUNTERS, OPENINGS = 10, 50
ICONS = "vendor/bootstrap-icons/icons.svg"
WRITING = ("write_allergy", "write_history", "review_history", "write_encounter")
CHART = gettext_lazy(
    "one's own chart, and those one reads for; for doctors those of patients they treat or opened by break-glass"
)


@access("records.read_chart", object=CHART, also=BY_GRANT)
@on_record
def chart_detail(request, pk):
    """The whole chart. The opening is on record before anything is shown."""
    patient = open_chart(request, pk)
    context = {
        "patient": patient,
        "ground": patient.ground,
        "can": what_one_can_do(request.user, patient),
        "user": request.user,
        "request": request,
    }
    if reads_own(request, patient):
        context["body"] = own_body(context)
    else:
        context |= of_the_record(context)
    return until_it_closes(render(request, "records/chart_detail.html", context), patient.ground)


def reads_own(request, patient):
    """Whether a patient looks at the first page of their own chart. Whoever else reads may lose the right at once."""
    is_own = patient.ground.because == Because.OWN and request.user.role == Role.PATIENT
    return is_own and not request.GET


def of_the_record(shown):
    """What the body of a chart is made of, for who it is `shown` to."""
    user, patient = shown["user"], shown["patient"]
    chart = Chart(user, patient)
    planned = Appointment.objects.visible_to(user).filter(patient=patient).planned().with_people()
    page = Paginator(chart.encounters, ENCOUNTERS).get_page(shown["request"].GET.get("page"))
    return {"chart": chart, "page_obj": page, "planned": planned[:3]}


def own_body(shown):
    """The body of one's own chart as it reads on this day, sealed and kept until something changes in it.

    Only after the right was asked for and the opening is on record. Part of the key is what one may do there, and the
    icons' address, which another version changes.
    """
    user, patient = shown["user"], shown["patient"]
    may = "".join(str(int(shown["can"][name])) for name in sorted(shown["can"]))
    words = f"{get_language()}:{timezone.get_current_timezone()}:{timezone.localdate()}:{static(ICONS)}"
    return cached.remember(
        "chart",
        topics.CHART_SECONDS,
        lambda: render_to_string("records/_chart_body.html", shown | of_the_record(shown)),
        scope=f"{cached.personal(user)}:{patient.pk}:{may}:{words}",
        topics=[topics.CLINIC, topics.patient(patient.pk)],
        sealed=True,
    )


def what_one_can_do(user, patient):
    """{permission: whether it holds on this chart}: buttons that would lead nowhere are not shown."""
    may_write = charts_written_by(user).filter(pk=patient.pk).exists()
    may_export = charts_exported_by(user).filter(pk=patient.pk).exists()
    can = {name: may_write and user.has_perm(f"records.{name}") for name in WRITING}
    has_export = user.has_perm("records.export_history") or patient.ground.is_grant
    openings = user.has_perm("records.read_openings") and charts_as_own(user).filter(pk=patient.pk).exists()
    return can | {"export_history": may_export and has_export, "read_openings": openings}


@access("records.write_history", methods="GET POST", object=gettext_lazy("one's own chart; of a child without account"))
@on_record
def history_edit(request, pk):
    """The patient writes or rewrites the standing history."""
    patient = open_chart(request, pk, action="history.opened", charts=charts_written_by)
    current = MedicalHistory.objects.visible_to(request.user).filter(patient=patient).first()
    back = reverse("records:chart-detail", args=[patient.pk])
    form = HistoryForm(request.POST or None, current=current, back=back)
    if patient.user_id != request.user.pk:
        form.verb = _("Save the history")
    status, refusal = 200, None
    if request.method == "POST" and form.is_valid():
        try:
            saved = services.save_history(patient, by=request.user, seen=form.cleaned_data["seen"], **form.texts())
        except RecordConflict as conflict:
            status, refusal = 409, conflict
            current = MedicalHistory.objects.visible_to(request.user).filter(patient=patient).first()
            form.saw(current)
        else:
            changed = saved != current
            messages.success(request, _("The history is saved.") if changed else _("Nothing was changed."))
            return redirect("records:chart-detail", patient.pk)
    elif request.method == "POST":
        status = 422
    saved = [(name, getattr(current, name)) for name in HISTORY_FIELDS] if refusal and current else []
    context = {"patient": patient, "form": form, "saved": saved, "refusal": refusal}
    return render(request, "records/history_edit.html", context, status=status)


@access("records.review_history", methods="POST", object=gettext_lazy("a patient one treats"))
def history_review(request, pk):
    """A doctor has read the standing history, in the version that stood on the page."""
    patient = get_object_or_404(charts_written_by(request.user), pk=pk)
    histories = MedicalHistory.objects.visible_to(request.user).filter(patient=patient)
    number = request.POST.get("history", "")
    history = get_object_or_404(histories, pk=number if number.isdecimal() and len(number) < 19 else 0)
    services.review_history(history, by=request.user)
    messages.success(request, _("The history is marked as reviewed."))
    back = request.POST.get("next", "")
    safe = back.startswith("/") and url_has_allowed_host_and_scheme(back, None, require_https=request.is_secure())
    return redirect(back if safe else reverse("records:chart-detail", args=[patient.pk]))


@access("records.write_encounter", methods="GET POST", object=gettext_lazy("a medicine of a patient one treats"))
@on_record
def prescription_stop(request, pk):
    """Ask why, then take a medicine off the current ones."""
    lines = PrescriptionLine.objects.visible_to(request.user).filter(encounter__signed_at__isnull=False)
    lines = lines.filter(encounter__patient__in=charts_written_by(request.user)).select_related("encounter__patient")
    line = get_object_or_404(lines, pk=pk)
    patient = line.encounter.patient
    form = StopForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.stop_prescription(line, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, _("The medicine is not among the current ones any more."))
        return redirect("records:chart-detail", patient.pk)
    services.open_chart(patient, by=request.user)
    status = 422 if form.is_bound else 200
    return render(
        request, "records/prescription_stop.html", {"line": line, "patient": patient, "form": form}, status=status
    )


@access("records.read_openings", object=gettext_lazy("one's own chart; of one's child"))
def opening_list(request, pk):
    """Who opened one's record, when, and what they did there."""
    patient = get_object_or_404(charts_as_own(request.user), pk=pk)
    own = request.GET.get("own") == "1"
    page = Paginator(openings.of_patient(patient, own=own), OPENINGS).get_page(request.GET.get("page"))
    rows = openings.described(page.object_list, patient)
    context = {"patient": patient, "openings": rows, "page_obj": page, "own": own}
    return render(request, "records/opening_list.html", context)
