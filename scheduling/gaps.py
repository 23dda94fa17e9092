"""What is still free today, doctor by doctor: where reception can put who calls or walks in. Five queries."""

from dataclasses import dataclass

from clinic.models import Doctor
from scheduling import free, slots


@dataclass(frozen=True)
class Gaps:
    """The free slots of one doctor's rest of the day, in order; never none."""

    doctor: Doctor
    slots: list

    @property
    def next(self):
        return self.slots[0]


def find(user, hospital, now):
    """[Gaps] of the listed doctors with something free today, on the terms of this person; the soonest first."""
    terms = free.terms_for(user, hospital, now)
    today = terms.first_day
    doctors = list(Doctor.objects.listed().select_related("department"))
    known = free.calendars(doctors, today, today, zone=terms.zone, since=terms.not_before)
    found = []
    for doctor in doctors:
        calendar = known[doctor.pk]
        offered = [slot for slot in slots.offered(calendar.rules, today, terms.zone) if slot.starts >= terms.not_before]
        if open_slots := slots.clear_of(offered, calendar.busy):
            found.append(Gaps(doctor, open_slots))
    return sorted(found, key=lambda gaps: (gaps.next.starts, gaps.doctor.name, gaps.doctor.pk))
