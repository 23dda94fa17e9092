"""Other times for visits that cannot take place: the same doctor later, the same department sooner.

Worked out whenever somebody looks; eight queries at most, however many visits there are.
"""

from datetime import timedelta
from typing import NamedTuple

from django.db.models import Q

from clinic.models import Doctor
from scheduling import free, slots
from scheduling.models import Appointment

OWN = OTHERS = 3
AHEAD = timedelta(days=90)  # how long after its time the same doctor is looked at
AROUND = timedelta(days=14)  # how long after its time colleagues are looked at
SOON = timedelta(hours=2)  # nobody is asked to come sooner than that


class Alternative(NamedTuple):
    """A free time that could be taken instead."""

    slot: slots.Span
    doctor: Doctor


def for_visit(visit, hospital, now):
    """The alternatives of one visit, the soonest first."""
    return for_visits([visit], hospital, now)[visit.pk]


def for_visits(visits, hospital, now):
    """{visit's id: [Alternative], the soonest first}. Each visit's best ones are not the best ones of another too."""
    if not visits:
        return {}
    terms = terms_of(hospital, now)
    doctors = _doctors_for(visits)
    free_of = _free_of(doctors, visits, terms)
    busy, given, found = _busy(visits), set(), {}
    for visit in visits:
        clear = {
            pk: [slot for slot in slots.clear_of(free_of[pk], busy[visit.pk]) if (pk, slot.starts) not in given]
            for pk, doctor in doctors.items()
            if pk == visit.doctor_id or doctor.department_id == visit.department_id
        }
        own = [Alternative(slot, doctors[visit.doctor_id]) for slot in later(visit, clear, terms.zone)]
        others = _sooner(visit, clear, doctors, until=own[0].slot.starts if own else None)
        given |= {(one.doctor.pk, one.slot.starts) for one in own[:1] + others[:1]}
        found[visit.pk] = sorted(own + others, key=lambda one: (one.slot, one.doctor.pk))
    return found


def terms_of(hospital, now):
    """As far ahead as staff may book: the hospital asked. Not at once, though."""
    terms = free.terms_for(None, hospital, now)
    notice = max(timedelta(minutes=hospital.shortest_notice_minutes), SOON)
    return terms._replace(not_before=now + notice)


def can_take(doctor, visit):
    """Whether this doctor can be proposed instead: the visit's own, or a colleague who accepts patients."""
    return doctor.pk == visit.doctor_id or (doctor.department_id == visit.department_id and doctor.accepting_patients)


def _doctors_for(visits):
    own, departments = {visit.doctor_id for visit in visits}, {visit.department_id for visit in visits}
    colleagues = Q(department__in=departments, accepting_patients=True)
    listed = Doctor.objects.listed().filter(Q(pk__in=own) | colleagues).select_related("department")
    return {doctor.pk: doctor for doctor in listed}


def _free_of(doctors, visits, terms):
    """{doctor's id: free slots}, of each for the days that matter."""
    own = {}
    for visit in visits:
        own[visit.doctor_id] = max(visit.starts_at, own.get(visit.doctor_id, visit.starts_at))
    around = max(visit.starts_at for visit in visits) + AROUND
    until = {pk: max(own[pk] + AHEAD, around) if pk in own else around for pk in doctors}
    last = {pk: min(terms.last_day, at.astimezone(terms.zone).date()) for pk, at in until.items()}
    end = max(last.values(), default=terms.first_day)
    known = free.calendars(doctors.values(), terms.first_day, end, zone=terms.zone, since=terms.now)
    limits = {"zone": terms.zone, "not_before": terms.not_before}
    return {
        pk: slots.free_slots(calendar.rules, calendar.busy, terms.first_day, last[pk], **limits)
        for pk, calendar in known.items()
    }


def _busy(visits):
    """{visit's id: what else its patient has planned}."""
    patients = {visit.patient_id for visit in visits}
    rows = Appointment.objects.blocking().filter(patient__in=patients)
    rows = rows.filter(ends_at__gt=min(visit.created_at for visit in visits))
    planned = list(rows.values_list("pk", "patient", "starts_at", "ends_at"))
    return {
        visit.pk: [
            slots.Span(starts, ends)
            for pk, patient, starts, ends in planned
            if patient == visit.patient_id and pk != visit.pk
        ]
        for visit in visits
    }


def later(visit, clear, zone):
    """Slots of the same doctor after the visit's time: on the next days that have any, near its time of day."""
    shown = visit.starts_at.astimezone(zone)
    minutes = shown.hour * 60 + shown.minute
    days = slots.by_day([slot for slot in clear.get(visit.doctor_id, []) if slot.starts > visit.starts_at], zone)

    def from_usual(slot):
        at = slot.starts.astimezone(zone)
        return abs(at.hour * 60 + at.minute - minutes)

    return [min(days[day], key=from_usual) for day in sorted(days)[:OWN]]


def _sooner(visit, clear, doctors, *, until):
    """Slots of colleagues nearest to the visit's time, before the same doctor is there again."""
    near = [
        Alternative(slot, doctors[pk])
        for pk, found in clear.items()
        if pk != visit.doctor_id
        for slot in found
        if until is None or slot.starts < until
    ]
    return sorted(near, key=lambda one: (abs(one.slot.starts - visit.starts_at), one.slot, one.doctor.pk))[:OTHERS]
