"""Every write of scheduling: functions in one transaction, with an actor (`by`; None is the system itself)."""

from scheduling.services.booking import book, may_change, random_reference, reschedule
from scheduling.services.care import refresh_care
from scheduling.services.guard import BookingConflict, BookingRefused
from scheduling.services.moves import TRANSITIONS, annotate, cancel, check_in, complete, mark_no_show, start

__all__ = [
    "TRANSITIONS",
    "BookingConflict",
    "BookingRefused",
    "annotate",
    "book",
    "cancel",
    "check_in",
    "complete",
    "mark_no_show",
    "may_change",
    "random_reference",
    "refresh_care",
    "reschedule",
    "start",
]
