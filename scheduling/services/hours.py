"""Weekly hours, extra dates and time off. Every change locks the doctor, as booking does, and looks again."""

from contextlib import contextmanager
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import audit
from clinic import topics
from clinic.models import Doctor, Hospital
from hms.lib import cached
from hms.lib.seen import require_unchanged
from hms.lib.when import day as day_in_words
from scheduling import stranded
from scheduling.models import ExtraHours, TimeOff, Weekday, WorkingHours
from scheduling.services.guard import BookingConflict, BookingRefused
from scheduling.services.proposals import close_needless
from scheduling.slots import LONGEST, MIDNIGHT, SHORTEST

YEARS_AHEAD = 5
DAY_MINUTES = 24 * 60


class HoursRefused(BookingRefused):
    """Hours that cannot be as asked; `field` names what the sentence belongs beside."""

    def __init__(self, message, field=None):
        super().__init__(message)
        self.field = field


class VisitsAffected(BookingConflict):
    """The change would strand visits (in `visits`) that the person has not been shown."""

    def __init__(self, visits):
        count = len(visits)
        message = ngettext(
            "%(count)d booked visit is affected by this.", "%(count)d booked visits are affected by this.", count
        )
        super().__init__(message % {"count": count})
        self.visits = visits


def _lock(doctor, by):
    """Lock the doctor that rivals share, if this person may change those hours; None is the system itself."""
    if by is not None:
        theirs = Doctor.objects.managed_by(by).filter(pk=doctor.pk).exists()
        if not theirs or not by.has_perm("scheduling.change_workinghours"):
            raise PermissionDenied
    return Doctor.objects.select_for_update(no_key=True, of=("self",)).get(pk=doctor.pk)


def _fresh(row, by):
    """Lock the row's doctor and read the row again; it may have gone or changed since it was shown."""
    _lock(row.doctor, by)
    found = type(row).objects.select_related("doctor").filter(pk=row.pk).first()
    if found is None:
        raise BookingConflict(_("Somebody has removed this in the meantime."))
    return found


@contextmanager
def _minding_visits(doctor, seen):
    """Refuse a change that strands visits not among `seen` (their ids); None does not ask. Inside the transaction."""
    now = timezone.now()
    if seen is None:
        yield
        return
    before = {visit.pk for visit in stranded.of_doctor(doctor, now=now)}
    yield
    new = [visit for visit in stranded.of_doctor(doctor, now=now) if visit.pk not in before]
    if {visit.pk for visit in new} - set(seen):
        raise VisitsAffected(new)


def _record(by, action, row, **detail):
    audit.record(by, action, row, detail={"doctor": row.doctor_id, "doctor_name": row.doctor.name, **detail})
    cached.after_commit(topics.times(row.doctor_id))
    close_needless(row.doctor, by=by)


def _minutes(clock):
    return clock.hour * 60 + clock.minute


def _until(ends):
    return DAY_MINUTES if ends == MIDNIGHT else _minutes(ends)


def _block(row):
    return f"{row.starts:%H:%M}–{row.ends:%H:%M}"


def _require_good_block(row):
    """What holds for weekly hours and for extra dates alike."""
    length = _until(row.ends) - _minutes(row.starts)
    if length <= 0:
        raise HoursRefused(_("The end must come after the beginning. (00:00 is midnight at the end.)"), "ends")
    if not SHORTEST <= row.slot_minutes <= LONGEST:
        limits = {"shortest": SHORTEST, "longest": LONGEST}
        raise HoursRefused(_("A slot takes from %(shortest)d to %(longest)d minutes.") % limits, "slot_minutes")
    if row.slot_minutes > length:
        sizes = {"slot": row.slot_minutes, "length": length}
        raise HoursRefused(
            _("A slot of %(slot)d minutes does not fit into these %(length)d minutes.") % sizes, "slot_minutes"
        )


def _touching(rows, row):
    """Those among `rows` whose clock times overlap those of `row`."""
    rows = rows.filter(Q(ends=MIDNIGHT) | Q(ends__gt=row.starts))
    return rows if row.ends == MIDNIGHT else rows.filter(starts__lt=row.ends)


def _speaking_of(first, last):
    """Weekly hours whose validity shares a day with [first, last]; None is open."""
    condition = Q()
    if last is not None:
        condition &= Q(valid_from=None) | Q(valid_from__lte=last)
    if first is not None:
        condition &= Q(valid_until=None) | Q(valid_until__gte=first)
    return condition


