"""A day of the hospital, doctor by doctor: who is expected, who has arrived, what is still free. Seven queries."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Max, Q

from accounts.models import Role
from clinic.models import Doctor
from scheduling import actions, free, glance, slots, stranded, wall
from scheduling.models import Appointment, AppointmentEvent, Delay, Status

LATE = timedelta(minutes=10)  # after its time, a visit whose patient has not come is late
IN_DAY = (actions.CHECK_IN, actions.START, actions.RECORD, actions.NO_SHOW)
RANK = {Status.IN_CONSULTATION: 0, Status.CHECKED_IN: 1, Status.BOOKED: 2, Status.HELD: 3}


@dataclass(frozen=True)
class Row:
    """A visit with what one can do about it, and what is odd about it."""

    visit: object
    actions: list
    late: bool
    stranded: bool


@dataclass(frozen=True)
class Plan:
    """A doctor's part of the day."""

    doctor: object
    hours: list
    away: list
    rows: list
    free: list
    is_today: bool = False
    delay: object = None  # how late the doctor runs, if anybody said so

    @property
    def waits(self):
        """Whether anybody waits or is still to come."""
        return any(row.visit.status in {Status.BOOKED, Status.CHECKED_IN} for row in self.rows)

    @property
    def next_free(self):
        return self.free[0] if self.free else None


def visits_of(day, user, zone):
    """The visits of a local day that somebody may see, in order; `arrived_at` is when the patient was checked in."""
    arrived = Max("events__at", filter=Q(events__kind=AppointmentEvent.Kind.STATUS, events__status=Status.CHECKED_IN))
    found = Appointment.objects.visible_to(user).with_people().annotate(arrived_at=arrived)
    begins = {"starts_at__gte": wall.day_begins(day, zone), "starts_at__lt": wall.day_ends(day, zone)}
    return found.filter(**begins).order_by("starts_at", "pk")


def plans(visits, day, *, user, hospital, now, text="", doctor=None):
    """[Plan] for every doctor who works or has a visit that day, by name.

    `text` narrows to patients whose name, number or reference has it in it; `doctor` to one doctor.
    """
    doctors = Doctor.objects.visible_to(user).filter(
        Q(retired_at=None) | Q(pk__in={visit.doctor_id for visit in visits})
    )
    if user.role == Role.DOCTOR:
        doctors = doctors.filter(user=user)
    doctors = [one for one in doctors.select_related("department").order_by("name", "pk") if doctor in {None, one}]
    known = free.calendars(doctors, day, day)
    rows = defaultdict(list)
    for visit in visits:
        if visit.doctor_id in known and is_named(visit, text):
            rows[visit.doctor_id].append(_row(visit, known[visit.doctor_id], user, hospital, now))
    late = {delay.doctor_id: delay for delay in Delay.objects.filter(doctor__in=doctors, day=day, minutes__gt=0)}
    found = [
        _plan(one, known[one.pk], rows[one.pk], day, zone=hospital.zone, now=now, delay=late.get(one.pk))
        for one in doctors
    ]
    return [plan for plan in found if plan.rows or (plan.hours and not text)]


def is_named(visit, text):
    """Whether this is the visit somebody looks for on the day."""
    words = f"{visit.patient.name} {visit.patient.number} {visit.reference}".casefold()
    return all(word in words for word in text.casefold().split())


def _row(visit, calendar, user, hospital, now):
    late = visit.status == Status.BOOKED and visit.starts_at + LATE < now
    lost = visit.status in stranded.WAITING and visit.ends_at > now
    lost = lost and stranded.is_stranded(visit, calendar, hospital.zone)
    return Row(visit, actions.for_visit(visit, user, hospital, now, only=IN_DAY), late, lost)


def _plan(doctor, calendar, rows, day, *, zone, now, delay):
    whole = glance.whole_day(day, zone)
    offered = slots.offered(calendar.rules, day, zone)
    open_slots = [slot for slot in slots.clear_of(offered, calendar.busy) if slot.starts >= now]
    return Plan(
        doctor,
        glance.hours_of(calendar.rules, day, zone),
        glance.within(glance.merged(calendar.away), whole),
        rows,
        open_slots,
        is_today=day == now.astimezone(zone).date(),
        delay=delay,
    )


def counts(visits):
    """{status: how many}, for the figures on top."""
    return Counter(visit.status for visit in visits)


def waiting_room(rows):
    """Who is here: in consultation first, then those who wait, who came first first."""
    here = [row for row in rows if row.visit.status in {Status.IN_CONSULTATION, Status.CHECKED_IN}]
    return sorted(here, key=lambda row: (RANK[row.visit.status], row.visit.arrived_at or row.visit.starts_at))


def next_up(rows):
    """The visit that is the doctor's next thing to do: the running one, then who waits, then who is expected."""
    if here := waiting_room(rows):
        return here[0]
    return next((row for row in rows if row.visit.status == Status.BOOKED and not row.stranded), None)
