"""The list of visits, and the moves that reception and doctors make on them."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_htmx.http import reselect, reswap, retarget

from accounts.access import access
from accounts.models import Role
from scheduling import actions, displaced, services
from scheduling.filters import ALL, PAST, UPCOMING, VisitFilter
from scheduling.forms.desk import NotesForm
from scheduling.models import Appointment
from scheduling.services import BookingConflict, BookingRefused

FOUND = 302
VISIT = gettext_lazy("a visit one may see")
FOR_STAFF = (actions.CHECK_IN, actions.START, actions.RECORD, actions.NO_SHOW, actions.MOVE)
FOR_PATIENTS = (actions.MOVE, actions.CANCEL)


@access("scheduling.view_appointment", object=VISIT)
def appointment_list(request):
    """Visits one may see: filtered, in order, page by page; all of it in the address."""
    now = timezone.now()
    narrowed = VisitFilter(request.GET, user=request.user, zone=request.hospital.zone, now=now)
    page = narrowed.page
    only = FOR_PATIENTS if request.user.role == Role.PATIENT else FOR_STAFF
    rows = [(visit, actions.for_visit(visit, request.user, request.hospital, now, only=only)[:2]) for visit in page]
    context = narrowed.context() | {
        "filter": narrowed,
        "asked": set(displaced.asked_among([visit.pk for visit, _actions in rows])),
        "rows": rows,
        "tabs": _tabs(narrowed),
        "heads": {key: head for key, head in narrowed.heads.items() if key not in _hidden(request.user.role, narrowed)},
        "show_patient": request.user.role != Role.PATIENT or narrowed.acts_for_others,
        "show_doctor": request.user.role != Role.DOCTOR,
        "many_query": _filters_alone(request.GET),
        "may_many": any(request.user.has_perm(f"scheduling.{name}") for name in ("cancel_many", "write_to_patients")),
        "elsewhere": not rows and narrowed.tab != ALL and narrowed.found(ALL).count(),
    }
    return render(request, "scheduling/appointment_list.html", context)


def _filters_alone(asked):
    """The filters of an address, without its page, order and tab: they say which visits an act on many is about."""
    asked = asked.copy()
    for name in ("page", "sort", "when"):
        asked.pop(name, None)
    return f"?{asked.urlencode()}" if asked else ""


def _tabs(narrowed):
    names = ((UPCOMING, _("Upcoming")), (PAST, _("Past")), (ALL, _("All")))
    return [(name, label, name == narrowed.tab) for name, label in names]


def _hidden(role, narrowed):
    """The columns that say the same in every row."""
    if role == Role.PATIENT and not narrowed.acts_for_others:
        return {"patient"}
    return {"doctor"} if role == Role.DOCTOR else set()


def _visit(request, pk):
    return get_object_or_404(Appointment.objects.visible_to(request.user).with_people(), pk=pk)


def as_seen(request, visit):
    """The visit with the time that the page showed (`seen`, the number of its moves), where the page says so."""
    seen = request.POST.get("seen", "")
    if seen.isascii() and seen.isdecimal() and len(seen) < 6:
        visit.moved_count = int(seen)
    return visit


def way_back(request, visit):
    """Where the press came from, if that is a page of ours; else the visit."""
    asked = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return asked if safe and asked.startswith("/") else reverse("scheduling:appointment-detail", args=[visit.pk])


def _act(request, pk, move, done):
    """Make one move and go back to where it was asked for; what the rules refuse is a page with the way on."""
    visit = _visit(request, pk)
    try:
        move(visit, by=request.user)
    except BookingRefused as refusal:
        return state_conflict(request, refusal, visit)
    messages.success(request, done % {"patient": visit.patient.name})
    return redirect(way_back(request, visit))


def state_conflict(request, refusal, visit):
    """409: the visit as it stands now, and the way on. Where a part of a page had asked, it takes the whole page."""
    context = {"refusal": refusal, "visit": _visit(request, visit.pk), "url": way_back(request, visit)}
    context["verb"] = _("Back to where you were") if request.POST.get("next") else _("See the visit as it is now")
    response = render(request, "scheduling/state_conflict.html", context, status=409)
    return reswap(reselect(retarget(response, "#content"), "#content"), "outerHTML show:window:top")


@access("scheduling.confirm_appointment", methods="POST", object=VISIT)
def appointment_confirm(request, pk):
    """The patient says that they come. Takes `seen` (which time of the visit the page showed) and `next`."""
    visit = as_seen(request, _visit(request, pk))
    try:
        services.confirm(visit, by=request.user)
    except BookingRefused as refusal:
        return state_conflict(request, refusal, visit)
    messages.success(request, _("Thank you: we expect you."))
    return redirect(way_back(request, visit))


@access("scheduling.check_in_appointment", methods="POST", object=VISIT)
def appointment_check_in(request, pk):
    return _act(request, pk, services.check_in, _("%(patient)s is checked in."))


@access("scheduling.start_appointment", methods="POST", object=VISIT)
def appointment_start(request, pk):
    """Begin, and go on to what is written down about it."""
    response = _act(request, pk, services.start, _("The consultation of %(patient)s has begun."))
    if response.status_code == FOUND and request.user.has_perm(actions.RECORD.permission):
        return redirect(actions.RECORD.route, pk)
    return response


@access("scheduling.mark_no_show", methods="POST", object=VISIT)
def appointment_no_show(request, pk):
    return _act(request, pk, services.mark_no_show, _("%(patient)s is marked as not having come."))


@access("scheduling.annotate_appointment", methods="GET POST", object=VISIT)
def appointment_notes(request, pk):
    """Notes for colleagues; the patient does not see them."""
    visit = _visit(request, pk)
    back = reverse("scheduling:appointment-detail", args=[pk])
    form = NotesForm(request.POST if request.method == "POST" else None, visit=visit, back=back)
    if request.method == "POST" and form.is_valid():
        try:
            saved = form.save(by=request.user)
        except BookingConflict as refusal:
            return state_conflict(request, refusal, visit)
        if saved:
            messages.success(request, _("The notes are saved."))
            return redirect(back)
    return render(request, "scheduling/appointment_notes.html", {"form": form, "visit": visit}, status=form.status)
