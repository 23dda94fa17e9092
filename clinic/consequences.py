"""What the hospital's rules come to, in sentences with real days and sums: shown before a change is saved. Pure."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hms.lib import when

DAY = timedelta(days=1)
SHOWN = 3  # slots


def consequences(hospital, now):
    """[(what, sentence)] of a Hospital, saved or not."""
    zone = ZoneInfo(hospital.time_zone)
    return [
        (
            _("Clock"),
            _("It is %(at)s there now (%(offset)s).") % {"at": said(now, zone, now), "offset": offset(now, zone)},
        ),
        (_("Money"), _("A visit costs %(fee)s where its doctor has no fee.") % {"fee": fee(hospital)}),
        (_("Booking"), booking(hospital, now, zone)),
        (_("Moving and cancelling"), changing(hospital, now, zone)),
        (_("New working hours"), slots(hospital)),
        (_("Reminders"), reminders(hospital, now, zone)),
    ]


def said(at, zone, now):
    return when.moment(at, zone, now)


def offset(now, zone):
    return when.offset(now.astimezone(zone))


def fee(hospital):
    return when.money(hospital.default_fee, hospital.currency)


def booking(hospital, now, zone):
    """As far ahead and as late as patients may book now."""
    first = now + timedelta(minutes=hospital.shortest_notice_minutes)
    last = now.astimezone(zone).date() + timedelta(days=hospital.booking_window_days)
    words = {"first": said(first, zone, now), "last": when.day(last, now.astimezone(zone).date())}
    if first.astimezone(zone).date() > last:
        return _("Patients can book nothing: the shortest notice is longer than the booking window.")
    return _("Who books now finds times from %(first)s until the end of %(last)s.") % words


def changing(hospital, now, zone):
    """By the example of a visit tomorrow at ten."""
    visit = datetime.combine(now.astimezone(zone).date() + DAY, time(10), tzinfo=zone).astimezone(UTC)
    last = visit - timedelta(minutes=hospital.cancellation_cutoff_minutes)
    words = {"visit": said(visit, zone, now), "last": said(last, zone, now)}
    if not hospital.cancellation_cutoff_minutes:
        return _("Patients can move or cancel a visit until it begins.")
    return _("A visit on %(visit)s can be moved or cancelled by the patient until %(last)s.") % words


def slots(hospital):
    minutes = hospital.default_slot_minutes
    begin = datetime(2000, 1, 1, 9, tzinfo=UTC)
    times = ", ".join(f"{begin + timedelta(minutes=minutes * number):%H:%M}" for number in range(SHOWN))
    count = 60 // minutes
    if not count:
        return _("From 9:00 on: %(times)s, …") % {"times": times}
    words = ngettext(
        "From 9:00 on: %(times)s, …: %(count)d visit an hour.",
        "From 9:00 on: %(times)s, …: %(count)d visits an hour.",
        count,
    )
    return words % {"times": times, "count": count}


def reminders(hospital, now, zone):
    """When the next ones go out, and for which day."""
    today = now.astimezone(zone).date()
    eve = upcoming(hospital.reminder_hour, now, zone)
    words = {"at": said(eve, zone, now), "day": when.day(eve.astimezone(zone).date() + DAY, today)}
    sentence = _("The next go out on %(at)s, for the visits of %(day)s.") % words
    if hospital.reminder_same_day_hour is None:
        return f"{sentence} {_('None on the day itself.')}"
    again = upcoming(hospital.reminder_same_day_hour, now, zone)
    return f"{sentence} {_('On the day itself: the next on %(at)s.') % {'at': said(again, zone, now)}}"


def upcoming(hour, now, zone):
    """The next instant at which the zone's clock shows that hour."""
    today = now.astimezone(zone).date()
    at = datetime.combine(today, time(hour), tzinfo=zone).astimezone(UTC)
    return at if at > now else datetime.combine(today + DAY, time(hour), tzinfo=zone).astimezone(UTC)
