"""Visits still booked although their doctor will not be there: over time off, or outside the hours that are left."""

from datetime import timedelta

from clinic.models import Hospital
from scheduling import free, slots
from scheduling.models import Appointment, ExtraHours, Lane, Status

WAITING = [Status.HELD, Status.BOOKED, Status.CHECKED_IN]
INSTANT = timedelta(microseconds=1)


def covered(span, rules, zone):
    """Whether the whole span lies in hours that some rule opens. Hours that touch count as one stretch."""
    first, last = (at.astimezone(zone).date() for at in (span.starts, span.ends - INSTANT))
    opened = sorted(
        stretch
        for day in slots.days_between(first, last)
        for rule in rules
        if rule.holds_on(day)
        for stretch in slots.open_spans(day, rule.starts, rule.ends, zone)
    )
    reach = span.starts
    for stretch in opened:
        if stretch.starts <= reach:
            reach = max(reach, stretch.ends)
    return reach >= span.ends


def is_away(span, away):
    """Whether some of the span falls into time off."""
    return any(off.starts < span.ends and off.ends > span.starts for off in away)


def is_stranded(visit, calendar, zone):
    """Whether the doctor will not be there for a visit. An overbooked one never asked for open hours."""
    span = slots.Span(visit.starts_at, visit.ends_at)
    if is_away(span, calendar.away):
        return True
    return visit.lane == Lane.NORMAL and not covered(span, calendar.rules, zone)


def as_rule(row):
    """Weekly hours or an extra date, as the rule that free.calendars makes of it."""
    if isinstance(row, ExtraHours):
        return slots.Hours(row.starts, row.ends, row.slot_minutes, only_on=row.date)
    return slots.Hours(
        row.starts, row.ends, row.slot_minutes, row.weekday, valid_from=row.valid_from, valid_until=row.valid_until
    )


def among(visits, *, zone, without=None):
    """The stranded ones among these visits, in their order; four queries, however many there are.

    `without`: weekly hours or an extra date that is thought away.
    """
    visits = [visit for visit in visits if visit.status in WAITING]
    if not visits:
        return []
    days = [visit.starts_at.astimezone(zone).date() for visit in visits]
    doctors = {visit.doctor_id: visit.doctor for visit in visits}
    known = free.calendars(doctors.values(), min(days), max(days))
    if without is not None:
        rules = known[without.doctor_id].rules
        rules[:] = [rule for rule in rules if rule != as_rule(without)]
    return [visit for visit in visits if is_stranded(visit, known[visit.doctor_id], zone)]


def of_doctor(doctor, *, now, without=None):
    """The stranded visits of a doctor that are still to come, the next one first. `without` as above."""
    coming = Appointment.objects.filter(doctor=doctor, status__in=WAITING, ends_at__gt=now)
    coming = coming.with_people().order_by("starts_at", "pk")
    return among(coming, zone=Hospital.current().zone, without=without)


def by_removing(row, *, now):
    """The visits that would be stranded if these hours or this extra date went."""
    already = {visit.pk for visit in of_doctor(row.doctor, now=now)}
    return [visit for visit in of_doctor(row.doctor, now=now, without=row) if visit.pk not in already]
