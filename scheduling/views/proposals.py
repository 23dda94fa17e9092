"""Another time for visits whose doctor will not be there: asking, the list, and choosing, signed in or by a link."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache

from accounts.access import PUBLIC, access
from accounts.downloads import instant, table
from accounts.models import Role
from clinic.models import Doctor
from clinic.views.throttle import too_many
from hms.lib import when
from hms.lib.converters import IdConverter
from scheduling import alternatives, displaced, free, offers, stranded, unsettled
from scheduling.filters import AnotherTimeFilter
from scheduling.models import Proposal, Status
from scheduling.services import BookingRefused, find_proposal_link, who_has
from scheduling.services import proposals as services
from scheduling.views.appointments import MINE, as_text, instant_in, visit_of
from scheduling.views.reminders import MOST, SECONDS

MOST_ASKED = 200
permission = "scheduling.propose_times"
SEEN = gettext_lazy("visits one may see")
DOCTOR = gettext_lazy("reception: any doctor; a doctor: oneself")


@access(permission, object=SEEN)
def proposal_list(request):
    """Visits that need another time: who was asked and has not answered, and who has not been asked."""
    narrowed = asked_for(request)
    rows, own = unsettled.described(list(narrowed.page)), request.user.role == Role.DOCTOR
    return render(request, "scheduling/proposal_list.html", narrowed.context() | {"rows": rows, "own": own})


@access(permission, object=SEEN)
def proposal_download(request):
    """The visits that the list shows, as a table."""
    narrowed, zone = asked_for(request), request.hospital.zone
    columns = [
        (_("Visit"), lambda row: instant(row.visit.starts_at, zone)),
        (_("Patient"), lambda row: row.visit.patient.name),
        (_("Number"), lambda row: row.visit.patient.number),
        (_("Telephone"), lambda row: phone.as_international if (phone := row.visit.patient.phone) else ""),
        (_("Doctor"), lambda row: row.visit.doctor.name),
        (_("Department"), lambda row: row.visit.department.name),
        (_("State"), lambda row: row.words),
        (_("Asked"), lambda row: instant(row.proposal.asked_at, zone) if row.proposal else ""),
        (_("Called"), lambda row: instant(row.call.at, zone) if row.call else ""),
        (_("By"), lambda row: row.call.by.name if row.call else ""),
        (_("Note of the call"), lambda row: row.call.note if row.call else ""),
    ]
    rows = unsettled.described(list(narrowed.found()))
    return table(request, narrowed, columns, name="another-time", rows=rows)


def asked_for(request):
    """The list as its address narrows it."""
    return AnotherTimeFilter(request.GET, unsettled.visits(request.user, timezone.now()), user=request.user)


@access(permission, methods="GET POST", object=DOCTOR)
def proposal_create(request, pk):
    """A doctor's visits that need another time, with what could be proposed. POST takes `visits`: who is asked."""
    doctors = Doctor.objects.visible_to(request.user).select_related("department")
    if request.user.role == Role.DOCTOR:
        doctors = doctors.filter(user=request.user)
    doctor, now = get_object_or_404(doctors, pk=pk), timezone.now()
    found = [visit for visit in stranded.of_doctor(doctor, now=now) if visit.status == Status.BOOKED]
    if request.method == "POST":
        return asked(request, doctor, found)
    return show_affected(request, doctor, found)


def show_affected(request, doctor, found, *, status=200):
    waiting = set(
        Proposal.objects.visible_to(request.user)
        .open()
        .filter(appointment__in=found)
        .values_list("appointment", flat=True)
    )
    shown = found[:MOST_ASKED]
    times = alternatives.for_visits(shown, request.hospital, timezone.now())
    page = {
        "doctor": doctor,
        "rows": [(visit, visit.pk in waiting, times[visit.pk]) for visit in shown],
        "left": len(found) - len(shown),
        "open_count": len([visit for visit in shown if visit.pk not in waiting]),
    }
    return render(request, "scheduling/proposal_create.html", page, status=status)


def asked(request, doctor, found):
    """Ask those that were ticked; whoever is not to be asked any more is left out, and said."""
    ticked = set(request.POST.getlist("visits"))
    chosen = [visit for visit in found if str(visit.pk) in ticked]
    if not ticked:
        messages.error(request, _("Choose whom to ask, please."))
        return show_affected(request, doctor, found, status=422)
    asked, left = services.ask_all(chosen, by=request.user)
    if asked:
        words = ngettext("%(count)d patient is asked.", "%(count)d patients are asked.", len(asked))
        messages.success(request, words % {"count": len(asked)})
    if len(ticked) > len(asked) or left:
        messages.warning(request, _("Some visits have changed in the meantime; they were left as they are."))
    return redirect("scheduling:proposal-list")


