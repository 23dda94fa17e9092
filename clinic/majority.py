"""When somebody comes of age: pure.

A person is of age from the first moment of the 18th birthday (Family Law Reform Act 1969, section 9; BGB, section 187
paragraph 2). Who was born on 29 February has no such day at eighteen, as eighteen years on is never a leap year: the
last year of childhood ends with 28 February, so they are of age from 1 March (BGB, section 188 paragraph 2; England
alike, R v Roxburgh). Taiwan and New Zealand say 28 February; docs/decisions/0014 says why we do not.
"""

from datetime import date, datetime, time

AGE = 18


def comes_of_age(born):
    """The first day on which somebody born on that day is of age."""
    try:
        return born.replace(year=born.year + AGE)
    except ValueError:
        return date(born.year + AGE, 3, 1)


def day_begins(day, zone):
    """The instant at which a local day begins; where midnight is skipped, the first moment after it."""
    return datetime.combine(day, time.min, tzinfo=zone)


def moment_of_majority(born, zone):
    """The instant at which somebody comes of age, by the clocks of that zone."""
    return day_begins(comes_of_age(born), zone)
