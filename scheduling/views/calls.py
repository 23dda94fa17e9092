"""The list of patients whom no message reached, and noting that they were called."""

from collections import Counter

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import access
from scheduling import services, unreached
from scheduling.models import Appointment, PhoneCall
from scheduling.services import BookingConflict, BookingRefused
from scheduling.views.desk import VISIT, as_seen, state_conflict, way_back
from scheduling.views.journey import day_in

PAGE = 50
CALLED_SHOWN = 20


@access("scheduling.call_patient", object=VISIT)
def call_list(request):
    """Whom no message reached, the next visit first; ?day= narrows to one day. Below, who was called, to take back."""
    hospital, now = request.hospital, timezone.now()
    found = unreached.find(request.user, hospital, now)
    by_day = Counter(one.visit.starts_at.astimezone(hospital.zone).date() for one in found)
    day = day_in(request.GET.get("day"))
    shown = [one for one in found if day in {None, one.visit.starts_at.astimezone(hospital.zone).date()}]
    context = {
        "total": len(found),
        "days": sorted(by_day.items()),
        "day": day,
        "page_obj": Paginator(shown, PAGE).get_page(request.GET.get("page")),
        "calls": unreached.calls(request.user, hospital, now)[:CALLED_SHOWN],
        "ahead": unreached.AHEAD,
    }
    return render(request, "scheduling/call_list.html", context)


@access("scheduling.call_patient", methods="POST", object=VISIT)
def appointment_call(request, pk):
    """Note that the patient was called. Takes `note`, `seen` (which time of the visit the page showed), `next`."""
    people = ("doctor", "patient__user")
    visits = Appointment.objects.visible_to(request.user).select_related(*people)
    visit = as_seen(request, get_object_or_404(visits, pk=pk))
    try:
        services.note_call(visit, by=request.user, note=request.POST.get("note", ""))
    except BookingConflict as refusal:
        return state_conflict(request, refusal, visit)
    except BookingRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Noted: %(patient)s was called.") % {"patient": visit.patient.name})
    return redirect(way_back(request, visit))


@access("scheduling.call_patient", methods="POST", object=VISIT)
def call_undo(request, pk):
    """Take a call back that was noted by mistake."""
    people = ("appointment__doctor", "appointment__patient")
    call = get_object_or_404(PhoneCall.objects.visible_to(request.user).select_related(*people), pk=pk)
    try:
        services.undo_call(call, by=request.user)
    except BookingConflict as refusal:
        return state_conflict(request, refusal, call.appointment)
    messages.success(request, _("Taken back. If nothing else reached them, they are on the list again."))
    return redirect("scheduling:call-list")