@access("scheduling.reschedule_appointment", methods="GET POST", object=MINE)
def appointment_times(request, pk):
    """Other times for a visit that needs one. POST takes `time`, or `answer` (`call`, `decline`), and `seen`."""
    visit = visit_of(request, pk)
    url = reverse("scheduling:appointment-detail", args=[visit.pk])
    if request.method == "POST":
        seen = request.POST.get("seen", "")
        if seen.isascii() and seen.isdecimal() and len(seen) < 6:
            visit.moved_count = int(seen)
        return answered(request, visit, url, by=request.user)
    return choose(request, visit, url)


@never_cache
@access(PUBLIC, methods="GET POST", object="the visit whose link one has")
def proposal_answer(request, token):
    """The same for whoever has the link, without signing in. GET changes nothing: mail programs open links."""
    if page := too_many(request, "reminder-answer", most=MOST, seconds=SECONDS):
        return page
    link = find_proposal_link(token)
    if link is None:
        return render(request, "scheduling/reminder_gone.html", status=404)
    visit, url = link.appointment, reverse("scheduling:proposal-answer", args=[token])
    if request.method == "POST":
        visit.moved_count = link.moved_count
        return answered(request, visit, url, by=None, **who_has(link))
    if visit.moved_count not in {link.moved_count, link.moved_count + 1}:
        return render(request, "scheduling/reminder_gone.html", {"moved": True}, status=409)
    return choose(request, visit, url, by_link=True)


def choose(request, visit, url, *, by_link=False, refusal="", status=200):
    """How the visit stands, and the times to choose from; a link's page says no more than it has to."""
    now, staff = timezone.now(), not by_link and free.is_staff(request.user)
    proposal = Proposal.objects.of(visit)
    is_open = visit.status == Status.BOOKED and visit.starts_at > now
    is_open = is_open and (proposal is not None or (staff and displaced.is_displaced(visit)))
    times = alternatives.for_visit(visit, request.hospital, now) if is_open else []
    page = {
        "visit": visit,
        "who": visit.patient.name if staff else visit.patient.name.split()[0],
        "staff": staff,
        "by_link": by_link,
        "proposal": proposal,
        "is_open": is_open,
        "times": [as_button(one, visit, request.hospital) for one in times],
        "seen": visit.moved_count,
        "here": url if by_link else reverse("scheduling:appointment-times", args=[visit.pk]),
        "refusal": refusal,
    }
    return render(request, "scheduling/proposal_answer.html", page, status=status)


def as_button(one, visit, hospital):
    """A time to press: its value says which doctor, when. The fee is told where it is another one."""
    fee = offers.fee_of(one.doctor, hospital)
    differs = one.doctor.pk != visit.doctor_id and fee != visit.fee
    value = f"{one.doctor.pk}-{as_text(one.slot.starts)}"
    return {"at": one.slot.starts, "doctor": one.doctor, "value": value, "fee": fee if differs else None}


def chosen_time(request):
    """(doctor, instant) of the button that was pressed; None when it names none."""
    pk, _dash, at = request.POST.get("time", "").partition("-")
    starts_at = instant_in(at)
    try:
        doctor = Doctor.objects.ever_listed().select_related("department", "user").get(pk=IdConverter().to_python(pk))
    except (ValueError, Doctor.DoesNotExist):
        return None
    return (doctor, starts_at) if starts_at else None


def answered(request, visit, url, **who):
    """Do what was pressed; what the rules refuse stands above the visit as it is now, with times that are free now."""
    answer, by_link = request.POST.get("answer", ""), who["by"] is None
    try:
        if answer == "call":
            services.want_call(visit, **who)
        elif answer == "decline":
            services.decline(visit, **who)
        elif time := chosen_time(request):
            visit = services.take(visit, doctor=time[0], starts_at=time[1], **who)
        else:
            refusal = _("Press one of the buttons, please.")
            return choose(request, visit, url, by_link=by_link, refusal=refusal, status=422)
    except BookingRefused as refusal:
        fresh = services.as_it_is(visit)
        return choose(request, fresh, url, by_link=by_link, refusal=str(refusal), status=409)
    if not by_link:
        messages.success(request, done(answer, visit, request.hospital))
    return redirect(url)


def done(answer, visit, hospital):
    if answer == "call":
        return _("Noted: reception calls about another time.")
    if answer == "decline":
        return _("The visit is cancelled. Its time is free again.")
    return _("The visit is moved to %(time)s.") % {"time": when.moment(visit.starts_at, hospital.zone, timezone.now())}
