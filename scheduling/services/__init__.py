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
    confirm_by_link,
    find_link,
    forget_links,
    is_moved,
    why_not_cancel,
)
from scheduling.services.many import (
    MOST,
    Recipient,
    cancel_many,
    cancellable,
    close_days,
    recipients_of,
    writable,
    write_to_patients,
)
from scheduling.services.moves import TRANSITIONS, annotate, cancel, check_in, complete, mark_no_show, may_cancel, start
from scheduling.services.reminders import rehearse_reminders, reminders_due, send_reminders

__all__ = [
    "MOST",
    "TRANSITIONS",
    "BookingConflict",
    "BookingRefused",
    "HoursRefused",
    "Recipient",
    "VisitsAffected",
    "add_extra",
    "add_hours",
    "add_hours_on",
    "add_time_off",
    "annotate",
    "announce_delay",
    "book",
    "cancel",
    "cancel_by_link",
    "cancel_many",
    "cancellable",
    "change_extra",
    "change_hours",
    "change_time_off",
    "check_in",
    "close_days",
    "complete",
    "confirm_by_link",
    "find_link",
    "forget_links",
    "is_moved",
    "mark_no_show",
    "may_cancel",
    "may_change",
    "note_call",
    "random_reference",
    "recipients_of",
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
    "why_not_cancel",
    "writable",
    "write_to_patients",
]
