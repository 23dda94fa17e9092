"""What people choose from while booking: doctors with their next free time, days of a strip, times that are near."""

from datetime import timedelta
from typing import NamedTuple

from clinic import topics
from clinic.models import Doctor
from hms.lib import cached
from scheduling import free, slots
from scheduling.models import Appointment

STRIP_DAYS = 14
NEAR_DAYS = 14
NEAREST = 6


class Offer(NamedTuple):
    """A doctor on a card."""

    doctor: Doctor
    fee: object
    next: slots.Span | None
    open: bool  # whether bookings are taken


def fee_of(doctor, hospital):
    """What a visit costs: the doctor's own fee, else the hospital's."""
    return hospital.default_fee if doctor.fee is None else doctor.fee


def offers(doctors, hospital, *, terms):
    """The doctors, in their order, with fee and next free time."""
    doctors = list(doctors)
    soonest = next_free(doctors, terms=terms)
    return [
        Offer(doctor, fee_of(doctor, hospital), soonest[doctor.pk], doctor.accepting_patients or terms.staff)
        for doctor in doctors
    ]


def next_free(doctors, *, terms):
    """What free.next_free gives, remembered for each doctor until the doctor's hours, time off or visits change.

    Whether a doctor is listed and accepts patients is asked of the rows given. A time that was kept holds as long as it
    can still be booked: nothing earlier becomes free without a change.
    """
    by_id = {doctor.pk: doctor for doctor in doctors if doctor.accepting_patients or terms.staff}
    notice = terms.not_before - terms.now
    found = cached.remember_each(
        "free",
        list(by_id),
        topics.FREE_SECONDS,
        lambda ids: free.next_free([by_id[pk] for pk in ids], terms=terms),
        scope=f"{cached.EVERYBODY}:{terms.first_day}:{terms.last_day}:{notice.total_seconds()}:{terms.zone}",
        topics=lambda pk: (topics.times(pk),),
        holds=lambda slot: slot is None or slot.starts >= terms.not_before,
    )
    return {doctor.pk: found.get(doctor.pk) for doctor in doctors}


def soonest_first(found):
    """Offers with the earliest free time first; those without one at the end, by name."""
    return sorted(found, key=lambda offer: (offer.next is None, offer.next or (), offer.doctor.name))


def page_of_strip(day, terms):
    """First and last day of the page of a day strip that shows this day."""
    day = min(max(day, terms.first_day), terms.last_day)
    number = (day - terms.first_day).days // STRIP_DAYS
    first = terms.first_day + timedelta(days=number * STRIP_DAYS)
    return first, min(first + timedelta(days=STRIP_DAYS - 1), terms.last_day)


def day_near(starts_at, terms):
    """The local day of an instant, or the bookable day nearest to it: some instants have no day in some zones."""
    year = timedelta(days=400)
    local = min(max(starts_at, terms.now - year), terms.now + year).astimezone(terms.zone)
    return min(max(local.date(), terms.first_day), terms.last_day)


class Near(NamedTuple):
    """A free time beside the one that is gone."""

    doctor: Doctor
    slot: slots.Span


def nearest(doctor, starts_at, *, terms, patient=None, without=None):
    """Free times as near as can be to one that is not: of the same doctor, else of the department, in order.

    Times at which the patient has another visit do not count.
    """
    day = day_near(starts_at, terms)
    first_day, last_day = day - timedelta(days=NEAR_DAYS), day + timedelta(days=NEAR_DAYS)
    listed = Doctor.objects.listed() if terms.staff or without else Doctor.objects.bookable()
    if listed.filter(pk=doctor.pk).exists():
        found = free.free_slots(doctor, first_day, last_day, terms=terms, without=without)
        found = slots.clear_of(found, _visits_of(patient, without))
        if found:
            near = sorted(found, key=lambda slot: abs(slot.starts - starts_at))[:NEAREST]
            return [Near(doctor, slot) for slot in sorted(near)]
    if without is not None:
        return []
    others = Doctor.objects.bookable().filter(department=doctor.department_id).exclude(pk=doctor.pk)
    others = list(others.select_related("department"))
    soonest = free.next_free(others, terms=terms)
    found = [Near(other, soonest[other.pk]) for other in others if soonest[other.pk]]
    return sorted(found, key=lambda near: near.slot)[:NEAREST]


def _visits_of(patient, without):
    if patient is None:
        return []
    visits = Appointment.objects.blocking().filter(patient=patient).exclude(pk=without and without.pk)
    return [slots.Span(*times) for times in visits.values_list("starts_at", "ends_at")]
