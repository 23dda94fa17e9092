"""Next visits that doctors proposed and nobody has booked yet."""

from datetime import date, timedelta

from django.db.models import Max

from clinic.models import Doctor
from hms.lib.kept import KeptByRole
from records.models import Encounter
from scheduling.models import BLOCKING, Appointment

FORGOTTEN = timedelta(days=365)  # a proposal that is older than this is not brought up any more


def find(user, patient, today):
    """The signed records of a patient that propose a next visit, one of each doctor at most, the earliest day first.

    It is the doctor's latest record that counts, and only while no visit to that doctor was booked for after it.
    `is_bookable`: the doctor is still here. Whoever asks has written down that the chart was opened. Four queries, one
    when there are none.
    """
    found = PROPOSING(user).rows(user.pk, patient.pk, today - FORGOTTEN)
    if not found:
        return []
    theirs = {"patient": patient, "doctor__in": {record.doctor_id for record in found}}
    written = latest(Encounter.objects.signed().filter(**theirs), "started_at")
    booked = latest(Appointment.objects.filter(status__in=BLOCKING, **theirs), "starts_at")
    listed = set(Doctor.objects.listed().filter(pk__in=theirs["doctor__in"]).values_list("pk", flat=True))
    for record in found:
        record.is_bookable = record.doctor_id in listed
    return [
        record
        for record in found
        if record.started_at >= max(written[record.doctor_id], booked.get(record.doctor_id, record.started_at))
    ]


def _proposing(user, patient, since):
    signed = Encounter.objects.visible_to(user).signed().filter(patient=patient)
    proposing = signed.filter(next_visit_on__gte=since, doctor__isnull=False)
    return proposing.select_related("doctor").order_by("next_visit_on")


PROPOSING = KeptByRole(_proposing, int, date)


def latest(rows, column):
    """{doctor's id: the latest instant of a column}."""
    return dict(rows.order_by().values_list("doctor").annotate(Max(column)))
