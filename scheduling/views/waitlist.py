"""The waiting list: joining it from booking, seeing one's place, leaving it; and answering an offer, by a link too."""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.access import PUBLIC, access
from accounts.downloads import instant, table
from accounts.models import Role
from clinic.models import Department, Doctor
from clinic.views.throttle import too_many
from hms.lib.converters import IdConverter
from scheduling import offers
from scheduling.filters import WaitlistFilter
from scheduling.forms.waitlist import WaitlistForm
from scheduling.models import Part, WaitlistEntry, WaitlistOffer, Weekday
from scheduling.services import BookingRefused, who_has
from scheduling.services import waitlist as services
from scheduling.views.journey import find_patients, journey_of
from scheduling.views.reminders import MOST, SECONDS

USUAL = timedelta(days=30)
permission = "scheduling.use_waitlist"
ENTRY = "an entry of a patient one may see"


@access(permission, object=ENTRY)
def waitlist(request):
    """Who waits, in turn, and what is held for them; patients see their own and their place."""
    staff = request.user.role != Role.PATIENT
    narrowed = who_waits(request)
    page = list(narrowed.page)
    held = held_for(request.user, page)
    ahead = {} if staff else services.places_of(page)
    rows = [
        {
            "entry": entry,
            "offer": held.get(entry.pk),
            "days": days_of(entry),
            "parts": parts_of(entry),
            "ahead": ahead.get(entry.pk),
        }
        for entry in page
    ]
    return render(request, "scheduling/waitlist.html", narrowed.context() | {"rows": rows, "staff": staff})


@access(permission, object=ENTRY)
def waitlist_download(request):
    """Who waits, as the list shows it, as a table."""
    zone, narrowed = request.hospital.zone, who_waits(request)
    held = held_for(request.user)
    columns = [
        (_("Joined"), lambda entry: instant(entry.joined_at, zone)),
        (_("Patient"), lambda entry: entry.patient.name),
        (_("Number"), lambda entry: entry.patient.number),
        (_("Telephone"), lambda entry: entry.patient.phone.as_international if entry.patient.phone else ""),
        (_("Doctor"), lambda entry: entry.doctor.name if entry.doctor else ""),
        (_("Department"), lambda entry: entry.department.name),
        (_("Days"), lambda entry: ", ".join(map(str, days_of(entry))) or _("Any day")),
        (_("Times of day"), lambda entry: ", ".join(map(str, parts_of(entry))) or _("at any time of day")),
        (_("Until"), lambda entry: entry.until.isoformat()),
        (_("Offered"), lambda entry: instant(offer.freed.starts_at, zone) if (offer := held.get(entry.pk)) else ""),
        (_("Held until"), lambda entry: instant(offer.expires_at, zone) if (offer := held.get(entry.pk)) else ""),
    ]
    return table(request, narrowed, columns, name="waiting-list")


def who_waits(request):
    """The list as its address narrows it."""
    entries = WaitlistEntry.objects.visible_to(request.user).waiting().with_people()
    return WaitlistFilter(request.GET, entries, user=request.user)


def held_for(user, entries=None):
    """{entry's id: the time that is held for it} of some entries; of all when none are named."""
    held = WaitlistOffer.objects.visible_to(user).open().filter(expires_at__gt=timezone.now())
    if entries is not None:
        held = held.filter(entry__in=entries)
    return {offer.entry_id: offer for offer in held.select_related("freed__doctor")}


def days_of(entry):
    """The weekdays that suit, in words; none where any does."""
    return [Weekday(day).label for day in entry.days] if len(entry.days) < len(Weekday) else []


def parts_of(entry):
    """The times of day that suit, in words; none where any does."""
    return entry.part_names if len(entry.part_names) < len(Part) else []


@access(permission, methods="GET POST", object="a doctor or department on the list; `patient`: one the reader may see")
def waitlist_join(request):
    """Join for ?doctor= or ?department=, and ?patient=. POST takes `weekdays`, `parts`, `until`, `patient`."""
    if not {"doctor", "department"} & set(request.GET):
        return redirect("scheduling:booking-departments")
    journey = journey_of(request)
    doctor, department = wanted(request)
    form = form_of(request, journey, doctor, department)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and journey.patient is None:
            form.add_error(None, _("Choose the patient first."))
        elif form.is_valid():
            try:
                who = {"patient": journey.patient, "by": request.user}
                services.join(doctor=doctor, department=department, **who, **form.wishes)
            except BookingRefused as refusal:
                form.refuse(refusal, "until")
            else:
                words = _("%(name)s is on the waiting list now.") % {"name": journey.patient.name}
                messages.success(request, words)
                return redirect("scheduling:waitlist")
    page = {"journey": journey, "doctor": doctor, "department": department, "form": form}
    page["picker"] = find_patients(request, journey)
    return render(request, "scheduling/waitlist_join.html", page, status=status)


