"""Answering a reminder by the link in it: for whoever has the link, without signing in."""

from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.access import PUBLIC, access
from clinic.views.throttle import too_many
from scheduling import displaced, services
from scheduling.models import Status
from scheduling.services import BookingRefused

MOST, SECONDS = 120, 60 * 10  # requests from one network address: a whole family, or a home for the elderly
ANSWERS = {"come": services.confirm_by_link, "cancel": services.cancel_by_link}


@never_cache
@access(PUBLIC, methods="GET POST", object="the visit whose link one has")
def reminder_answer(request, token):
    """The visit, and two buttons. GET changes nothing: mail programs open links by themselves. POST takes `answer`."""
    if page := too_many(request, "reminder-answer", most=MOST, seconds=SECONDS):
        return page
    link = services.find_link(token)
    if link is None:
        return render(request, "scheduling/reminder_gone.html", status=404)
    if request.method == "POST":
        return answered(request, link, token)
    return shown(request, link)


def shown(request, link, *, status=200, refusal=""):
    """How the visit stands; without a link's page that fits it any more, a page that says so."""
    visit, now = link.appointment, timezone.now()
    if services.is_moved(link):
        return render(request, "scheduling/reminder_gone.html", {"moved": True}, status=409)
    page = {
        "visit": visit,
        "first_name": visit.patient.name.split()[0],
        "is_open": visit.status == Status.BOOKED,
        "is_displaced": displaced.is_displaced(visit),
        "is_cancelled": visit.status == Status.CANCELLED,
        "too_late": services.why_not_cancel(link, request.hospital, now),
        "refusal": refusal,
    }
    return render(request, "scheduling/reminder_answer.html", page, status=status)


def answered(request, link, token):
    """Do it and show how the visit stands then; what the rules refuse stands above it."""
    act = ANSWERS.get(request.POST.get("answer"))
    if act is None:
        return shown(request, link, status=422, refusal=_("Press one of the buttons, please."))
    try:
        act(link)
    except BookingRefused as refusal:
        fresh = services.find_link(token) or link
        return shown(request, fresh, status=409, refusal=str(refusal))
    return redirect("scheduling:reminder-answer", token)
