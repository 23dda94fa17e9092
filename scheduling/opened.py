"""How long doctors were to be there: pure arithmetic on the rules of free times, quick also for years.

On most days the clock on the wall tells how long. Day by day are counted only those on which the clocks change, which
have hours of their own, or on which somebody is away.
"""

from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise

from scheduling.slots import DAY, MIDNIGHT, Span, days_between, offsets_around, open_spans

ANY_DAY, WEEK = date(2000, 1, 1), 7 * DAY


def joined(spans):
    """The same time in as few spans as possible, in order: what overlaps or touches becomes one."""
    found = []
    for span in sorted(spans):
        if found and span[0] <= found[-1].ends:
            found[-1] = Span(found[-1].starts, max(found[-1].ends, span[1]))
        else:
            found.append(Span(*span))
    return found


def without(spans, taken):
    """What is left of some time when other spans are taken from it, in order."""
    left, taken, passed = [], joined(taken), 0
    for starts, ends in joined(spans):
        while passed < len(taken) and taken[passed].ends <= starts:
            passed += 1
        for cut in taken[passed:]:
            if cut.starts >= ends:
                break
            left.append(Span(starts, cut.starts))
            starts = cut.ends
        left.append(Span(starts, ends))
    return [span for span in left if span.starts < span.ends]


def length(spans):
    """How long some spans are together that do not overlap."""
    return sum((ends - starts for starts, ends in spans), timedelta())


def open_length(rules, away, first_day, last_day, zone):
    """How long is open on these local days: what the rules say, once, less the time off."""
    away = joined(away)
    special = {rule.only_on for rule in rules if rule.only_on} | _touched(away, first_day, last_day, zone)
    days = {day for day in special if first_day <= day <= last_day} | _changing(first_day, last_day, zone)
    holding = [(day, rule) for day in days for rule in rules if rule.holds_on(day)]
    spans = [span for day, rule in holding for span in open_spans(day, rule.starts, rule.ends, zone)]
    weekly = [rule for rule in rules if rule.only_on is None]
    usual = _usual(weekly, first_day, last_day) - sum((_on_the_wall(weekly, day) for day in days), timedelta())
    return usual + length(without(spans, away))


def _touched(spans, first_day, last_day, zone):
    """The local days that some spans touch."""
    found = set()
    for span in spans:
        since, until = (instant.astimezone(zone).date() for instant in span)
        found.update(days_between(max(since, first_day), min(until, last_day)))
    return found


@lru_cache(maxsize=64)
def _changing(first_day, last_day, zone):
    """The days near which the clocks change."""
    return frozenset(day for day in days_between(first_day, last_day) if len(offsets_around(day, zone)) > 1)


def _usual(rules, first_day, last_day):
    """How long weekly rules say by the clock on the wall, whatever happens on some days."""
    edges = {first_day, last_day + DAY}
    edges |= {rule.valid_from for rule in rules if rule.valid_from and first_day < rule.valid_from <= last_day}
    edges |= {rule.valid_until + DAY for rule in rules if rule.valid_until and first_day <= rule.valid_until < last_day}
    found = timedelta()
    for since, until in pairwise(sorted(edges)):  # the same rules hold all the time
        for day in days_between(since, min(since + WEEK, until) - DAY):
            found += -(-(until - day) // WEEK) * _on_the_wall(rules, day)
    return found


def _on_the_wall(rules, day):
    return _wall_length(tuple((rule.starts, rule.ends) for rule in rules if rule.holds_on(day)))


@lru_cache(maxsize=4096)
def _wall_length(hours):
    """How long some hours of one day are together."""
    spans = [
        Span(datetime.combine(ANY_DAY, starts), datetime.combine(ANY_DAY + DAY if ends == MIDNIGHT else ANY_DAY, ends))
        for starts, ends in hours
    ]
    return length(joined(span for span in spans if span.starts < span.ends))
