"""What is still free today, doctor by doctor: where reception can put who calls or walks in. Six queries at most."""

from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from clinic.models import Doctor
from hms.lib.kept import Kept
from scheduling import free, slots

NEAR = timedelta(hours=1)  # where enough doctors are free until then, the visits after it are read of those shown alone


class Listed(NamedTuple):
    """What is shown of a doctor."""

    pk: int
    name: str
    department: str


LISTED = Kept(lambda: Doctor.objects.listed().values_list("pk", "name", "department__name"))


@dataclass(frozen=True)
class Gaps:
    """The free slots of one doctor's rest of the day, in order; never none."""

    doctor: Listed
    slots: list


def find(user, hospital, now, *, most):
    """(Gaps of the `most` listed doctors who are free soonest today, on this person's terms; whether more are free)."""
    terms = free.terms_for(user, hospital, now)
    today, limits = terms.first_day, {"zone": terms.zone, "not_before": terms.not_before}
    near = terms.not_before + NEAR
    doctors = {row[0]: Listed(*row) for row in LISTED.rows()}
    known = free.calendars(doctors.values(), today, today, zone=terms.zone, since=terms.not_before, until=near)

    def first(pk):
        return slots.first_free(known[pk].rules, known[pk].busy, today, today, **limits)

    def soonest(firsts):
        return sorted(firsts, key=lambda pk: (firsts[pk].starts, doctors[pk].name, pk))[:most]

    firsts = {pk: slot for pk in doctors if (slot := first(pk)) and slot.ends <= near}
    later = [pk for pk in doctors if pk not in firsts] if len(firsts) <= most else []
    free.add_later({pk: known[pk] for pk in (*later, *soonest(firsts))}, near, today, zone=terms.zone)
    firsts |= {pk: slot for pk in later if (slot := first(pk))}
    found = [
        Gaps(doctors[pk], slots.free_slots(known[pk].rules, known[pk].busy, today, today, **limits))
        for pk in soonest(firsts)
    ]
    return found, len(firsts) > most
