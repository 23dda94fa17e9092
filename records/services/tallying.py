"""Keeping the tallies true: what changed is counted again, from the visits, whenever the job comes by.

Nothing is ever added to a tally: a doctor's day is counted anew as a whole, so that what went wrong once is right the
next time. A note is removed in the transaction that counts what it speaks of; a note that is committed later stays.
"""

import logging
from collections import defaultdict
from datetime import timedelta

from django.db import transaction
from django.db.models import Max, Min, Q
from django.utils import timezone

from clinic.models import Hospital
from hms.lib import bulk
from records import figures, tallies
from records.models import DepartmentDay, DoctorDay, FirstVisit, TallyBook
from records.months import Range
from scheduling.models import Appointment, VisitChange

log = logging.getLogger(__name__)

BATCH = 5_000  # notes settled in one transaction
CHUNK = timedelta(days=7)  # counted at once when all is counted
SILENT = timedelta(minutes=5)  # after which whoever was counting everything has died


def settle():
    """Count again what visits were written for since the last time. Returns how many notes that took.

    Counts everything when there are no tallies yet, or those of another time zone, unless somebody does so just now.
    """
    zone = Hospital.current().zone
    book = TallyBook.objects.first()
    if book is None or book.zone != str(zone):
        if book is None or book.zone or book.at < timezone.now() - SILENT:
            rebuild()
        return 0
    done = 0
    while taken := _settle_batch(zone):
        done += taken
    return done


@transaction.atomic
def _settle_batch(zone):
    book = TallyBook.objects.select_for_update().filter(zone=str(zone)).first()
    notes = list(VisitChange.objects.order_by("pk")[:BATCH]) if book else []
    if not notes:
        return 0
    days = defaultdict(set)
    for note in notes:
        days[note.starts_at.astimezone(zone).date()].add(note.doctor_id)
    for day, doctors in days.items():
        _count_day(day, doctors, zone)
    _find_firsts({note.patient_id for note in notes}, zone)
    VisitChange.objects.filter(pk__in=[note.pk for note in notes]).delete()
    TallyBook.objects.filter(pk=book.pk).update(settled=book.settled + 1, at=timezone.now())
    return len(notes)


def unsettled():
    """How many notes wait to be settled."""
    return VisitChange.objects.count()


def _count_day(day, doctors, zone):
    """Some doctors' day, and with it the day of the departments they were in."""
    before = DoctorDay.objects.filter(day=day, doctor__in=doctors)
    departments = set(before.values_list("department", flat=True))
    before.delete()
    found = tallies.counted(tallies.of_doctors_days({day: doctors}, zone), zone)
    _write_doctors(found)
    departments |= {department for _day, _doctor, department in found}
    DepartmentDay.objects.filter(day=day, department__in=departments).delete()
    rows = DoctorDay.objects.filter(day=day, department__in=departments)
    _write_departments(tallies.of_rows(rows))


def _write_doctors(found):
    DoctorDay.objects.bulk_create(
        DoctorDay(day=day, doctor_id=doctor, department_id=department, **tallies.as_fields(tally))
        for (day, doctor, department), tally in found.items()
    )


def _write_departments(found):
    sums = defaultdict(tallies.Tally)
    for (day, _doctor, department), tally in found.items():
        sums[day, department].add(tally)
    DepartmentDay.objects.bulk_create(
        DepartmentDay(day=day, department_id=department, **tallies.as_fields(tally))
        for (day, department), tally in sums.items()
    )


def _find_firsts(patients, zone):
    """The first visits of some patients; of all when `patients` is None."""
    which = Q() if patients is None else Q(patient__in=patients)
    FirstVisit.objects.filter(which).delete()
    visits = Appointment.objects.filter(which)
    for by_department in (False, True):
        found = list(tallies.first_days(visits, zone, by_department=by_department))
        bulk.insert(FirstVisit, ["patient", "department", "day"], found)


def rebuild():
    """Count everything, a week at a time. Until it is done, figures are counted from the visits themselves.

    Whoever begins later goes on alone: the one before stops. Returns how many days were counted.
    """
    zone = Hospital.current().zone
    turn = _begin(zone)
    ends = Appointment.objects.aggregate(first=Min("starts_at"), last=Max("starts_at"))
    days = 0
    if ends["first"]:
        first, last = (ends[end].astimezone(zone).date() for end in ("first", "last"))
        days = (last - first).days + 1
        while first <= last:
            if not _count_range(Range(first, min(first + CHUNK - timedelta(days=1), last), zone), turn):
                log.info("Somebody else has begun to count all visits.")
                return 0
            first += CHUNK
    TallyBook.objects.filter(settled=turn).update(zone=str(zone))
    return days


@transaction.atomic
def _begin(zone):
    """An empty book. The notes that we see are of visits that the counting will see; those to come stay."""
    TallyBook.objects.get_or_create(pk=1)
    book = TallyBook.objects.select_for_update().get(pk=1)
    turn = book.settled + 1
    TallyBook.objects.filter(pk=1).update(zone="", settled=turn, at=timezone.now())
    for table in (VisitChange, DoctorDay, DepartmentDay):
        table.objects.all().delete()
    _find_firsts(None, zone)
    return turn


@transaction.atomic
def _count_range(days, turn):
    book = TallyBook.objects.select_for_update().get(pk=1)
    if book.settled != turn:
        return False
    found = tallies.counted(figures.visits(figures.Scope(), days), days.zone)
    _write_doctors(found)
    _write_departments(found)
    TallyBook.objects.filter(pk=1).update(at=timezone.now())
    return True
