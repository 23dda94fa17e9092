"""One visit: looking at it, moving it, cancelling it, taking it along in a calendar."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.access import access
from accounts.models import Role
from clinic import family
from clinic.inname import acts_for
from clinic.models import Guardianship
from hms.lib import when
from hms.lib.converters import InstantConverter
from scheduling import actions, displaced, free, ics, notices, offers, services
from scheduling.forms.booking import CancelForm, MoveForm
from scheduling.models import Appointment, Status, WaitlistOffer
from scheduling.services import BookingRefused
from scheduling.services.booking import require_changeable
from scheduling.services.guard import require_in_time, slot_on_offer
from scheduling.views.journey import Strip, day_in, parts_of_day

MINE = "a visit one may see"
OFFERED = (
    actions.CONFIRM,
    actions.CHECK_IN,
    actions.START,
    actions.RECORD,
    actions.NO_SHOW,
    actions.MOVE,
    actions.CANCEL,
)


def visit_of(request, pk):
    """The visit with its people, if the reader may see it."""
    visits = Appointment.objects.visible_to(request.user).with_people().select_related("patient__user", "doctor__user")
    return get_object_or_404(visits, pk=pk)


@access("scheduling.view_appointment", object=MINE)
def appointment_detail(request, pk):
    """A visit, and what one can do about it."""
    visit = visit_of(request, pk)
    now, user = timezone.now(), request.user
    staff = free.is_staff(user)
    page = {
        "visit": visit,
        "staff": staff,
        "mine": not staff or user.pk == visit.doctor.user_id,
        "for_whom": visit.patient.name if acts_for(user, visit.patient) else "",
        "reason": reason_for(visit, user),
        "events": visit.events.all() if staff else [],
        "offer": offer_of(visit, user),
        "needs_time": needs_time(visit, staff=staff),
        "actions": actions.for_visit(visit, user, request.hospital, now, only=OFFERED),
        "record_url": record_url(visit, user),
        "just_booked": "booked" in request.GET and visit.is_planned,
        "too_late": too_late(visit, user, request.hospital, now),
        "mail_to": ", ".join(person.address for person in family.addressees(visit.patient) if person.address),
    }
    return render(request, "scheduling/appointment_detail.html", page)


def needs_time(visit, *, staff):
    """Whether another time is to be chosen: patients are told once they were asked."""
    if visit.status != Status.BOOKED:
        return False
    return displaced.is_displaced(visit) if staff else displaced.is_asked_for(visit)


def offer_of(visit, user):
    """The offer from the waiting list that a held visit is, for who may answer it; else None."""
    if visit.status != Status.HELD:
        return None
    return WaitlistOffer.objects.visible_to(user).open().filter(appointment=visit).first()


def reason_for(visit, user):
    """Why the patient comes. Who may only book for somebody reads it where they typed it themselves."""
    if not acts_for(user, visit.patient) or visit.booked_by_id == user.pk or reads_of(user, visit):
        return visit.reason
    return ""


def reads_of(user, visit):
    """Whether a patient's account may read the record of the patient whose visit it is."""
    acting = Guardianship.objects.visible_to(user).acting().reading().filter(guardian=user, patient=visit.patient_id)
    return visit.patient.user_id == user.pk or acting.exists()


def record_url(visit, user):
    """Where what was decided can be read, by those who may; scheduling itself knows nothing of it."""
    if user.has_perm("records.write_encounter"):
        return reverse("records:encounter-write", args=[visit.pk])
    if user.role != Role.PATIENT or not reads_of(user, visit):
        return ""
    query = f"?patient={visit.patient_id}" if acts_for(user, visit.patient) else ""
    return reverse("records:visit-list") + query


def too_late(visit, user, hospital, now):
    """Why a patient cannot change a planned visit any more; empty when they can."""
    if not visit.is_planned:
        return ""
    try:
        require_changeable(visit, by=user, hospital=hospital, now=now)
    except BookingRefused as refusal:
        return str(refusal)
    return ""


@access("scheduling.view_appointment", object=MINE)
def appointment_ics(request, pk):
    """The visit for one's own calendar."""
    visit = visit_of(request, pk)
    event = notices.as_event(visit, request.hospital, is_guardian=acts_for(request.user, visit.patient))
    text = ics.calendar(event, now=timezone.now())
    name = f"visit-{visit.reference}.ics"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type="text/calendar; charset=utf-8", headers=headers)


@access("scheduling.reschedule_appointment", methods="GET POST", object=MINE)
def appointment_reschedule(request, pk):
    """Another time for a visit: first the day and time, then a page that names both. POST takes `starts`, `reason`."""
    visit = visit_of(request, pk)
    terms = free.terms_for(request.user, request.hospital, timezone.now())
    if request.method == "POST":
        return moved(request, visit, terms)
    if not services.may_change(visit, request.user, request.hospital, terms.now):
        return cannot_change(request, visit, _("This visit cannot be moved any more."))
    if "starts" in request.GET:
        return ask_to_move(request, visit, terms)
    return choose_time(request, visit, terms)


def cannot_change(request, visit, otherwise):
    refusal = too_late(visit, request.user, request.hospital, timezone.now()) or otherwise
    url = reverse("scheduling:appointment-detail", args=[visit.pk])
    page = {"visit": visit, "refusal": refusal, "url": url}
    return render(request, "scheduling/appointment_conflict.html", page, status=409)


