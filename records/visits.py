"""A patient's visits with what was found and prescribed: booked here, or taken over from elsewhere."""

from dataclasses import dataclass

from django.db.models import CharField, F, Q, Value

from records.models import Encounter
from scheduling.models import Appointment

APPOINTMENT, ENCOUNTER = "appointment", "encounter"


@dataclass(frozen=True)
class Visit:
    """An appointment, a record, or both. A record without an appointment came from another system."""

    appointment: Appointment | None
    encounter: Encounter | None

    @property
    def starts_at(self):
        return self.appointment.starts_at if self.appointment else self.encounter.started_at

    @property
    def doctor(self):
        return self.appointment.doctor if self.appointment else self.encounter.doctor

    @property
    def department(self):
        if self.appointment:
            return self.appointment.department
        return self.encounter.doctor.department if self.encounter.doctor else None


def keys(appointments, encounters):
    """(instant, APPOINTMENT or ENCOUNTER, id) of all these visits, the latest first: a query to count and to slice.

    `encounters` that belong to one of these appointments are left out: their appointment stands for them.
    """

    def keyed(rows, at, kind):
        kind = Value(kind, output_field=CharField())
        return rows.order_by().annotate(visit_at=at, visit_kind=kind).values_list("visit_at", "visit_kind", "pk")

    ours = keyed(appointments, F("starts_at"), APPOINTMENT)
    imported = keyed(encounters.exclude(appointment__in=appointments.order_by()), F("started_at"), ENCOUNTER)
    return ours.union(imported, all=True).order_by("-visit_at", "visit_kind", "-pk")


def load(user, page):
    """The visits of some keys, in their order, with everything a page shows, in a fixed number of queries."""
    ids = {kind: [pk for _at, of, pk in page if of == kind] for kind in (APPOINTMENT, ENCOUNTER)}
    appointments = Appointment.objects.visible_to(user).with_people().in_bulk(ids[APPOINTMENT])
    readable = Encounter.objects.visible_to(user).signed().with_content()
    encounters = readable.filter(Q(appointment__in=ids[APPOINTMENT]) | Q(pk__in=ids[ENCOUNTER]))
    of_appointment = {row.appointment_id: row for row in encounters if row.appointment_id}
    imported = {row.pk: row for row in encounters}
    return [
        Visit(appointments[pk], of_appointment.get(pk)) if kind == APPOINTMENT else Visit(None, imported[pk])
        for _at, kind, pk in page
    ]
