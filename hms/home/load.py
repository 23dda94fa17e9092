"""How full a day is, doctor by doctor."""

from dataclasses import dataclass

from django.db.models import Count, Q

from scheduling.models import BLOCKING, Status


@dataclass
class Load:
    """One doctor's day in numbers."""

    doctor_id: int
    doctor: str
    department: str
    total: int
    expected: int
    waiting: int
    inside: int
    done: int
    missed: int


def by_doctor(visits):
    """[Load] of the doctors who have visits among these, by department and name. One query."""
    rows = (
        visits.filter(Q(status__in=BLOCKING) | Q(status=Status.NO_SHOW))
        .order_by()
        .values("doctor_id", "doctor__name", "department__name")
        .annotate(
            total=Count("pk"),
            expected=Count("pk", filter=Q(status__in=[Status.HELD, Status.BOOKED])),
            waiting=Count("pk", filter=Q(status=Status.CHECKED_IN)),
            inside=Count("pk", filter=Q(status=Status.IN_CONSULTATION)),
            done=Count("pk", filter=Q(status=Status.COMPLETED)),
            missed=Count("pk", filter=Q(status=Status.NO_SHOW)),
        )
        .order_by("department__name", "doctor__name", "doctor_id")
    )
    return [Load(doctor=row.pop("doctor__name"), department=row.pop("department__name"), **row) for row in rows]


def by_department(loads):
    """[(department, visits, [Load])] in the order given."""
    grouped = {}
    for load in loads:
        grouped.setdefault(load.department, []).append(load)
    return [(name, sum(load.total for load in members), members) for name, members in grouped.items()]
