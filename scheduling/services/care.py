"""Who treats whom, kept true from the visits."""

from django.utils import timezone

from clinic.models import CareRelationship
from scheduling.models import Appointment, Status

AFTERCARE_YEARS = 2  # a treating doctor keeps access for 24 months after the last visit


def years_later(instant, years):
    """The same day and time some years on; 28 February for a 29th that does not come."""
    try:
        return instant.replace(year=instant.year + years)
    except ValueError:
        return instant.replace(year=instant.year + years, day=28)


def care_held(doctor, patient):
    """What the visits say: (whether any holds the relationship, until when; None is as long as one is planned)."""
    visits = Appointment.objects.filter(doctor=doctor, patient=patient)
    if visits.planned().exclude(status=Status.HELD).exists():  # an offer opens no chart
        return True, None
    last = visits.filter(status=Status.COMPLETED).order_by("-ends_at").values_list("ends_at", flat=True).first()
    return (True, years_later(last, AFTERCARE_YEARS)) if last else (False, None)


def refresh_care(doctor, patient):
    """Make the relationship of a doctor and a patient what their visits say. Call it in the visit's transaction.

    A planned visit keeps it open, a completed one for 24 months, imported history counts; when nothing holds it any
    more, it ends now.
    """
    holds, until = care_held(doctor, patient)
    if holds:
        CareRelationship.objects.update_or_create(doctor=doctor, patient=patient, defaults={"until": until})
        return
    pair = CareRelationship.objects.filter(doctor=doctor, patient=patient)
    pair.current().update(until=timezone.now())
