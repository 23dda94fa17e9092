"""When doctors work, when they do not, the visits, and who waits for another time."""

from scheduling.models.hours import ExtraHours, OfDoctorQuerySet, TimeOff, Weekday, WorkingHours
from scheduling.models.proposals import Proposal
from scheduling.models.visits import (
    BLOCKING,
    PLANNED,
    Appointment,
    AppointmentEvent,
    Delay,
    Lane,
    PhoneCall,
    Status,
    ToStaffQuerySet,
    VisitChange,
    VisitLink,
)
from scheduling.models.waiting import (
    ANY_PART,
    EVERY_DAY,
    FreedTime,
    OfferLink,
    Part,
    WaitlistEntry,
    WaitlistOffer,
)

__all__ = [
    "ANY_PART",
    "BLOCKING",
    "EVERY_DAY",
    "PLANNED",
    "Appointment",
    "AppointmentEvent",
    "Delay",
    "ExtraHours",
    "FreedTime",
    "Lane",
    "OfDoctorQuerySet",
    "OfferLink",
    "Part",
    "PhoneCall",
    "Proposal",
    "Status",
    "TimeOff",
    "ToStaffQuerySet",
    "VisitChange",
    "VisitLink",
    "WaitlistEntry",
    "WaitlistOffer",
    "Weekday",
    "WorkingHours",
]
