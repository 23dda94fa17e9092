"""Break-glass: opening a chart without treating, ending that, and the list in which it is reviewed."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import access
from accounts.downloads import instant, table
from accounts.models import AuditEvent, Role
from records import openings, services
from records.errors import RecordConflict, RecordRefused, TooManyTries
from records.forms import BreakGlassFilter, BreakGlassForm, ReviewForm
from records.models import BreakGlass
from records.views.door import on_record

OWN = gettext_lazy("what one opened oneself")


@access("records.view_breakglass", object=gettext_lazy("all openings; for doctors their own"))
def break_glass_list(request):
    """Administrators: what is to be reviewed. Doctors: what they opened, and what was said of it."""
    context = openings_of(request).context() | {"is_reviewer": request.user.role == Role.ADMIN}
    return render(request, "records/break_glass_list.html", context)


@access("records.view_breakglass", object=gettext_lazy("all openings; for doctors their own"))
def break_glass_download(request):
    """The same as a table, without anybody's own words: a reason may tell what only the chart should."""
    zone = request.hospital.zone
    columns = [
        (_("Patient"), lambda glass: glass.patient.name),
        (_("Number"), lambda glass: glass.patient.number),
        (_("Doctor"), lambda glass: glass.doctor.name),
        (_("Department"), lambda glass: glass.doctor.department.name),
        (_("Opened"), lambda glass: instant(glass.opened_at, zone)),
        (_("Closed"), lambda glass: instant(glass.closed_at, zone)),
        (_("Kind of reason"), lambda glass: glass.get_kind_display()),
        (_("State"), lambda glass: glass.get_verdict_display() or _("To review")),
        (_("Reviewed"), lambda glass: instant(glass.reviewed_at, zone)),
        (_("By"), lambda glass: glass.reviewed_by.name if glass.reviewed_by else ""),
    ]
    return table(request, openings_of(request), columns, name="openings")


def openings_of(request):
    """The list as its address narrows it; doctors see also what was reviewed."""
    found = BreakGlass.objects.visible_to(request.user).with_people()
    return BreakGlassFilter(request.GET, found, every=request.user.role != Role.ADMIN)


@access("records.break_glass", methods="GET POST")
@on_record
def break_glass_create(request):
    """Ask who and why, then open. Whoever is not exactly one patient looks the same, registered here or not."""
    form = BreakGlassForm(request.POST or None, back=reverse("records:break-glass-list"))
    status, wait = 200, 0
    if request.method == "POST" and form.is_valid():
        try:
            glass = services.break_glass(by=request.user, **form.cleaned_data)
        except services.OpenAnyway as refusal:
            messages.info(request, str(refusal))
            return redirect("records:chart-detail", refusal.patient.pk)
        except TooManyTries as refusal:
            form.refuse(refusal)
            status, wait = 429, refusal.seconds
        except RecordRefused as refusal:
            form.refuse(refusal)
            status = 422
        else:
            return redirect("records:chart-detail", glass.patient_id)
    elif request.method == "POST":
        status = 422
    answer = render(request, "records/break_glass_form.html", {"form": form}, status=status)
    if wait:
        answer.headers["Retry-After"] = str(wait)
    return answer


@access("records.break_glass", methods="POST", object=OWN)
def break_glass_end(request, pk):
    """The doctor is done: the chart closes at once."""
    glass = get_object_or_404(BreakGlass.objects.visible_to(request.user), pk=pk)
    services.end_break_glass(glass, by=request.user)
    messages.success(request, _("The record is closed."))
    return redirect("records:break-glass-list")


@access("records.review_breakglass", methods="GET POST", object=gettext_lazy("any opening"))
def break_glass_review(request, pk):
    """One opening: who, why, what was looked at; and the verdict on it."""
    glass = get_object_or_404(BreakGlass.objects.visible_to(request.user).with_people(), pk=pk)
    form = ReviewForm(request.POST or None, glass=glass, back=reverse("records:break-glass-list"))
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            services.review_break_glass(glass, by=request.user, **form.cleaned_data)
        except RecordConflict as refusal:
            back = reverse("records:break-glass-review", args=[pk])
            return render(request, "errors/409.html", {"refusal": refusal, "back": back}, status=409)
        except RecordRefused as refusal:
            form.refuse(refusal, "note")
            status = 422
        else:
            messages.success(request, _("The verdict is saved."))
            return redirect("records:break-glass-list")
    elif request.method == "POST":
        status = 422
    events = AuditEvent.objects.visible_to(request.user).filter(action__in=openings.WORDS)
    acts = openings.acts_within(events, glass)
    return render(
        request, "records/break_glass_review.html", {"glass": glass, "form": form, "acts": acts}, status=status
    )