def _require_good_weekly(row):
    _require_good_block(row)
    if row.valid_from and row.valid_until and row.valid_until < row.valid_from:
        raise HoursRefused(_("The last day must not come before the first."), "valid_until")
    others = WorkingHours.objects.filter(_speaking_of(row.valid_from, row.valid_until), weekday=row.weekday)
    rival = _touching(others.filter(doctor=row.doctor_id).exclude(pk=row.pk), row).first()
    if rival:
        names = {"weekday": Weekday(rival.weekday).label, "block": _block(rival)}
        raise HoursRefused(
            _("On %(weekday)s these hours overlap %(block)s. Change those, or choose other times.") % names, "starts"
        )


def _require_near(day, field):
    today = timezone.now().astimezone(Hospital.current().zone).date()
    if day < today:
        raise HoursRefused(_("That day has passed."), field)
    if day > today + timedelta(days=366 * YEARS_AHEAD):
        raise HoursRefused(_("That is more than %(years)d years ahead.") % {"years": YEARS_AHEAD}, field)


def _require_good_extra(row):
    _require_near(row.date, "date")
    _require_good_block(row)
    same_day = ExtraHours.objects.filter(doctor=row.doctor_id, date=row.date).exclude(pk=row.pk)
    weekly = WorkingHours.objects.filter(_speaking_of(row.date, row.date), doctor=row.doctor_id)
    rival = _touching(same_day, row).first() or _touching(weekly.filter(weekday=row.date.weekday()), row).first()
    if rival:
        raise HoursRefused(
            _("On that day there are hours from %(block)s already.") % {"block": _block(rival)}, "starts"
        )


def _twin(row, *names):
    """A row that says exactly the same: the second press of a button finds what the first one made."""
    return type(row).objects.filter(doctor=row.doctor_id, **{name: getattr(row, name) for name in names}).first()


HOURS_FIELDS = ("weekday", "starts", "ends", "slot_minutes", "valid_from", "valid_until")
EXTRA_FIELDS = ("date", "starts", "ends", "slot_minutes")
TIME_OFF_FIELDS = ("starts_at", "ends_at", "reason")


def _add(row, fields, require_good, action, by):
    if (twin := _twin(row, *fields)) is not None:
        return twin
    require_good(row)
    row.save(force_insert=True)
    _record(by, action, row)
    return row


def _change(row, values, require_good, action, *, by, seen, shown):
    """Write new values into a row that was read after the lock; ChangedMeanwhile where it is not as it was shown."""
    require_unchanged(row, shown, values)
    if all(getattr(row, name) == value for name, value in values.items()):
        return row
    before = str(row)
    for name, value in values.items():
        setattr(row, name, value)
    require_good(row)
    with _minding_visits(row.doctor, seen):
        row.save()
    _record(by, action, row, before=before)
    return row


@transaction.atomic
def _remove(row, action, *, by, seen=None):
    _lock(row.doctor, by)
    gone = type(row).objects.select_related("doctor").filter(pk=row.pk).first()
    if gone is None:  # a second press, or somebody else was faster: it is gone, as asked
        return
    with _minding_visits(gone.doctor, seen):
        type(row).objects.filter(pk=gone.pk).delete()
    _record(by, action, gone)


@transaction.atomic
def add_hours(
    *, doctor, weekday, starts, ends, by, slot_minutes=None, valid_from=None, valid_until=None
) -> WorkingHours:
    """Open a doctor's calendar on a weekday, by the clock in the hospital's zone; `ends` 00:00 is midnight at the end.

    Without `slot_minutes` the hospital's default. Raises HoursRefused. The same hours twice are the same row.
    """
    doctor = _lock(doctor, by)
    minutes = slot_minutes or Hospital.current().default_slot_minutes
    row = WorkingHours(doctor=doctor, weekday=weekday, starts=starts, ends=ends, slot_minutes=minutes)
    row.valid_from, row.valid_until = valid_from, valid_until
    return _add(row, HOURS_FIELDS, _require_good_weekly, "hours.added", by)


@transaction.atomic
def add_hours_on(weekdays, **fields):
    """The same hours on several weekdays: all of them or, refused, none."""
    return [add_hours(weekday=weekday, **fields) for weekday in weekdays]


