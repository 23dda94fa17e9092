"""The steps of booking: department, doctor, date, time, confirm. Each is a page of its own that one can go back to."""

from datetime import time

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import PUBLIC, access
from clinic import directory
from clinic.models import Department, Doctor
from scheduling import free, offers, services, wall
from scheduling.forms.booking import BookingForm
from scheduling.services import BookingRefused
from scheduling.services.guard import require_in_time, require_takes_bookings, slot_on_offer
from scheduling.views.journey import day_in, find_patients, journey_of, parts_of_day

KEPT = "booking_kept"  # what somebody typed whose session had run out, for when they are back


def chosen_doctor(journey, pk):
    """A listed doctor; doctors themselves book with nobody else."""
    return get_object_or_404(Doctor.objects.listed().select_related("department"), pk=pk)


@access(PUBLIC, object="open departments with doctors; `patient`: one the reader may see")
def booking_departments(request):
    """Step 1: what is it about?"""
    journey = journey_of(request)
    if journey.own_doctor:
        return redirect(journey.url("booking-dates", journey.own_doctor.pk))
    found = offers.offers(Doctor.objects.listed().select_related("department"), request.hospital, terms=journey.terms)
    departments = directory.open_departments()
    cards = [card for department in departments if (card := department_card(department, found, journey))]
    page = {"journey": journey, "cards": cards, "steps": journey.steps(1), "picker": find_patients(request, journey)}
    return render(request, "scheduling/booking_departments.html", page)


def department_card(department, found, journey):
    """What a department's card says; None when nobody works there."""
    here = offers.soonest_first(offer for offer in found if offer.doctor.department_id == department.pk)
    if not here:
        return None
    fees = {offer.fee for offer in here}
    return {
        "department": department,
        "next": here[0].next,
        "count": len(here),
        "fee": min(fees),
        "fees_differ": len(fees) > 1,
        "url": journey.url("booking-doctors", department.pk),
    }


@access(PUBLIC, object="an open department; `patient`: one the reader may see")
def booking_doctors(request, pk):
    """Step 2: who is it to be? The soonest first."""
    journey = journey_of(request)
    if journey.own_doctor:
        return redirect(journey.url("booking-dates", journey.own_doctor.pk))
    department = get_object_or_404(Department.objects.open(), pk=pk)
    doctors = Doctor.objects.listed().filter(department=department).select_related("department")
    found = offers.soonest_first(offers.offers(doctors, request.hospital, terms=journey.terms))
    cards = [{"offer": offer, "url": journey.url("booking-dates", offer.doctor.pk)} for offer in found]
    page = {"journey": journey, "department": department, "cards": cards, "picker": find_patients(request, journey)}
    page["steps"] = journey.steps(2, department=department)
    return render(request, "scheduling/booking_doctors.html", page)


@access(PUBLIC, object="a listed doctor; `patient`: one the reader may see")
def booking_dates(request, pk):
    """Step 3: which day? A strip of days with how much is free on each."""
    journey = journey_of(request)
    doctor = chosen_doctor(journey, pk)
    return show_days(request, journey, doctor, first=day_in(request.GET.get("from")) or journey.terms.first_day)


@access(PUBLIC, object="a listed doctor; `patient`: one the reader may see")
def booking_times(request, pk, day):
    """Step 4: which time? The day's free times as morning, afternoon and evening."""
    journey = journey_of(request)
    doctor = chosen_doctor(journey, pk)
    if clock := request.GET.get("at"):
        found = instant_of(day, clock, journey)
        if found is not None:
            return redirect(journey.url("booking-confirm", doctor.pk, found))
    return show_days(request, journey, doctor, day=day)


def instant_of(day, clock, journey):
    """The instant of a time typed by who may overbook; None when there is none on that day."""
    terms = journey.terms
    try:
        shown = time.fromisoformat(clock)
    except ValueError:
        return None
    if not terms.first_day <= day <= terms.last_day or shown.tzinfo:
        return None
    found = wall.instants(day, shown.replace(second=0, microsecond=0), terms.zone)
    return found[0] if found else None


def show_days(request, journey, doctor, *, first=None, day=None):
    """The strip of days; with a chosen day also its times."""
    terms = journey.terms
    inside = day is None or terms.first_day <= day <= terms.last_day
    strip = journey.strip(doctor, (inside and day) or first or terms.first_day)
    chosen = strip.by_day.get(day)
    soonest = next((slot for shown in strip.by_day.values() for slot in shown.slots), None)
    if soonest is None:
        soonest = free.next_free([doctor], terms=terms)[doctor.pk]
    page = {
        "journey": journey,
        "doctor": doctor,
        "fee": offers.fee_of(doctor, request.hospital),
        "strip": strip,
        "day": day,
        "chosen": chosen,
        "inside": inside,
        "parts": parts_of_day(
            chosen.slots if chosen else [], terms.zone, lambda at: journey.url("booking-confirm", doctor.pk, at)
        ),
        "next": soonest,
        "next_url": soonest and journey.url("booking-confirm", doctor.pk, soonest.starts),
        "open": journey.staff or doctor.accepting_patients,
        "doctors_url": journey.url("booking-doctors", doctor.department_id),
        "steps": journey.steps(
            4 if day else 3, department=doctor.department, doctor=doctor, day=day if inside else None
        ),
        "picker": find_patients(request, journey),
    }
    return render(request, "scheduling/booking_dates.html", page)


