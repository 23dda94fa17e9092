"""The public directory of doctors, and their profiles."""

from django.core.paginator import Paginator
from django.db.models import F, Value
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from accounts.access import PUBLIC, access
from clinic.models import Doctor
from scheduling import free, offers, slots
from scheduling.forms.booking import DoctorSearch
from scheduling.views.journey import as_link, journey_of

PAGE = 20
GLANCE_DAYS = 7
SORTED = {
    "experience": [F("experience_years").desc(nulls_last=True), "name", "pk"],
    "fee": ["shown_fee", "name", "pk"],
}


@access(PUBLIC, object="doctors at work")
def doctor_list(request):
    """Find a doctor by name, speciality, department, language, or by a day on which there is a free time."""
    form = DoctorSearch(request.GET or None)
    form.is_valid()
    wanted = getattr(form, "cleaned_data", {})
    terms = free.terms_for(request.user, request.hospital, timezone.now())
    doctors = narrowed(wanted, terms, request.hospital)
    if set(form.errors) - {"sort"}:
        doctors = doctors.none()
    if wanted.get("sort") == "next":  # the only order that needs everybody's free times
        doctors = offers.soonest_first(offers.offers(doctors, request.hospital, terms=terms))
    page = Paginator(doctors, PAGE).get_page(request.GET.get("page"))
    cards = list(page) if wanted.get("sort") == "next" else offers.offers(page, request.hospital, terms=terms)
    return render(
        request,
        "scheduling/doctor_list.html",
        {"form": form, "page_obj": page, "cards": cards, "free_on": wanted.get("free_on"), "terms": terms},
    )


def narrowed(wanted, terms, hospital):
    """Listed doctors that meet the search, in its order."""
    doctors = Doctor.objects.listed().select_related("department")
    doctors = doctors.annotate(shown_fee=Coalesce("fee", Value(hospital.default_fee)))
    if text := wanted.get("q"):
        doctors = doctors.matching(text)
    if department := wanted.get("department"):
        doctors = doctors.filter(department=department)
    if language := wanted.get("language"):
        doctors = doctors.filter(languages__icontains=language)
    if day := wanted.get("free_on"):
        doctors = doctors.filter(pk__in=free.free_on(list(doctors), day, terms=terms))
    return doctors.order_by(*SORTED.get(wanted.get("sort"), ["name", "pk"]))


@access(PUBLIC, object="a doctor at work; staff and the doctor see retired ones too")
def doctor_detail(request, pk):
    """Who a doctor is, and the next days. Also shown in a dialog while booking."""
    journey = journey_of(request)
    terms = journey.terms
    doctors = Doctor.objects.visible_to(request.user).select_related("department", "user")
    doctor = get_object_or_404(doctors, pk=pk)
    listed = Doctor.objects.listed().filter(pk=doctor.pk).exists()
    last = min(terms.first_day + slots.DAY * (GLANCE_DAYS - 1), terms.last_day)
    days = free.strip(doctor, terms.first_day, last, terms=terms) if listed else []
    page = {
        "doctor": doctor,
        "listed": listed,
        "open": listed and (doctor.accepting_patients or journey.staff),
        "fee": offers.fee_of(doctor, request.hospital),
        "days": [as_link(day, terms, journey.url("booking-times", doctor.pk, day.day)) for day in days],
        "next": free.next_free([doctor], terms=terms)[doctor.pk] if listed else None,
        "book_url": journey.url("booking-dates", doctor.pk),
        "languages": [name.strip() for name in doctor.languages.split(",") if name.strip()],
    }
    return render(request, "scheduling/doctor_detail.html", page)
