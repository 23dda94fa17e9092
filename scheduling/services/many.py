"""What is done to many visits at once: cancelling a day, and writing to everybody who comes on it."""

from dataclasses import dataclass
from hashlib import sha256

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from clinic import family
from clinic.models import Hospital
from hms.lib.many import Outcome, each
from scheduling import notices, wall
from scheduling.models import Status
from scheduling.services.guard import BookingRefused
from scheduling.services.hours import add_time_off
from scheduling.services.moves import cancel

MOST = 200  # visits in one press: it answers within a few seconds, and a person has looked at them


def cancellable(visits, now):
    """Those of some visits that cancelling a day cancels: booked, not over, nobody has come yet."""
    return visits.filter(status=Status.BOOKED, ends_at__gt=now)


def writable(visits, now):
    """Those whose patients can be written to about it: still planned, not over, and the patient lives."""
    return visits.planned().exclude(status=Status.HELD).filter(ends_at__gt=now, patient__died_on=None)


def cancel_many(visits, *, by, reason=""):
    """Cancel visits, each as cancelling one does: its message, its history, its audit row, its own transaction.

    Who has come stays untouched, also when that happened a moment ago. Returns an Outcome for each visit; one that is
    cancelled already is done.
    """
    _require_may(by, "scheduling.cancel_many")
    _require_few(visits)
    now = timezone.now()

    def act(visit):
        if visit.status not in {Status.BOOKED, Status.CANCELLED}:
            words = _("The visit stands at “%(status)s”, so it was not touched.")
            raise BookingRefused(words % {"status": visit.get_status_display()})
        if visit.status == Status.BOOKED and visit.ends_at <= now:
            raise BookingRefused(_("The visit is over, so it was not touched."))
        cancel(visit, by=by, reason=reason)

    return each(visits, act)


def close_days(visits, first, last, *, by, reason=""):
    """Time off for the doctors of some visits, from one day to another, so that nobody books what is to be cancelled.

    An Outcome for each doctor.
    """
    _require_few(visits)
    doctors = {visit.doctor_id: visit.doctor for visit in visits}.values()
    zone = Hospital.current().zone
    span = {"starts_at": wall.day_begins(first, zone), "ends_at": wall.day_ends(last, zone)}
    return each(doctors, lambda doctor: add_time_off(doctor=doctor, by=by, reason=reason[:200], **span))


@dataclass(frozen=True)
class Recipient:
    """Somebody who is written to once, and the visits it is about."""

    person: family.Addressee
    visits: tuple

    @property
    def patients(self):
        return list({visit.patient_id: visit.patient for visit in self.visits}.values())

    @property
    def key(self):
        account, address = self.person.account, self.person.address
        return f"a{account.pk}" if account else address.casefold() or f"p{self.visits[0].patient_id}"


def recipients_of(visits):
    """Who is told what concerns the patients of some visits, each person once: the patient, or who acts for them."""
    people = family.addressees_of({visit.patient_id: visit.patient for visit in visits}.values())
    found = {}
    for visit in visits:
        for person in people[visit.patient_id]:
            one = Recipient(person, (visit,))
            known = found.get(one.key)
            found[one.key] = Recipient(known.person, (*known.visits, visit)) if known else one
    return list(found.values())


@transaction.atomic
def write_to_patients(visits, *, subject, text, by, press):
    """Write to everybody whom some visits concern. `press` tells one page of the form from another: the same words by
    the same person from the same page go out once, however often the button is pressed.

    Returns an Outcome for each Recipient; refused is who has this message already.
    """
    _require_may(by, "scheduling.write_to_patients")
    _require_few(visits)
    hospital = Hospital.current()
    press = sha256(f"{by.pk}\n{press}\n{subject}\n{text}".encode()).hexdigest()[:32]
    outcomes = []
    for one in recipients_of(visits):
        message = notices.written(one, hospital, subject=subject, text=text, press=press)
        outcomes.append(Outcome(one, "" if message else _("This message is on its way already.")))
        if message:
            for patient in one.patients:
                audit.record(by, "patient.written_to", patient, patient=patient, detail={"message": message.pk})
    return outcomes


def _require_may(by, permission):
    if by is not None and not by.has_perm(permission):
        raise PermissionDenied


def _require_few(visits):
    if len(visits) > MOST:
        words = _("These are %(n)d visits, and at most %(most)d at once: choose fewer days, a department or a doctor.")
        raise BookingRefused(words % {"n": len(visits), "most": MOST})
