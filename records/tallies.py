"""The figures of many days at once: what dashboards read. The same as records.figures counts, to the last visit.

Days that were counted before stand in tables (records.models.tallies), and so do whole months, for those who need no
days of them. Visits that were written since have left notes (scheduling.models.VisitChange); the doctors' days and the
patients that these speak of are counted here and now, in the place of what the tables say of them. Without tallies, or
with those of another time zone, all is counted now.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Case, Count, Min, Q, Sum, When

from hms.lib.kept import Kept
from records import figures
from records.models import (
    DepartmentDay,
    DepartmentMonth,
    DoctorDay,
    DoctorMonth,
    FirstVisit,
    FirstVisitMonth,
    TallyBook,
)
from records.months import parted
from scheduling import wall
from scheduling.models import PLANNED, Appointment, Status, VisitChange

STATUSES = [str(status) for status in Status]
NUMBERS = [*STATUSES, "seconds", "fees", "with_fee"]
TIMES = ["waits", "leads"]
TIMES_OF_HOSPITAL = [Case(When(department=None, then=name)) for name in TIMES]  # of departments nobody asks for them
OF_DOCTORS = ["completed", "seconds", "fees", "with_fee"]  # what a range is read of doctor by doctor
FORM = 1  # of the tables that are filled; what was counted in another form is counted anew
BOOK = Kept(TallyBook.objects.all)
TRIES = 3  # times that somebody may settle while we read, before all is counted anew


class Counts(dict):
    """{what: how many}, 0 for what is not there. A Counter takes several times as long to make, and we make many."""

    def __missing__(self, key):
        return 0


@dataclass
class Tally:
    """What some visits came to. `waits` (minutes) and `leads` (days) are {value, as text like in JSON: how many}."""

    numbers: Counts = field(default_factory=Counts)
    waits: Counts = field(default_factory=Counts)
    leads: Counts = field(default_factory=Counts)

    def add(self, other, sign=1):
        """Count another one in; with -1, take it out."""
        for mine, given in ((self.numbers, other.numbers), (self.waits, other.waits), (self.leads, other.leads)):
            for key, number in given.items():
                mine[key] += sign * number
        return self

    @property
    def visits(self):
        return sum(self.numbers[status] for status in STATUSES)

    @property
    def planned(self):
        return sum(self.numbers[status] for status in PLANNED)

    @property
    def no_shows(self):
        """(missed, expected), as figures.no_shows."""
        missed = self.numbers[Status.NO_SHOW]
        return missed, missed + self.numbers[Status.COMPLETED]

    @property
    def minutes_used(self):
        return self.numbers["seconds"] // 60

    @property
    def fees(self):
        """{"amount", "visits", "without"}, as figures.fees."""
        amount, paid = self.numbers["fees"] or Decimal("0.00"), self.numbers["with_fee"]
        return {"amount": amount, "visits": paid, "without": self.numbers[Status.COMPLETED] - paid}

    @property
    def waiting(self):
        """As figures.waiting, in whole minutes."""
        return figures.spread_of(whole(self.waits))

    @property
    def lead(self):
        """As figures.lead."""
        return figures.spread_of(whole(self.leads))


def total(tallies):
    """One Tally of many."""
    found = Tally()
    for tally in tallies:
        found.add(tally)
    return found


@dataclass
class Reading:
    """The figures of a scope and a range: {(day, department's id): Tally}, {doctor's id: Tally}, {day: new patients}.

    What was read by month stands under the month's first day. Waits and leads of the whole hospital stand under
    (day, None), not in its departments. The doctors' say nothing but OF_DOCTORS.
    """

    departments: dict
    doctors: dict
    firsts: dict


def whole(counts):
    """{value as text: how many} with numbers for values."""
    return {int(value): number for value, number in counts.items()}


def of_rows(rows, *keys, times=TIMES):
    """{what `keys` are: Tally} of rows of a table."""
    found = {}
    for waits, leads, *values in rows.values_list(*times, *NUMBERS, *keys):
        numbers = Counts(zip(NUMBERS, values, strict=False))
        found[tuple(values[len(NUMBERS) :])] = Tally(numbers, Counts(waits or ()), Counts(leads or ()))
    return found


def as_fields(tally):
    """The fields of a row that say what a Tally does."""
    numbers = {name: tally.numbers[name] for name in NUMBERS}
    return numbers | {"waits": dict(tally.waits), "leads": dict(tally.leads)}


def counted(visits, zone):
    """{(day, doctor's id, department's id): Tally} of some visits. Two queries."""
    found = defaultdict(Tally)
    day_of = {}
    columns = ("pk", "doctor", "department", "starts_at", "ends_at", "status", "fee", "created_at")
    for pk, doctor, department, starts, ends, status, fee, booked in visits.order_by().values_list(*columns):
        key = starts.astimezone(zone).date(), doctor, department
        tally = found[key]
        tally.numbers[status] += 1
        if status == Status.COMPLETED:
            day_of[pk] = key
            tally.numbers["seconds"] += int((ends - starts).total_seconds())
            if fee is not None:
                tally.numbers["fees"] += fee
                tally.numbers["with_fee"] += 1
            if booked <= starts:
                tally.leads[str(figures.lead_days(booked, starts, zone))] += 1
    for pk, arrived, begun in figures.waited_of(visits).order_by().values_list("pk", "arrived", "begun"):
        if pk in day_of:
            found[day_of[pk]].waits[str((int((begun - arrived).total_seconds()) + 30) // 60)] += 1
    return dict(found)


def of_doctors_days(pairs, zone):
    """The visits of some {day: doctors' ids}."""
    found = Q(pk__in=[])
    for day, doctors in pairs.items():
        within = Q(starts_at__gte=wall.day_begins(day, zone), starts_at__lt=wall.day_ends(day, zone))
        found |= within & Q(doctor__in=doctors)
    return Appointment.objects.filter(found)


def first_days(visits, zone, *, by_department):
    """[(patient, department or None, the day of the first completed visit)] of the patients of some visits."""
    groups = ("patient", "department") if by_department else ("patient",)
    done = visits.filter(status=Status.COMPLETED).order_by().values_list(*groups).annotate(Min("starts_at"))
    for patient, *department, first in done:
        yield patient, department[0] if department else None, first.astimezone(zone).date()


class Notes:
    """What was written since the tallies were settled: doctors' days within a range, and patients."""

    def __init__(self, days):
        self.days, self.patients = defaultdict(set), set()
        for doctor, patient, starts in VisitChange.objects.values_list("doctor_id", "patient_id", "starts_at"):
            self.patients.add(patient)
            day = starts.astimezone(days.zone).date()
            if days.first_day <= day <= days.last_day:
                self.days[day].add(doctor)

    def cells(self, zone):
        """What these doctors' days came to by the tables, and what they come to: two dicts as `counted` gives them."""
        if not self.days:
            return {}, {}
        asked = Q(pk__in=[])
        for day, doctors in self.days.items():
            asked |= Q(day=day, doctor__in=doctors)
        rows = DoctorDay.objects.filter(asked)
        return of_rows(rows, "day", "doctor", "department"), counted(of_doctors_days(self.days, zone), zone)


def read(scope, days, *, with_doctors=True, by_month=False):
    """The Reading of a scope's range, by the rows as they are now. `scope` is the hospital or a department.

    With `by_month`, whole months within the range are read as such. Six queries, five without doctors; where there are
    whole months and days around them, one more for doctors and with `by_month` two more for the rest. While there are
    notes up to four more, with `by_month` five.
    """
    for _try in range(TRIES):
        book = _settled()
        if book is None or book[1] != str(days.zone):
            break
        reading = _from_tables(scope, Parts(days, by_month=by_month), with_doctors)
        if _settled() == book:
            return reading
    return _anew(scope, days)


def _settled():
    """(how often the tallies were settled, the time zone of their days); None when there are none of this FORM."""
    return next(((book.settled, book.zone) for book in BOOK.rows() if book.form == FORM), None)


class Parts:
    """A range as it is read: whole months as such, where these are wanted, and the other days."""

    def __init__(self, days, *, by_month=False):
        self.days = days
        self.months, self.others = parted(days) if by_month else ([], [days])

    def key(self, day):
        """The day under which stands what happened on one."""
        is_of_month = any(months.first_day <= day <= months.last_day for months in self.months)
        return day.replace(day=1) if is_of_month else day


def _from_tables(scope, parts, with_doctors):
    notes = Notes(parts.days)
    reading = Reading(defaultdict(Tally), defaultdict(Tally), Counts())
    _add_departments(reading, scope, DepartmentDay, parts.others)
    _add_departments(reading, scope, DepartmentMonth, parts.months)
    if with_doctors:
        of_range = Parts(parts.days, by_month=True)  # one sum, whatever the departments are read by
        _add_doctors(reading, scope, DoctorDay, of_range.others)
        _add_doctors(reading, scope, DoctorMonth, of_range.months)
    for sign, cells in zip((-1, 1), notes.cells(parts.days.zone), strict=True):
        _lay_over(reading, cells, scope, parts, sign)
    _add_firsts(reading, scope, parts, notes.patients)
    return reading


def _within(ranges):
    """What lies within some ranges; of none the database is not asked."""
    found = Q(pk__in=[])
    for days in ranges:
        found |= Q(day__range=(days.first_day, days.last_day))
    return found


def _add_departments(reading, scope, table, ranges):
    rows, times = table.objects.filter(_within(ranges)), TIMES_OF_HOSPITAL
    if scope.department:
        rows, times = rows.filter(department=scope.department), TIMES
    found = of_rows(rows, "day", "department", times=times)
    for (_day, department), tally in found.items():
        if department is None:
            tally.numbers.clear()  # they stand in the departments
    reading.departments.update(found)


def _add_doctors(reading, scope, table, ranges):
    rows = table.objects.filter(_within(ranges)).order_by()
    if scope.department:
        rows = rows.filter(department=scope.department)
    for doctor, *numbers in rows.values_list("doctor").annotate(*map(Sum, OF_DOCTORS)):
        reading.doctors[doctor].add(Tally(Counts(zip(OF_DOCTORS, numbers, strict=True))))


def _lay_over(reading, cells, scope, parts, sign):
    for (day, doctor, department), tally in cells.items():
        if scope.department and department != scope.department.pk:
            continue
        key = parts.key(day)
        if scope.department:
            reading.departments[key, department].add(tally, sign)
        else:
            reading.departments[key, department].add(Tally(tally.numbers), sign)
            reading.departments[key, None].add(Tally(waits=tally.waits, leads=tally.leads), sign)
        mine = Counts((name, tally.numbers[name]) for name in OF_DOCTORS)
        reading.doctors[doctor].add(Tally(mine), sign)


def _add_firsts(reading, scope, parts, patients):
    """New patients by the tables; of some patients by their visits."""
    known = FirstVisit.objects.filter(department=scope.department).order_by()
    rest = known.filter(_within(parts.others)).exclude(patient__in=patients)
    reading.firsts.update(rest.values_list("day").annotate(number=Count("*")))
    months = FirstVisitMonth.objects.filter(_within(parts.months), department=scope.department)
    reading.firsts.update(months.values_list("day", "number"))
    noted = known.filter(_within(parts.months), patient__in=patients)
    for day in noted.values_list("day", flat=True):
        reading.firsts[parts.key(day)] -= 1
    if patients:
        visits = scope.visits().filter(patient__in=patients)
        for _patient, _department, day in first_days(visits, parts.days.zone, by_department=False):
            if parts.days.first_day <= day <= parts.days.last_day:
                reading.firsts[parts.key(day)] += 1


def _anew(scope, days):
    reading = Reading(defaultdict(Tally), defaultdict(Tally), Counts())
    _lay_over(reading, counted(figures.visits(scope, days), days.zone), scope, Parts(days), 1)
    for starts in figures.first_visits(scope, days).values_list("starts_at", flat=True):
        reading.firsts[starts.astimezone(days.zone).date()] += 1
    return reading
