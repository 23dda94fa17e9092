"""How days, times, durations, ages and sums of money are written for people. Pure: what is now is an argument."""

from datetime import UTC
from decimal import Decimal

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

MINUTE, HOUR = 60, 3600


def is_twofold(moment):
    """Whether the clock shows this local time twice that day, because it is turned back."""
    return moment.replace(fold=0).utcoffset() > moment.replace(fold=1).utcoffset()


def offset(moment):
    """The distance to UTC: UTC+02:00."""
    text = moment.strftime("%z")
    return f"UTC{text[:3]}:{text[3:5]}"


def clock(moment, zone):
    """09:30 in that zone; with its offset when the hour comes twice."""
    local = moment.astimezone(zone)
    text = formats.date_format(local, "TIME_FORMAT")
    return f"{text} ({offset(local)})" if is_twofold(local) else text


def day(date, today):
    """Tue 24 Nov; with the year when it is another one."""
    if date.year == today.year:
        return formats.date_format(date, pgettext("a day of this year, in Django's date format", "D j M"))
    return formats.date_format(date, "DATE_FORMAT")


def moment(at, zone, now):
    """Tue 24 Nov, 09:30."""
    today = now.astimezone(zone).date()
    return f"{day(at.astimezone(zone).date(), today)}, {clock(at, zone)}"


def distance(at, zone, now):
    """In 2 days, 3 weeks ago, in 20 minutes: elapsed minutes and hours within the day, else days on the calendar."""
    days = (at.astimezone(zone).date() - now.astimezone(zone).date()).days
    return _within_day(at.astimezone(UTC) - now.astimezone(UTC)) if days == 0 else day_distance(days)


def day_distance(days):
    """Days from today, in words: 1 is tomorrow, -7 is 7 days ago."""
    if days in {-1, 0, 1}:
        return {-1: _("yesterday"), 0: _("today"), 1: _("tomorrow")}[days]
    size = abs(days)
    if size < 14:
        text = ngettext("%(n)d day", "%(n)d days", size) % {"n": size}
    elif size < 60:
        text = ngettext("%(n)d week", "%(n)d weeks", size // 7) % {"n": size // 7}
    elif size < 730:
        text = ngettext("%(n)d month", "%(n)d months", size // 30) % {"n": size // 30}
    else:
        text = ngettext("%(n)d year", "%(n)d years", size // 365) % {"n": size // 365}
    return _ahead_or_ago(text, ahead=days > 0)


def _within_day(gap):
    seconds = gap.total_seconds()
    size = abs(seconds)
    if size < MINUTE:
        return _("now")
    if size < 90 * MINUTE:
        minutes = int(size // MINUTE)
        text = ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    else:
        hours = round(size / HOUR)
        text = ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    return _ahead_or_ago(text, ahead=seconds > 0)


def _ahead_or_ago(text, *, ahead):
    return (_("in %(time)s") if ahead else _("%(time)s ago")) % {"time": text}


def duration(minutes):
    """45 min, 1 h, 1 h 30 min."""
    hours, rest = divmod(int(minutes), 60)
    parts = [_("%(n)d h") % {"n": hours}] if hours else []
    if rest or not hours:
        parts.append(_("%(n)d min") % {"n": rest})
    return " ".join(parts)


def age(born, on):
    """Whole years (months below two years, days below two months), in words; empty when born later than `on`."""
    if born is None or born > on:
        return ""
    months = (on.year - born.year) * 12 + on.month - born.month - (on.day < born.day)
    if months >= 24:
        return ngettext("%(n)d year", "%(n)d years", months // 12) % {"n": months // 12}
    if months >= 2:
        return ngettext("%(n)d month", "%(n)d months", months) % {"n": months}
    days = (on - born).days
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


def money(amount, currency):
    """1,250.00 EUR, with a space that does not break; empty for no amount."""
    if amount is None:
        return ""
    return f"{formats.number_format(Decimal(amount), decimal_pos=2, force_grouping=True)}\N{NO-BREAK SPACE}{currency}"


def initials(name):
    """Up to two first letters of a name in any script; marks that belong to a letter stay with nothing."""
    words = [word for word in str(name).split() if word[0].isalpha() and not word.endswith(".")]
    chosen = words[:1] + words[-1:] if len(words) > 1 else words
    return "".join(word[0] for word in chosen).upper()
