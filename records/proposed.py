"""Next visits that doctors proposed and nobody has booked yet."""

from datetime import timedelta

from django.db.models import Exists, OuterRef

from clinic.models import Doctor
from records.models import Encounter
from scheduling.models import BLOCKING, Appointment

FORGOTTEN = timedelta(days=365)  # a proposal that is older than this is not brought up any more


def find(user, patient, today):
    """The signed records of a patient that propose a next visit, one of each doctor at most, the earliest day first.

    It is the doctor's latest record that counts, and only while no visit to that doctor was booked for after it.
    `is_bookable`: the doctor is still here. Whoever asks has written down that the chart was opened. One query.
    """
    signed = Encounter.objects.visible_to(user).signed().filter(patient=patient)
    later = Encounter.objects.signed().filter(
        patient=patient, doctor=OuterRef("doctor"), started_at__gt=OuterRef("started_at")
    )
    visits = Appointment.objects.filter(
        patient=patient, doctor=OuterRef("doctor"), starts_at__gt=OuterRef("started_at"), status__in=BLOCKING
    )
    proposing = signed.filter(next_visit_on__gte=today - FORGOTTEN)
    open_ones = proposing.filter(~Exists(later), ~Exists(visits), doctor__isnull=False)
    listed = Doctor.objects.listed().filter(pk=OuterRef("doctor"))
    return list(
        open_ones.annotate(is_bookable=Exists(listed)).select_related("doctor__department").order_by("next_visit_on")
    )