@transaction.atomic
def change_hours(hours, *, by, seen=None, shown="", **values):
    """Change weekly hours. `seen`: ids of the visits that the person knows will be stranded (None: do not ask).

    `shown` is what the form had shown of the row (hms/lib/seen.py). Raises HoursRefused, VisitsAffected,
    ChangedMeanwhile when somebody else has changed the hours since, or BookingConflict when they have gone.
    """
    return _change(_fresh(hours, by), values, _require_good_weekly, "hours.changed", by=by, seen=seen, shown=shown)


def remove_hours(hours, *, by, seen=None):
    """Take weekly hours away. Visits booked in them stay booked; `seen` as in change_hours."""
    _remove(hours, "hours.removed", by=by, seen=seen)


@transaction.atomic
def add_extra(*, doctor, date, starts, ends, by, slot_minutes=None) -> ExtraHours:
    """Open a doctor's calendar on one date. Raises HoursRefused."""
    doctor = _lock(doctor, by)
    minutes = slot_minutes or Hospital.current().default_slot_minutes
    row = ExtraHours(doctor=doctor, date=date, starts=starts, ends=ends, slot_minutes=minutes)
    return _add(row, EXTRA_FIELDS, _require_good_extra, "extra_hours.added", by)


@transaction.atomic
def change_extra(extra, *, by, seen=None, shown="", **values):
    """Change an extra date; refusals as in change_hours."""
    return _change(_fresh(extra, by), values, _require_good_extra, "extra_hours.changed", by=by, seen=seen, shown=shown)


def remove_extra(extra, *, by, seen=None):
    """Take an extra date away. Visits booked in it stay booked."""
    _remove(extra, "extra_hours.removed", by=by, seen=seen)


def _require_good_time_off(row):
    now = timezone.now()
    if row.ends_at <= row.starts_at:
        raise HoursRefused(_("The end must come after the beginning."), "until_day")
    if row.ends_at <= now:
        raise HoursRefused(_("That time has passed already."), "until_day")
    if row.starts_at < now - timedelta(days=366):
        raise HoursRefused(_("That is more than a year ago."), "from_day")
    if row.ends_at > now + timedelta(days=366 * YEARS_AHEAD):
        raise HoursRefused(_("That is more than %(years)d years ahead.") % {"years": YEARS_AHEAD}, "until_day")
    others = TimeOff.objects.filter(doctor=row.doctor_id, starts_at__lt=row.ends_at, ends_at__gt=row.starts_at)
    if rival := others.exclude(pk=row.pk).first():
        zone = Hospital.current().zone
        days = [at.astimezone(zone).date() for at in (rival.starts_at, rival.ends_at - timedelta(microseconds=1))]
        today = now.astimezone(zone).date()
        names = {"first": day_in_words(days[0], today), "last": day_in_words(days[1], today)}
        raise HoursRefused(
            _("There is time off from %(first)s to %(last)s already. Change that instead.") % names, "from_day"
        )


REVIEWS = {
    WorkingHours: _require_good_weekly,
    ExtraHours: _require_good_extra,
    TimeOff: _require_good_time_off,
}


def review(row):
    """Raise HoursRefused if a row not yet saved could not be saved as it is. For forms that save through others."""
    REVIEWS[type(row)](row)


@transaction.atomic
def add_time_off(*, doctor, starts_at: datetime, ends_at: datetime, by, reason="", seen=None) -> TimeOff:
    """Close a doctor's calendar between two instants. Booked visits stay booked; `seen` as in change_hours.

    Raises HoursRefused or VisitsAffected.
    """
    row = TimeOff(doctor=_lock(doctor, by), starts_at=starts_at, ends_at=ends_at, reason=reason)
    if (twin := _twin(row, *TIME_OFF_FIELDS)) is not None:
        return twin
    with _minding_visits(row.doctor, seen):
        return _add(row, TIME_OFF_FIELDS, _require_good_time_off, "time_off.added", by)


@transaction.atomic
def change_time_off(time_off, *, by, seen=None, shown="", **values):
    """Change time off; refusals as in add_time_off."""
    return _change(
        _fresh(time_off, by), values, _require_good_time_off, "time_off.changed", by=by, seen=seen, shown=shown
    )


def remove_time_off(time_off, *, by):
    """The doctor is there after all. This strands nobody."""
    _remove(time_off, "time_off.removed", by=by)
