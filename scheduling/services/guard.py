"""What every act on a visit asks first: who may, is the row still what the person saw, is the time on offer."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import audit
from accounts.models import Role
from clinic.inname import acts_for
from clinic.models import Doctor, Patient
from hms.lib.errors import Refused
from scheduling import free, slots
from scheduling.models import Appointment, AppointmentEvent


class BookingRefused(Refused):
    """The rules of booking do not allow it."""


class BookingConflict(BookingRefused):
    """It would have been allowed a moment ago: the time has gone, or the visit has changed."""


def require_may(by, permission, *, doctor, patient):
    """Whether this person may do this to a visit of this doctor and patient; PermissionDenied if not.

    The views have asked before: this is for whoever calls a service some other way. None is the system itself.
    """
    if by is None:
        return
    match by.role:
        case Role.ADMIN | Role.RECEPTION:
            theirs = True
        case Role.DOCTOR:
            theirs = doctor.user_id == by.pk
        case Role.PATIENT:
            theirs = Patient.objects.visible_to(by).filter(pk=patient.pk).exists()
        case _:
            theirs = False
    if not theirs or not by.has_perm(permission):
        raise PermissionDenied


def require_knows(by, patient):
    """Whether this person sees the patient at all: a doctor makes nobody a patient by booking for them."""
    if by is not None and not Patient.objects.visible_to(by).standing_for(pk=patient.pk).exists():
        raise PermissionDenied


def lock(doctor, patient):
    """Lock the rows that rivals for a time share, always in this order, and read them again: (doctor, patient)."""
    doctor = lock_doctors(doctor)[doctor.pk]
    return doctor, lock_patient(patient)


def lock_patient(patient):
    """Lock a patient, after the doctor where there is one, and read them again."""
    return Patient.objects.select_for_update(no_key=True, of=("self",)).select_related("user").get(pk=patient.pk)


def lock_doctors(*doctors):
    """Lock these doctors, in an order that nobody can cross: {id: the doctor, read again}. Before their patients."""
    found = Doctor.objects.select_for_update(no_key=True, of=("self",)).select_related("department", "user")
    return {doctor.pk: doctor for doctor in found.filter(pk__in={doctor.pk for doctor in doctors}).order_by("pk")}


def lock_visit(appointment):
    """Lock the people of a visit and give the visit as it is now, with them. What the caller saw stays as it was.

    BookingConflict when it belongs to others by now: two records were merged, or separated again, or the visit went to
    another doctor.
    """
    doctor, patient = lock(appointment.doctor, appointment.patient)
    fresh = Appointment.objects.select_related("department").get(pk=appointment.pk)
    if (fresh.patient_id, fresh.doctor_id) != (patient.pk, doctor.pk):
        raise BookingConflict(_("Someone else has just changed this visit."))
    fresh.doctor, fresh.patient = doctor, patient
    return fresh


def require_takes_bookings(doctor, by):
    """Patients book with doctors who accept them; staff with everybody who still works here."""
    blocked = doctor.user is not None and not doctor.user.is_active
    if doctor.retired_at or doctor.department.retired_at or blocked:
        raise BookingConflict(_("This doctor does not take bookings here any more."))
    if not doctor.accepting_patients and not free.is_staff(by):
        raise BookingConflict(_("%(doctor)s does not accept patients at the moment.") % {"doctor": doctor.name})


def require_can_come(patient):
    """Nobody books for who has died, whose account is blocked, or whose record was merged into another one."""
    if patient.merged_into_id:
        words = {"patient": patient.name, "number": patient.merged_into.number}
        sentence = _("%(patient)s's record has just been merged with another one: please go on with number %(number)s.")
        raise BookingConflict(sentence % words)
    if patient.died_on:
        raise BookingRefused(_("%(patient)s has died; no visits can be booked.") % {"patient": patient.name})
    if patient.user and patient.user.blocked_at:
        raise BookingRefused(_("%(patient)s's account is blocked; unblock it first.") % {"patient": patient.name})


def require_fits(model, **texts):
    """Nothing typed is cut off silently: what is too long is refused."""
    for name, text in texts.items():
        field = model._meta.get_field(name)
        if len(text) > field.max_length:
            raise BookingRefused(
                _("%(field)s: at most %(most)s characters, please.")
                % {"field": capfirst(field.verbose_name), "most": field.max_length}
            )


def in_words(minutes):
    """A stretch of time as people say it: "2 hours"."""
    for size, one, many in ((1440, "%(n)s day", "%(n)s days"), (60, "%(n)s hour", "%(n)s hours")):
        if minutes and minutes % size == 0:
            return ngettext(one, many, minutes // size) % {"n": minutes // size}
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}


def require_in_time(starts_at, *, terms, hospital):
    """A visit begins neither in the past, nor too soon, nor beyond the window."""
    if starts_at < terms.now:
        raise BookingConflict(_("That time has already passed."))
    if starts_at < terms.not_before:
        notice = in_words(hospital.shortest_notice_minutes)
        raise BookingConflict(_("Visits can be booked until %(notice)s before they begin.") % {"notice": notice})
    # compared as an instant first: the last instants a computer knows have no time in some zones
    far = starts_at > terms.now + timedelta(days=free.STAFF_WINDOW_DAYS + 2)
    if far or starts_at.astimezone(terms.zone).date() > terms.last_day:
        days = (terms.last_day - terms.first_day).days
        message = ngettext(
            "Visits can be booked up to %(days)s day ahead.", "Visits can be booked up to %(days)s days ahead.", days
        )
        raise BookingRefused(message % {"days": days})


def slot_on_offer(doctor, starts_at, *, terms, without=None):
    """The doctor's slot that begins at exactly this instant, if it is free; else a sentence that says what it is."""
    day = starts_at.astimezone(terms.zone).date()
    calendar = free.calendars([doctor], day, day, without=without)[doctor.pk]
    exact = [slot for slot in slots.offered(calendar.rules, day, terms.zone) if slot.starts == starts_at]
    if not exact:
        raise BookingRefused(_("%(doctor)s offers no visit at that time.") % {"doctor": doctor.name})
    if not slots.clear_of(exact, calendar.away):
        raise BookingConflict(_("%(doctor)s is away at that time.") % {"doctor": doctor.name})
    if not slots.clear_of(exact, calendar.taken):
        raise BookingConflict(_("That time has just been taken."))
    return exact[0]


