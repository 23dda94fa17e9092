"""Keeping the tallies true: what changed is counted again, from the visits, whenever the job comes by.

Nothing is ever added to a tally: a doctor's day is counted anew as a whole, and a month added up anew from all of its
days, so that what went wrong once is right the next time. A note is removed in the transaction that counts what it
speaks of; a note that is committed later stays.
"""

import logging
from collections import defaultdict
from datetime import timedelta

from django.db import transaction
from django.db.models import Max, Min, Q, Sum
from django.utils import timezone

from clinic.models import Hospital
from hms.lib import bulk
from records import figures, tallies
from records.models import (
    DepartmentDay,
    DepartmentMonth,
    DoctorDay,
    DoctorMonth,
    FirstVisit,
    FirstVisitMonth,
    TallyBook,
)
from records.months import Range, days_of, shifted
from scheduling.models import Appointment, VisitChange

log = logging.getLogger(__name__)

TABLES = (DoctorDay, DepartmentDay, DoctorMonth, DepartmentMonth, FirstVisit, FirstVisitMonth)
ALL, HOSPITAL = Q(), Q(department=None)
BATCH = 5_000  # notes settled in one transaction
CHUNK = timedelta(days=7)  # counted at once when all is counted
SILENT = timedelta(minutes=5)  # after which whoever was counting everything has died


def settle():
    """Count again what visits were written for since the last time. Returns how many notes that took.

    Counts everything when there are no tallies yet, or those of another time zone or form, unless somebody does so just
    now.
    """
    zone = Hospital.current().zone
    book = TallyBook.objects.first()
    if book is None or (book.zone, book.form) != (str(zone), tallies.FORM):
        if book is None or book.zone or book.at < timezone.now() - SILENT:
            rebuild()
        return 0
    done = 0
    while taken := _settle_batch(zone):
        done += taken
    return done


@transaction.atomic
def _settle_batch(zone):
    book = TallyBook.objects.select_for_update().filter(zone=str(zone), form=tallies.FORM).first()
    notes = list(VisitChange.objects.order_by("pk")[:BATCH]) if book else []
    if not notes:
        return 0
    days = defaultdict(set)
    for note in notes:
        days[note.starts_at.astimezone(zone).date()].add(note.doctor_id)
    months = defaultdict(lambda: defaultdict(set))
    for day, doctors in days.items():
        month = months[day.replace(day=1)]
        month["doctor"] |= doctors
        month["department"] |= _count_day(day, doctors, zone)
    for month, changed in months.items():
        departments = Q(department__in=changed["department"]) | HOSPITAL
        _count_month(days_of(month, zone), Q(doctor__in=changed["doctor"]), departments)
    _find_firsts({note.patient_id for note in notes}, zone)
    VisitChange.objects.filter(pk__in=[note.pk for note in notes]).delete()
    TallyBook.objects.filter(pk=book.pk).update(settled=book.settled + 1, at=timezone.now())
    return len(notes)


def unsettled():
    """How many notes wait to be settled."""
    return VisitChange.objects.count()


def _count_day(day, doctors, zone):
    """Some doctors' day, and with it the day of the departments they were in: whose ids it returns."""
    before = DoctorDay.objects.filter(day=day, doctor__in=doctors)
    departments = set(before.values_list("department", flat=True))
    before.delete()
    found = tallies.counted(tallies.of_doctors_days({day: doctors}, zone), zone)
    _write_doctors(found)
    departments |= {department for _day, _doctor, department in found}
    DepartmentDay.objects.filter(Q(department__in=departments) | HOSPITAL, day=day).delete()
    rows = DoctorDay.objects.filter(day=day, department__in=departments)
    _add_up(DepartmentDay, (((day, pk), tally) for (pk, _doctor), tally in _of(rows, "department", "doctor")))
    rows = DepartmentDay.objects.filter(day=day)
    _add_up(DepartmentDay, (((day, None), tally) for _department, tally in _of(rows, "department")))
    return departments


def _of(rows, *keys):
    return tallies.of_rows(rows, *keys).items()


def _write_doctors(found):
    DoctorDay.objects.bulk_create(
        DoctorDay(day=day, doctor_id=doctor, department_id=department, **tallies.as_fields(tally))
        for (day, doctor, department), tally in found.items()
    )


def _add_up(table, tallied):
    """Write the sums of some ((day, department's id or None), Tally)."""
    sums = defaultdict(tallies.Tally)
    for key, tally in tallied:
        sums[key].add(tally)
    table.objects.bulk_create(
        table(day=day, department_id=department, **tallies.as_fields(tally))
        for (day, department), tally in sums.items()
    )


