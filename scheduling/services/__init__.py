"""Every write of scheduling: functions in one transaction, with an actor (`by`; None is the system itself)."""

from scheduling.services.booking import book, may_change, random_reference, reschedule
from scheduling.services.calls import note_call, undo_call
from scheduling.services.care import refresh_care
from scheduling.services.delays import announce_delay, waiting_for
from scheduling.services.guard import BookingConflict, BookingRefused
from scheduling.services.hours import (
    HoursRefused,
    VisitsAffected,
    add_extra,
    add_hours,
    add_hours_on,
    add_time_off,
    change_extra,
    change_hours,
    change_time_off,
    remove_extra,
    remove_hours,
    remove_time_off,
)
from scheduling.services.links import (
    cancel_by_link,
    confirm,
    confirm_by_link,
    find_link,
    find_proposal_link,
    forget_links,
    is_moved,
    who_has,
    why_not_cancel,
)
from scheduling.services.moves import TRANSITIONS, annotate, cancel, check_in, complete, mark_no_show, may_cancel, start
from scheduling.services.reminders import rehearse_reminders, reminders_due, send_reminders
from scheduling.services.settling import before_handing_over

__all__ = [
    "TRANSITIONS",
    "BookingConflict",
    "BookingRefused",
    "HoursRefused",
    "VisitsAffected",
    "add_extra",
    "add_hours",
    "add_hours_on",
    "add_time_off",
    "annotate",
    "announce_delay",
    "before_handing_over",
    "book",
    "cancel",
    "cancel_by_link",
    "change_extra",
    "change_hours",
    "change_time_off",
    "check_in",
    "complete",
    "confirm",
    "confirm_by_link",
    "find_link",
    "find_proposal_link",
    "forget_links",
    "is_moved",
    "mark_no_show",
    "may_cancel",
    "may_change",
    "note_call",
    "random_reference",
    "refresh_care",
    "rehearse_reminders",
    "reminders_due",
    "remove_extra",
    "remove_hours",
    "remove_time_off",
    "reschedule",
    "send_reminders",
    "start",
    "undo_call",
    "waiting_for",
    "who_has",
    "why_not_cancel",
]
