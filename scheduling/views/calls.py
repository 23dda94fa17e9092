"""The list of patients whom no message reached, and noting that they were called."""

from collections import Counter

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import access
from accounts.downloads import instant, table
from scheduling import services, unreached
from scheduling.filters import CallFilter
from scheduling.models import Appointment, PhoneCall
from scheduling.services import BookingConflict, BookingRefused
from scheduling.views.desk import VISIT, as_seen, state_conflict, way_back

CALLED_SHOWN = 20


@access("scheduling.call_patient", object=VISIT)
def call_list(request):
    """Whom no message reached, the next visit first; `day` narrows to one. Below, who was called, to take back."""
    hospital, now = request.hospital, timezone.now()
    narrowed, found = to_call(request, now)
    days = Counter(one.visit.starts_at.astimezone(hospital.zone).date() for one in found.values())
    context = narrowed.context() | {
        "total": len(found),
        "days": sorted(days.items()),
        "day": narrowed.given.get("day"),
        "rows": [found[visit.pk] for visit in narrowed.page],
        "calls": unreached.calls(request.user, hospital, now)[:CALLED_SHOWN],
        "ahead": unreached.AHEAD,
    }
    return render(request, "scheduling/call_list.html", context)


@access("scheduling.call_patient", object=VISIT)
def call_download(request):
    """Whom to call, as the page shows it, as a table to work with beside the telephone."""
    narrowed, found = to_call(request, timezone.now())
    columns = [
        (_("Visit"), lambda one: instant(one.visit.starts_at, request.hospital.zone)),
        (_("Patient"), lambda one: one.visit.patient.name),
        (_("Number"), lambda one: one.visit.patient.number),
        (_("Telephone"), lambda one: "\n".join(f"{phone.as_international} {name}" for name, phone in one.phones)),
        (_("Doctor"), lambda one: one.visit.doctor.name),
        (_("Department"), lambda one: one.visit.department.name),
        (_("Why"), lambda one: ", ".join(str(why) for why in one.why)),
    ]
    return table(request, narrowed, columns, name="to-call", rows=(found[visit.pk] for visit in narrowed.found()))


def to_call(request, now):
    """(the list as it is narrowed, {visit's id: Unreached} of everybody who is to be called)."""
    found = {one.visit.pk: one for one in unreached.find(request.user, request.hospital, now)}
    visits = Appointment.objects.visible_to(request.user).filter(pk__in=list(found))
    return CallFilter(request.GET, visits, user=request.user, zone=request.hospital.zone), found


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