def _count_month(days, doctors=ALL, departments=ALL):
    """The month of some doctors and departments, or of all, from its days."""
    month, within = days.first_day, Q(day__range=(days.first_day, days.last_day))
    DoctorMonth.objects.filter(doctors, day=month).delete()
    sums = DoctorDay.objects.filter(within & doctors).order_by().values_list("doctor", "department")
    DoctorMonth.objects.bulk_create(
        DoctorMonth(
            day=month, doctor_id=doctor, department_id=department, **dict(zip(tallies.OF_DOCTORS, numbers, strict=True))
        )
        for doctor, department, *numbers in sums.annotate(*map(Sum, tallies.OF_DOCTORS))
    )
    DepartmentMonth.objects.filter(departments, day=month).delete()
    rows = DepartmentDay.objects.filter(within & departments)
    _add_up(DepartmentMonth, (((month, pk), tally) for (pk, _day), tally in _of(rows, "department", "day")))


def _find_firsts(patients, zone):
    """The first visits of some patients, and the months of which they are or were; of all when `patients` is None."""
    which = Q() if patients is None else Q(patient__in=patients)
    before = FirstVisit.objects.filter(which)
    changed = set(before.values_list("patient", "department", "day"))
    before.delete()
    visits = Appointment.objects.filter(which)
    for by_department in (False, True):
        found = list(tallies.first_days(visits, zone, by_department=by_department))
        bulk.insert(FirstVisit, ["patient", "department", "day"], found)
        changed.symmetric_difference_update(found)
    for month, department in {(day.replace(day=1), department) for _patient, department, day in changed}:
        _count_firsts(days_of(month, zone), department)


def _count_firsts(days, department):
    """The first visits of a month in a department, or (None) in the hospital."""
    FirstVisitMonth.objects.filter(day=days.first_day, department=department).delete()
    within = FirstVisit.objects.filter(department=department, day__range=(days.first_day, days.last_day))
    if number := within.count():
        FirstVisitMonth.objects.create(day=days.first_day, department_id=department, number=number)


def rebuild():
    """Count everything, a week at a time, and add up the months. Until it is done, figures are counted from the visits.

    Whoever begins later goes on alone: the one before stops. Returns how many days were counted.
    """
    zone = Hospital.current().zone
    turn = _begin(zone)
    ends = Appointment.objects.aggregate(first=Min("starts_at"), last=Max("starts_at"))
    days = 0
    if ends["first"]:
        first, last = (ends[end].astimezone(zone).date() for end in ("first", "last"))
        days = (last - first).days + 1
        if not all(_in_turn(turn, count, part) for count, part in _parts(first, last, zone)):
            log.info("Somebody else has begun to count all visits.")
            return 0
    TallyBook.objects.filter(settled=turn).update(zone=str(zone), form=tallies.FORM)
    return days


def _parts(first, last, zone):
    """What is done for these days in one transaction each: the weeks, then the months."""
    week = first
    while week <= last:
        yield _count_range, Range(week, min(week + CHUNK - timedelta(days=1), last), zone)
        week += CHUNK
    month = first.replace(day=1)
    while month <= last:
        yield _count_month, days_of(month, zone)
        month = shifted(month, 1)


@transaction.atomic
def _begin(zone):
    """An empty book. The notes that we see are of visits that the counting will see; those to come stay."""
    TallyBook.objects.get_or_create(pk=1)
    book = TallyBook.objects.select_for_update().get(pk=1)
    turn = book.settled + 1
    TallyBook.objects.filter(pk=1).update(zone="", settled=turn, at=timezone.now())
    for table in (VisitChange, *TABLES):
        table.objects.all().delete()
    _find_firsts(None, zone)
    return turn


@transaction.atomic
def _in_turn(turn, count, part):
    """Count a part of everything; False when somebody else has begun since."""
    book = TallyBook.objects.select_for_update().get(pk=1)
    if book.settled != turn:
        return False
    count(part)
    TallyBook.objects.filter(pk=1).update(at=timezone.now())
    return True


def _count_range(days):
    found = tallies.counted(figures.visits(figures.Scope(), days), days.zone)
    _write_doctors(found)
    each = (((day, pk), tally) for (day, _doctor, department), tally in found.items() for pk in (department, None))
    _add_up(DepartmentDay, each)
