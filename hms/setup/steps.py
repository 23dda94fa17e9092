"""What a new hospital still has to do, for the set-up pages and the administrator's first page alike."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from scheduling.models import WorkingHours

WORDS = {
    "hospital": (_("Hospital"), _("Say who and where you are")),
    "departments": (_("Departments"), _("Open departments")),
    "doctor": (_("First doctor"), _("Enter a doctor with working hours")),
}


@dataclass
class Step:
    """One step: what it is called, what to do there, and whether that is done."""

    name: str
    is_done: bool
    state: str = ""  # for the path on top of a page: done, current or nothing

    @property
    def label(self):
        return WORDS[self.name][0]

    @property
    def verb(self):
        return WORDS[self.name][1]

    @property
    def url(self):
        return reverse(f"setup:{self.name}")


def steps(hospital, *, departments, doctors):
    """The steps in order. `departments` and `doctors` are how many there are; one query more."""
    hours = bool(doctors) and WorkingHours.objects.filter(doctor__retired_at=None).exists()
    return [
        Step("hospital", bool(hospital.address or hospital.phone)),
        Step("departments", bool(departments)),
        Step("doctor", hours),
    ]