def require_patient_free(patient, span, *, by, without=None):
    """A patient is in one place at a time. A doctor is not told with whom the other visit is."""
    rivals = patient.appointments.blocking().overlapping(span.starts, span.ends)
    rival = rivals.exclude(pk=without and without.pk).select_related("doctor").first()
    if rival is None:
        return
    role = by.role if by else None
    if role == Role.PATIENT and patient.user_id == by.pk:
        sentence = _("You already have a visit with %(doctor)s at that time.")
    elif role == Role.DOCTOR:
        sentence = _("%(patient)s already has another visit at that time.")
    else:
        sentence = _("%(patient)s already has a visit with %(doctor)s at that time.")
    raise BookingConflict(sentence % {"patient": patient.name, "doctor": rival.doctor.name})


OVERLAP = {
    "appointment_doctor_free": gettext_lazy("That time has just been taken."),
    "appointment_patient_free": gettext_lazy("There is another visit of this patient at that time."),
}


def conflict_from(error):
    """The database's refusal of an overlap as a conflict; any other refusal is a bug and goes on up."""
    for name, sentence in OVERLAP.items():
        if name in str(error):
            return BookingConflict(sentence)
    raise error


def name_of(by, patient):
    """Who did it, as a visit's history says: a guardian did it for somebody."""
    if acts_for(by, patient):
        return _("%(guardian)s for %(patient)s") % {"guardian": by.name, "patient": patient.name}
    return by.name if by else audit.SYSTEM


def note(appointment, kind, *, by, reason="", name=""):
    """Append to the visit's history what has just happened to it; `name`: who did it without being signed in."""
    return AppointmentEvent.objects.create(
        appointment=appointment,
        kind=kind,
        status=appointment.status,
        starts_at=appointment.starts_at,
        by=by,
        by_name=(name or name_of(by, appointment.patient))[:200],
        reason=reason[:300],
    )
