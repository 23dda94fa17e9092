"""When doctors work, when they do not, the visits, and who waits for another time."""

from scheduling.models.proposals import Proposal
from scheduling.models.visits import (
    BLOCKING,
    PLANNED,
    Appointment,
    AppointmentEvent,
    Delay,
    ExtraHours,
    Lane,
    OfDoctorQuerySet,
    PhoneCall,
    Status,
    TimeOff,
    ToStaffQuerySet,
    VisitLink,
    Weekday,
    WorkingHours,
)

__all__ = [
    "BLOCKING",
    "PLANNED",
    "Appointment",
    "AppointmentEvent",
    "Delay",
    "ExtraHours",
    "Lane",
    "OfDoctorQuerySet",
    "PhoneCall",
    "Proposal",
    "Status",
    "TimeOff",
    "ToStaffQuerySet",
    "VisitLink",
    "Weekday",
    "WorkingHours",
]
