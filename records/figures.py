"""What happened in a hospital, in numbers. Every page, list, report and export that shows a figure asks here.

A figure is a function of a Scope (whose visits) and a Range (which local days), and writes nothing. A visit belongs to
the day on which it begins, by the hospital's clock, and counts with the status that it has now. What each figure means
stands in its docstring, and for people in records/definitions.py.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache

from django.db.models import Count, DurationField, Exists, F, Max, Min, OuterRef, Q, Sum
from django.db.models.functions import TruncDate

from clinic.models import Department, Doctor, Patient
from hms.lib.kept import Kept
from records.models import CodeSystem, Diagnosis, Encounter
from scheduling import free
from scheduling.models import Appointment, AppointmentEvent, Lane, Status

TIMED = timedelta(minutes=1)  # a consultation shorter than this was noted afterwards, not timed


@dataclass(frozen=True)
class Scope:
    """Whose visits: one doctor's, one department's, one patient's, or (none of them) the whole hospital's."""

    doctor: Doctor | None = None
    department: Department | None = None
    patient: Patient | None = None

    def visits(self):
        """All visits of the scope, whenever they were."""
        return Appointment.objects.filter(**self.narrowed()).order_by()

    def narrowed(self):
        """What a visit of the scope has: a column and an id, or nothing."""
        for column in ("doctor", "patient", "department"):
            if one := getattr(self, column):
                return {column: one.pk}
        return {}

    def doctors(self):
        """The doctors whose hours count."""
        if self.doctor:
            return [self.doctor]
        doctors = Doctor.objects.filter(department=self.department) if self.department else Doctor.objects.all()
        return list(doctors)


def visits(scope, days):
    """The visits that begin in the range, whatever became of them."""
    return scope.visits().filter(**_within(days.starts_at, days.ends_at))


def completed(scope, days):
    """The visits of the range that took place and were completed."""
    return visits(scope, days).filter(status=Status.COMPLETED)


def visits_by_status(scope, days):
    """{status: how many visits}, every status named."""
    found = dict(visits(scope, days).values_list("status").annotate(Count("pk")))
    return {str(status): found.get(status, 0) for status in Status}


def visits_by_day(scope, days):
    """{local day: {status: how many visits}} of the days that have any, every status named. One query."""
    found = defaultdict(no_visits)
    narrowed = scope.narrowed()
    asked = _by_day(tuple(narrowed), days.zone)
    for day, status, number in asked.rows(*narrowed.values(), days.starts_at, days.ends_at):
        found[day][status] = number
    return dict(found)


@cache
def _by_day(columns, zone):
    def build(*values):
        *ids, since, until = values
        visits = Appointment.objects.filter(**dict(zip(columns, ids, strict=True)), **_within(since, until)).order_by()
        rows = visits.annotate(day=TruncDate("starts_at", tzinfo=zone))
        return rows.values_list("day", "status").annotate(Count("pk"))

    return Kept(build, *(int for _column in columns), datetime, datetime)


def _within(since, until):
    return {"starts_at__gte": since, "starts_at__lt": until}


def visits_by_department(days):
    """{department's id: {status: how many visits}} of the whole hospital, every status named. One query.

    The department is that of the visit. Names are not asked for here: to group by them takes three times as long.
    """
    return {department: counts for (department,), counts in _grouped(days, "department").items()}


def visits_by_doctor(days):
    """The same for each {(department's id, doctor's id)}."""
    return _grouped(days, "department", "doctor")


def _grouped(days, *columns):
    found = defaultdict(no_visits)
    for *group, status, number in _by(columns).rows(days.starts_at, days.ends_at):
        found[tuple(group)][status] = number
    return dict(found)


@cache
def _by(columns):
    def build(since, until):
        visits = Appointment.objects.filter(**_within(since, until)).order_by()
        return visits.values_list(*columns, "status").annotate(Count("pk"))

    return Kept(build, datetime, datetime)


NONE = {str(status): 0 for status in Status}


def no_visits():
    """{status: 0}, to be added to."""
    return dict(NONE)


def added(counts):
    """The sum of several {status: how many visits}."""
    total = no_visits()
    for of_one in counts:
        for status, number in of_one.items():
            total[status] += number
    return total


def no_shows(scope, days):
    """(missed, expected): no-shows, of the visits that ended as completed or no-show. Cancelled ones do not count."""
    return missed_among(visits_by_status(scope, days))


def missed_among(counts):
    """The same from {status: how many visits}."""
    missed = counts[Status.NO_SHOW]
    return missed, missed + counts[Status.COMPLETED]


def unfinished(visits, today):
    """Those of a doctor's visits whose record is still to be written or signed: a draft stands, or nothing does.

    Nothing: of a visit that was completed, or begun on an earlier day and never completed. `today` is the instant at
    which the day begins. What was taken over from elsewhere is not to be written here.
    """
    over = Q(status=Status.COMPLETED) | Q(status=Status.IN_CONSULTATION, starts_at__lt=today)
    nothing = over & Q(encounter=None) & ~Q(lane=Lane.HISTORY)
    return visits.filter(nothing | Q(encounter__isnull=False, encounter__signed_at=None))


def patients_seen(scope, days):
    """How many different patients have a completed visit in the range."""
    return completed(scope, days).aggregate(number=Count("patient", distinct=True))["number"]


def first_visits(scope, days):
    """The completed visits of the range before which their patient had none in the scope: one for each new patient."""
    mine = scope.visits().filter(status=Status.COMPLETED, patient=OuterRef("patient"))
    before = Q(starts_at__lt=OuterRef("starts_at")) | Q(starts_at=OuterRef("starts_at"), pk__lt=OuterRef("pk"))
    return completed(scope, days).filter(~Exists(mine.filter(before)))


def new_patients(scope, days):
    """How many patients had their first completed visit of the scope in the range."""
    return first_visits(scope, days).count()


def minutes_open(scope, days):
    """Minutes in which the scope's doctors were to be there: their hours and extra dates, less time off.

    By the rules as they stand now: a calendar keeps no earlier ones.
    """
    return sum(minutes_open_by(scope.doctors(), days).values())


def minutes_open_by(doctors, days):
    """{doctor's id: minutes open} of some doctors. Three queries."""
    times = free.open_time(doctors, days.first_day, days.last_day, zone=days.zone)
    return {pk: int(time.total_seconds() // 60) for pk, time in times.items()}


def minutes_used(scope, days):
    """Minutes that the completed visits had been booked for, in hours or outside of them."""
    length = Sum(F("ends_at") - F("starts_at"), output_field=DurationField())
    return int((completed(scope, days).aggregate(length=length)["length"] or timedelta()).total_seconds() // 60)


def timed(scope, days):
    """The completed visits whose consultation was begun and ended by two acts, with `arrived`, `begun` and `ended`.

    Signed at once without being begun, or taken over from elsewhere: that tells no time.
    """
    return timed_of(visits(scope, days))


def timed_of(some):
    """Those of some visits that `timed` speaks of."""
    return (
        some.filter(status=Status.COMPLETED)
        .annotate(
            arrived=Min("events__at", filter=_became(Status.CHECKED_IN)),
            begun=Min("events__at", filter=_became(Status.IN_CONSULTATION)),
            ended=Max("events__at", filter=_became(Status.COMPLETED)),
        )
        .filter(ended__gte=F("begun") + TIMED)
    )


def _became(status):
    return Q(events__kind=AppointmentEvent.Kind.STATUS, events__status=status)


def waited(scope, days):
    """The timed visits whose patient had been checked in before."""
    return waited_of(visits(scope, days))


def waited_of(some):
    """Those of some visits that `waited` speaks of."""
    return timed_of(some).filter(arrived__lte=F("begun"))


def waiting(scope, days):
    """Seconds from checking in to the beginning of the consultation: {"visits", "median", "p90"}."""
    return _spread(waited(scope, days).values_list("arrived", "begun"))


def consultation(scope, days):
    """Seconds from the beginning of the consultation to its end: {"visits", "median", "p90"}."""
    return _spread(timed(scope, days).values_list("begun", "ended"))


def _spread(pairs):
    return spread_of(Counter(int((later - earlier).total_seconds()) for earlier, later in pairs))


def spread_of(found):
    """{"visits", "median", "p90"} of {value: how many visits}."""
    return {"visits": sum(found.values()), "median": percentile(found, 50), "p90": percentile(found, 90)}


def percentile(found, share):
    """The smallest value that at least `share` of 100 visits do not exceed (nearest rank); None without visits.

    Of {value: how many visits}, so that values may be rounded, or added up day by day, before.
    """
    left = -(-share * sum(found.values()) // 100)
    for value in sorted(found):
        left -= found[value]
        if left <= 0 < found[value]:
            return value
    return None


def booked_ahead(scope, days):
    """The completed visits of the range that were booked before they began, as those taken over were not."""
    return completed(scope, days).filter(created_at__lte=F("starts_at"))


def lead(scope, days):
    """Local days from the day of booking to the day of the visit: {"visits", "median", "p90"}. 0 is the same day."""
    pairs = booked_ahead(scope, days).values_list("created_at", "starts_at")
    return spread_of(Counter(lead_days(booked, starts, days.zone) for booked, starts in pairs))


def lead_days(booked, starts, zone):
    """Midnights between two instants by the clock of a zone."""
    return (starts.astimezone(zone).date() - booked.astimezone(zone).date()).days


def fees(scope, days):
    """What the completed visits cost, as agreed when they were booked: {"amount": Decimal, "visits", "without"}."""
    by_fee = dict(completed(scope, days).values_list("fee").annotate(Count("pk")))
    without = by_fee.pop(None, 0)
    amount = sum((fee * number for fee, number in by_fee.items()), Decimal("0.00"))
    return {"amount": amount, "visits": sum(by_fee.values()), "without": without}


def records_of(scope, days):
    """The signed records of visits that began in the range, also those taken over from elsewhere. A doctor's alone."""
    signed = Encounter.objects.signed().filter(started_at__gte=days.starts_at, started_at__lt=days.ends_at)
    return signed.filter(doctor=scope.doctor).order_by() if scope.doctor else signed.none()


def diagnoses(scope, days):
    """What a doctor found: [{"system", "code", "words", "count"}], the most frequent first.

    `count` is the number of signed records that name it, each once. One code is one line, under the words it was
    given most often; what has no code is told apart by its words.
    """
    found = {}
    rows = Diagnosis.objects.filter(encounter__in=records_of(scope, days)).order_by()
    for encounter, system, code, words in rows.values_list("encounter", "system", "code", "words"):
        key = (str(system), code, "") if code else (str(CodeSystem.NONE), "", words)
        found.setdefault(key, {}).setdefault(words, set()).add(encounter)
    lines = [
        {
            "system": system,
            "code": code,
            "words": min(by_words, key=lambda words: (-len(by_words[words]), words)),
            "count": len(set.union(*by_words.values())),
        }
        for (system, code, _words), by_words in found.items()
    ]
    return sorted(lines, key=lambda line: (-line["count"], line["system"], line["code"], line["words"]))


def records_naming(scope, days, line):
    """The records behind one line of `diagnoses`."""
    same = Q(diagnoses__system=line["system"], diagnoses__code=line["code"])
    if not line["code"]:
        same = Q(diagnoses__code="", diagnoses__words=line["words"])
    return records_of(scope, days).filter(pk__in=Encounter.objects.filter(same).order_by().values("pk"))