@access(PUBLIC, methods="GET POST", object="a doctor's time; `patient`: one the reader may see")
def booking_confirm(request, pk, starts):
    """Last step: check, say why, book. POST takes `reason`, `patient`, and from staff `notes`, `overbook_reason`."""
    journey = journey_of(request)
    doctor = get_object_or_404(Doctor.objects.ever_listed().select_related("department", "user"), pk=pk)
    if request.method == "POST":
        return confirmed(request, journey, doctor, starts)
    if visit := booked_already(journey, doctor, starts):
        return redirect("scheduling:appointment-detail", visit.pk)
    try:
        slot = offered(journey, doctor, starts)
    except BookingRefused as refusal:
        return show_conflict(request, journey, doctor, starts, refusal=refusal, typed=kept(request))
    form = booking_form(request, journey, doctor, starts, initial=kept(request))
    return show_confirm(request, journey, doctor, slot, form=form)


def confirmed(request, journey, doctor, starts):
    """Book, if everything holds; else a page from which one goes on without typing anything again."""
    if not request.user.is_authenticated:
        request.session[KEPT] = {"path": request.path, "reason": request.POST.get("reason", "")[:500]}
        return redirect_to_login(request.get_full_path())
    if not request.user.has_perm("scheduling.book_appointment"):
        raise PermissionDenied
    form = booking_form(request, journey, doctor, starts, data=request.POST)
    valid = form.is_valid()
    if journey.patient is None:
        form.add_error(
            None,
            _("Choose the patient first.") if journey.staff or journey.family else _("Complete your profile first."),
        )
    if not valid or journey.patient is None:
        return form_again(request, journey, doctor, starts, form)
    try:
        visit = services.book(
            doctor=doctor,
            patient=journey.patient,
            starts_at=starts,
            by=request.user,
            reason=form.cleaned_data["reason"],
            notes=form.cleaned_data.get("notes", ""),
            overbook_reason=form.cleaned_data.get("overbook_reason", ""),
        )
    except BookingRefused as refusal:
        return show_conflict(request, journey, doctor, starts, refusal=refusal, typed=form.cleaned_data)
    return redirect(reverse("scheduling:appointment-detail", args=[visit.pk]) + "?booked=1")


def form_again(request, journey, doctor, starts, form):
    """The form with what is wrong with it, or the conflict when the time has gone as well."""
    try:
        slot = offered(journey, doctor, starts)
    except BookingRefused as refusal:
        return show_conflict(request, journey, doctor, starts, refusal=refusal, typed=form.data, form=form)
    return show_confirm(request, journey, doctor, slot, form=form, status=422)


def offered(journey, doctor, starts):
    """The slot on offer at this instant; BookingRefused says why there is none."""
    require_takes_bookings(doctor, journey.user)
    require_in_time(starts, terms=journey.terms, hospital=journey.hospital)
    return slot_on_offer(doctor, starts, terms=journey.terms)


def booked_already(journey, doctor, starts):
    """The visit the patient has at exactly this time: who comes back by the browser's button booked it a moment ago."""
    if journey.patient is None:
        return None
    mine = doctor.appointments.visible_to(journey.user).planned()
    return mine.filter(patient=journey.patient, starts_at=starts).first()


def booking_form(request, journey, doctor, starts, **given):
    back = journey.url("booking-times", doctor.pk, offers.day_near(starts, journey.terms))
    form = BookingForm(
        given.pop("data", None), staff=journey.staff, for_another=not journey.for_self, back=back, **given
    )
    if journey.family and journey.patient:
        form.verb = _("Book this visit for %(name)s") % {"name": journey.patient.name}
    return form


def kept(request):
    """What was typed here before the session ran out; shown once."""
    found = request.session.pop(KEPT, None) if KEPT in request.session else None
    return {"reason": found["reason"]} if found and found["path"] == request.path else {}


def show_confirm(request, journey, doctor, slot, *, form, status=200):
    if journey.patient and not journey.for_self:
        form.initial["patient"] = journey.patient.pk
    page = {
        "journey": journey,
        "doctor": doctor,
        "slot": slot,
        "minutes": int((slot.ends - slot.starts).total_seconds() // 60),
        "fee": offers.fee_of(doctor, request.hospital),
        "form": form,
        "path": request.get_full_path(),
        "not_mine": journey.own_doctor is not None and journey.own_doctor.pk != doctor.pk,
        "steps": journey.steps(5, department=doctor.department, doctor=doctor, starts_at=slot.starts),
        "picker": find_patients(request, journey),
    }
    return render(request, "scheduling/booking_confirm.html", page, status=status)


def show_conflict(request, journey, doctor, starts, *, refusal, typed, form=None):
    """The time is not to be had: why, and the nearest ones, each one press away. What was typed comes along.

    So does what is wrong with it: `form` is the one that did not hold.
    """
    near = offers.nearest(doctor, starts, terms=journey.terms, patient=journey.patient)
    listed = Doctor.objects.listed().filter(pk=doctor.pk).exists()
    may_overbook = listed and journey.patient is not None and request.user.has_perm("scheduling.overbook_appointment")
    page = {
        "journey": journey,
        "doctor": doctor if listed else None,
        "department": doctor.department,
        "refusal": refusal,
        "typed": typed,
        "wrong": [(form[name].label, form.errors[name]) for name in form.fields if name in form.errors] if form else [],
        "same_doctor": bool(near) and near[0].doctor.pk == doctor.pk,
        "near": [{"near": one, "url": journey.url("booking-confirm", one.doctor.pk, one.slot.starts)} for one in near],
        "by_press": journey.patient is not None,
        "may_overbook": may_overbook,
        "starts": starts if may_overbook else None,
        "path": request.get_full_path(),
        "dates_url": journey.url("booking-dates", doctor.pk) if listed else journey.url("booking-departments"),
    }
    return render(request, "scheduling/booking_conflict.html", page, status=409)
