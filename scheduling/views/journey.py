"""What the steps of booking share: for whom, on which terms, and the path that one can walk back."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from accounts.models import Role
from clinic import family
from clinic.models import Patient
from hms.lib import when
from hms.lib.converters import IdConverter
from scheduling import free, offers, slots

PICK = 10  # patients shown by a search


@dataclass
class Journey:
    """One booking on its way through the steps."""

    user: object
    hospital: object
    terms: free.Terms
    patient: Patient | None = None

    @property
    def staff(self):
        return self.terms.staff

    @cached_property
    def own_doctor(self):
        """The doctor who books: with nobody but themselves."""
        return getattr(self.user, "doctor", None) if getattr(self.user, "role", None) == Role.DOCTOR else None

    @property
    def query(self):
        """What is carried along from step to step: for whom somebody books who does not book for themselves."""
        return "?" + urlencode({"patient": self.patient.pk}) if self.patient and not self.for_self else ""

    @property
    def for_self(self):
        """Whether a patient books for themselves, which need not be said."""
        return self.patient is not None and self.patient.user_id == self.user.pk

    @cached_property
    def family(self):
        """For whom a patient can book: [(patient, whether it is they themselves)]; empty when there is no choice."""
        if self.staff or not self.user.is_authenticated:
            return []
        found = [(patient, patient.user_id == self.user.pk) for patient in family.members(self.user)]
        return [] if [own for _patient, own in found] == [True] else found

    def url(self, name, *arguments):
        return reverse(f"scheduling:{name}", args=arguments) + self.query

    def steps(self, current, *, department=None, doctor=None, starts_at=None, day=None):
        """The path, as pairs of label and value with links back, for partial _booking_steps."""
        zone = self.terms.zone
        shown = starts_at.astimezone(zone).date() if starts_at else day
        today = self.terms.first_day
        chosen = [
            (_("Department"), department and department.name, self.url("booking-departments")),
            (_("Doctor"), doctor and doctor.name, department and self.url("booking-doctors", department.pk)),
            (_("Date"), shown and when.day(shown, today), doctor and self.url("booking-dates", doctor.pk)),
            (
                _("Time"),
                starts_at and when.clock(starts_at, zone),
                doctor and shown and self.url("booking-times", doctor.pk, shown),
            ),
            (_("Confirm"), "", ""),
        ]
        return [
            {
                "label": label,
                "value": value or "",
                "url": url if number < current else "",
                "state": "done" if number < current else "current" if number == current else "",
            }
            for number, (label, value, url) in enumerate(chosen, start=1)
        ]

    def strip(self, doctor, day):
        """The page of the day strip around a day."""
        first, last = offers.page_of_strip(day, self.terms)
        days = free.strip(doctor, first, last, terms=self.terms)
        page = self.url("booking-dates", doctor.pk)
        return Strip(days, self.terms, url_of=lambda on: self.url("booking-times", doctor.pk, on), page=page)


class Strip:
    """Days to choose from, as links, and the pages of days before and after: for partial _day_strip."""

    def __init__(self, days, terms, *, url_of, page):
        self.days = [as_link(day, terms, url_of(day.day)) for day in days]
        self.by_day = {day.day: day for day in days}
        self.before = self.after = ""
        joint = "&" if "?" in page else "?"
        if days[0].day > terms.first_day:
            earlier = days[0].day - slots.DAY * offers.STRIP_DAYS
            self.before = f"{page}{joint}from={earlier.isoformat()}"
        if days[-1].day < terms.last_day:
            self.after = f"{page}{joint}from={(days[-1].day + slots.DAY).isoformat()}"


def as_link(day, terms, url):
    """A day of a strip; today and tomorrow are called so."""
    distance = (day.day - terms.first_day).days
    near = when.day_distance(distance) if distance in {0, 1} else ""
    return {"day": day.day, "near": near, "free": day.free, "state": day.state, "url": url}


def day_in(text):
    """A day from the address; None when it is none."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def parts_of_day(found, zone, url_of):
    """The slots of a day in groups, as links: for partial _times."""
    names = ((_("Morning"), "sunrise"), (_("Afternoon"), "sun"), (_("Evening"), "moon-stars"))
    return [
        {"name": name, "icon": icon, "slots": [{"at": slot.starts, "url": url_of(slot.starts)} for slot in part]}
        for (name, icon), part in zip(names, slots.by_part(found, zone), strict=True)
        if part
    ]


def journey_of(request):
    """Who books, for whom, on which terms. A `patient` that is not the reader's to see is a 404."""
    user, hospital = request.user, request.hospital
    journey = Journey(user, hospital, free.terms_for(user, hospital, timezone.now()))
    if user.is_authenticated:
        journey.patient = patient_of(user, request.POST.get("patient") or request.GET.get("patient"))
    return journey


def patient_of(user, given):
    """The patient a visit is for: who was given, if the user sees them; else a patient's own self; else nobody yet.

    For who was merged into another record meanwhile, that one.
    """
    mine = Patient.objects.visible_to(user).select_related("user")
    if given:
        try:
            return get_object_or_404(mine.standing_for(pk=IdConverter().to_python(given)))
        except ValueError:
            raise Http404 from None
    return mine.filter(user=user).first() if user.role == Role.PATIENT else None


def find_patients(request, journey):
    """Patients matching what staff typed into `who`, with the address of this page for each: for _patient_picker."""
    text = request.GET.get("who", "").strip()[:100]
    if not (journey.staff and text):
        return {"who": text, "found": [], "searching": False}
    matching = Patient.objects.visible_to(request.user).matching(text.replace("\x00", ""))[: PICK + 1]
    carried = {name: value for name, value in request.GET.items() if name not in {"who", "patient"}}
    found = [(patient, f"{request.path}?{urlencode(carried | {'patient': patient.pk})}") for patient in matching]
    return {"who": text, "found": found[:PICK], "more": len(found) > PICK, "searching": True}