def wanted(request):
    """(doctor or None, department) of the address; 404 where there is none."""
    for name, rows in (
        ("doctor", Doctor.objects.listed().filter(accepting_patients=True).select_related("department")),
        ("department", Department.objects.open()),
    ):
        if given := request.GET.get(name):
            try:
                found = get_object_or_404(rows, pk=IdConverter().to_python(given))
            except ValueError:
                raise Http404 from None
            return (found, found.department) if name == "doctor" else (None, found)
    raise Http404


def form_of(request, journey, doctor, department):
    first = {"weekdays": Weekday.values, "parts": Part.values, "until": journey.terms.first_day + USUAL}
    if journey.patient and not journey.for_self:
        first["patient"] = journey.patient.pk
    back = journey.url("booking-dates", doctor.pk) if doctor else journey.url("booking-doctors", department.pk)
    return WaitlistForm(request.POST if request.method == "POST" else None, initial=first, back=back)


@access(permission, methods="GET POST", object=ENTRY)
def waitlist_leave(request, pk):
    """Asks, and on POST takes somebody off the list."""
    entries = WaitlistEntry.objects.visible_to(request.user).with_people()
    entry = get_object_or_404(entries, pk=pk)
    if request.method == "POST":
        services.leave(entry, by=request.user)
        messages.success(request, _("%(name)s is not on the waiting list any more.") % {"name": entry.patient.name})
        return redirect("scheduling:waitlist")
    return render(request, "scheduling/waitlist_leave.html", {"entry": entry, "back": reverse("scheduling:waitlist")})


@access(permission, methods="GET POST", object="an offer to a patient one may see")
def waitlist_offer(request, pk):
    """An offer, signed in. POST takes `answer` (`accept`, `decline`)."""
    offer = get_object_or_404(WaitlistOffer.objects.visible_to(request.user).with_people(), pk=pk)
    here = reverse("scheduling:waitlist-offer", args=[pk])
    if request.method == "POST":
        return answered(request, offer, here, by=request.user)
    return shown(request, offer)


@never_cache
@access(PUBLIC, methods="GET POST", object="the offer whose link one has")
def offer_answer(request, token):
    """The same for whoever has the link, without signing in. GET changes nothing: mail programs open links."""
    if page := too_many(request, "reminder-answer", most=MOST, seconds=SECONDS):
        return page
    link = services.find_offer_link(token)
    if link is None:
        return render(request, "scheduling/reminder_gone.html", status=404)
    if request.method == "POST":
        return answered(request, link.offer, reverse("scheduling:offer-answer", args=[token]), by=None, **who_has(link))
    return shown(request, link.offer)


def shown(request, offer, *, refusal="", status=200):
    """What is offered and until when, or what became of it."""
    now = timezone.now()
    page = {
        "offer": offer,
        "doctor": offer.freed.doctor,
        "first_name": offer.entry.patient.name.split()[0],
        "holds": offer.holds(now),
        "accepted": offer.outcome == WaitlistOffer.Outcome.ACCEPTED,
        "lapsed": not offer.holds(now) and offer.outcome in {"", WaitlistOffer.Outcome.LAPSED},
        "on_list": offer.entry.ended_at is None,
        "fee": offers.fee_of(offer.freed.doctor, request.hospital),
        "refusal": refusal,
        "book_url": reverse("scheduling:booking-dates", args=[offer.freed.doctor_id])
        + ("?" + urlencode({"patient": offer.entry.patient_id}) if request.user.is_authenticated else ""),
    }
    return render(request, "scheduling/waitlist_offer.html", page, status=status)


def answered(request, offer, here, **who):
    """Do what was pressed and show what became of it; what the rules refuse stands above it."""
    acts = {"accept": services.accept, "decline": services.decline}
    act = acts.get(request.POST.get("answer"))
    if act is None:
        return shown(request, offer, status=422, refusal=_("Press one of the buttons, please."))
    try:
        act(offer, **who)
    except BookingRefused as refusal:
        return shown(request, services.offer_as_it_is(offer), status=409, refusal=str(refusal))
    return redirect(here)
