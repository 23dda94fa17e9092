"""What is still free today, doctor by doctor: where reception can put who calls or walks in. Five queries."""

from dataclasses import dataclass

from clinic.models import Doctor
from scheduling import free, slots


@dataclass(frozen=True)
class Gaps:
    """The free slots of one doctor's rest of the day, in order; never none."""

    doctor: Doctor
    slots: list


def find(user, hospital, now, *, most):
    """(Gaps of the `most` listed doctors who are free soonest today, on this person's terms; how many others are free).

    All slots are worked out for those alone who are shown.
    """
    terms = free.terms_for(user, hospital, now)
    today, limits = terms.first_day, {"zone": terms.zone, "not_before": terms.not_before}
    doctors = list(Doctor.objects.listed().select_related("department").only("name", "department__name"))
    known = free.calendars(doctors, today, today, zone=terms.zone, since=terms.not_before)
    soonest = []
    for doctor in doctors:
        calendar = known[doctor.pk]
        if first := slots.first_free(calendar.rules, calendar.busy, today, today, **limits):
            soonest.append((first.starts, doctor.name, doctor.pk, doctor))
    shown = [doctor for *_order, doctor in sorted(soonest)[:most]]
    found = [
        Gaps(doctor, slots.free_slots(known[doctor.pk].rules, known[doctor.pk].busy, today, today, **limits))
        for doctor in shown
    ]
    return found, len(soonest) - len(found)
