"""A doctor runs late: said on the day, told to whoever waits or is still to come, and taken back."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Message, MessageState, Role
from clinic import family
from clinic.models import Doctor, Hospital
from scheduling import notices, wall
from scheduling.models import Appointment, Delay, Status
from scheduling.services.guard import BookingRefused

LONGEST = 240  # minutes; later than that, visits are to be moved
TOLD = [MessageState.SENT, MessageState.SENDING, MessageState.IN_DOUBT]


@transaction.atomic
def announce_delay(doctor, *, minutes, by):
    """Say how many minutes a doctor runs late today; 0: on time again. Saying the same again changes nothing.

    Whoever waits or comes later today and has not been seen is told; that it is on time again, only who was told
    otherwise. Returns how many visits were written about.
    """
    _require_may(by, doctor)
    if not 0 <= minutes <= LONGEST:
        raise BookingRefused(_("A delay is between 0 and %(longest)s minutes.") % {"longest": LONGEST})
    doctor = Doctor.objects.select_for_update(no_key=True, of=("self",)).get(pk=doctor.pk)
    hospital, now = Hospital.current(), timezone.now()
    today = now.astimezone(hospital.zone).date()
    known = Delay.objects.filter(doctor=doctor, day=today).first()
    if (known.minutes if known else 0) == minutes:
        return 0
    delay = known or Delay(doctor=doctor, day=today, version=0)
    delay.minutes, delay.at, delay.by, delay.version = minutes, now, by, delay.version + 1
    delay.save()
    audit.record(by, "delay.announced" if minutes else "delay.ended", doctor, detail={"minutes": minutes})
    return _tell(delay, hospital, now)


def waiting_for(doctor, hospital, now):
    """The visits of today whose patients wait, or are still to come, and have not been seen."""
    today = now.astimezone(hospital.zone).date()
    of_today = Appointment.objects.filter(
        doctor=doctor,
        starts_at__gte=wall.day_begins(today, hospital.zone),
        starts_at__lt=wall.day_ends(today, hospital.zone),
    )
    unseen = Q(status=Status.CHECKED_IN) | Q(status=Status.BOOKED, ends_at__gt=now)
    return of_today.filter(unseen, patient__died_on=None).with_people().select_related("patient__user")


def _tell(delay, hospital, now):
    visits = list(waiting_for(delay.doctor, hospital, now))
    if not delay.minutes:
        heard = Message.objects.filter(
            kind=notices.DELAYED, about_type=Appointment._meta.label_lower, about_id__in=[one.pk for one in visits]
        )
        told = set(heard.filter(state__in=TOLD).values_list("about_id", flat=True))
        visits = [visit for visit in visits if visit.pk in told]
    people = family.addressees_of([visit.patient for visit in visits])
    for visit in visits:
        for person in people[visit.patient_id]:
            notices.delayed(visit, hospital, delay, person=person)
    return len(visits)


def _require_may(by, doctor):
    """Reception and administrators for everybody, doctors for themselves."""
    if by is None:
        return
    own = by.role == Role.DOCTOR and doctor.user_id == by.pk
    if not (own or by.role in {Role.ADMIN, Role.RECEPTION}) or not by.has_perm("scheduling.announce_delay"):
        raise PermissionDenied