def choose_time(request, visit, terms):
    """The strip of days and the times of the chosen one."""
    here = reverse("scheduling:appointment-reschedule", args=[visit.pk])
    day = day_in(request.GET.get("day"))
    first, last = offers.page_of_strip(day or day_in(request.GET.get("from")) or terms.first_day, terms)
    days = free.strip(visit.doctor, first, last, terms=terms, without=visit)
    strip = Strip(days, terms, url_of=lambda on: f"{here}?day={on.isoformat()}", page=here)
    chosen = strip.by_day.get(day)
    others = [slot for slot in chosen.slots if slot.starts != visit.starts_at] if chosen else []
    page = {
        "visit": visit,
        "strip": strip,
        "day": day,
        "chosen": chosen,
        "parts": parts_of_day(others, terms.zone, lambda at: f"{here}?{urlencode({'starts': as_text(at)})}"),
    }
    return render(request, "scheduling/appointment_reschedule.html", page)


def as_text(instant):
    return InstantConverter().to_url(instant)


def instant_in(text):
    """An instant from the address or a form; None when it is none."""
    try:
        return InstantConverter().to_python(text or "")
    except ValueError:
        return None


def ask_to_move(request, visit, terms, form=None, status=200):
    """Names the old and the new time, and asks."""
    starts = instant_in((request.POST or request.GET).get("starts"))
    if starts is None:
        return choose_time(request, visit, terms)
    try:
        slot = slot_to_move_to(visit, starts, terms, request)
    except BookingRefused as refusal:
        return no_such_time(request, visit, terms, starts, refusal=refusal, reason="")
    here = reverse("scheduling:appointment-reschedule", args=[visit.pk])
    day = slot.starts.astimezone(terms.zone).date()
    seen = {"starts": as_text(starts), "seen": as_text(visit.starts_at)}
    form = form or MoveForm(initial=seen, back=f"{here}?day={day.isoformat()}")
    page = {"visit": visit, "slot": slot, "form": form}
    return render(request, "scheduling/appointment_move.html", page, status=status)


def slot_to_move_to(visit, starts, terms, request):
    require_in_time(starts, terms=terms, hospital=request.hospital)
    return slot_on_offer(visit.doctor, starts, terms=terms, without=visit)


def moved(request, visit, terms):
    """Move it, or show why not and what else is free."""
    form = MoveForm(request.POST, back=reverse("scheduling:appointment-reschedule", args=[visit.pk]))
    starts = instant_in(request.POST.get("starts"))
    if not form.is_valid() or starts is None:
        messages.error(request, _("Choose one of the free times, please."))
        return ask_to_move(request, visit, terms, form if form.errors.get("reason") else None, status=422)
    seen = instant_in(form.cleaned_data["seen"])
    if seen is not None and starts != visit.starts_at:
        visit.starts_at = seen
    try:
        visit = services.reschedule(visit, starts_at=starts, by=request.user, reason=form.cleaned_data["reason"])
    except BookingRefused as refusal:
        fresh = visit_of(request, visit.pk)
        if not services.may_change(fresh, request.user, request.hospital, terms.now):
            return cannot_change(request, fresh, str(refusal))
        return no_such_time(request, fresh, terms, starts, refusal=refusal, reason=form.cleaned_data["reason"])
    time = when.moment(visit.starts_at, terms.zone, terms.now)
    messages.success(request, _("The visit is moved to %(time)s.") % {"time": time})
    return redirect("scheduling:appointment-detail", visit.pk)


def no_such_time(request, visit, terms, starts, *, refusal, reason):
    """The time is not to be had: the nearest ones, each one press away."""
    near = offers.nearest(visit.doctor, starts, terms=terms, patient=visit.patient, without=visit)
    near = [one.slot for one in near if one.slot.starts != visit.starts_at]
    page = {
        "visit": visit,
        "refusal": refusal,
        "reason": reason,
        "seen": as_text(visit.starts_at),
        "near": [{"at": slot.starts, "value": as_text(slot.starts)} for slot in near],
        "url": reverse("scheduling:appointment-reschedule", args=[visit.pk]),
    }
    return render(request, "scheduling/appointment_conflict.html", page, status=409)


@access("scheduling.cancel_appointment", methods="GET POST", object=MINE)
def appointment_cancel(request, pk):
    """Asks, and on POST cancels. Takes `reason`."""
    visit = visit_of(request, pk)
    back = reverse("scheduling:appointment-detail", args=[visit.pk])
    form = CancelForm(request.POST if request.method == "POST" else None, back=back)
    if request.method == "POST" and form.is_valid():
        try:
            services.cancel(visit, by=request.user, reason=form.cleaned_data["reason"])
        except BookingRefused as refusal:
            return cannot_change(request, visit_of(request, pk), str(refusal))
        messages.success(request, _("The visit is cancelled. Its time is free again."))
        return redirect(back)
    if not services.may_cancel(visit, request.user, request.hospital, timezone.now()):
        return cannot_change(request, visit, _("This visit cannot be cancelled any more."))
    minutes = when.duration(visit.minutes)
    page = {"visit": visit, "form": form, "back": back, "minutes": minutes}
    return render(request, "scheduling/appointment_cancel.html", page, status=422 if form.errors else 200)
