"""Which rows and which columns each kind of list has."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import TextField, Value
from django.db.models.functions import Cast, Coalesce
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import Role
from clinic.forms import DoctorFilter, PatientSearch
from clinic.models import Doctor, Gender, Hospital, Patient
from records.lists import clinical
from records.lists.columns import Column, Kind, choice
from records.models import Export
from scheduling.filters import VisitFilter
from scheduling.models import Lane, Status

LONGEST_QUERY = 2_000  # characters of filters: more than any page makes
YES_NO = ((True, _("Yes")), (False, _("No")))


def phone(name):
    """A telephone number as it is stored, +4420794600: programs read it, people have the pages."""
    return Cast(name, TextField())


VISIT = (
    Column(_("Reference"), "reference", Kind.PLAIN),
    Column(_("Begins"), "starts_at", Kind.INSTANT),
    Column(_("Ends"), "ends_at", Kind.INSTANT),
    choice(_("Status"), "status", Status.choices),
    choice(_("Lane"), "lane", Lane.choices),
    Column(_("Patient number"), "patient__number", Kind.PLAIN),
    Column(_("Patient"), "patient__name"),
    Column(_("Date of birth"), "patient__birth_date", Kind.DAY),
    Column(_("Doctor"), "doctor__name"),
    Column(_("Department"), "department__name"),
    Column(_("Fee"), "fee", Kind.PLAIN),
    Column(_("Booked"), "created_at", Kind.INSTANT),
)
REASON = Column(_("Reason for the visit"), "reason")
DOCTOR = (
    Column(_("Name"), "name"),
    Column(_("Department"), "department__name"),
    Column(_("Specialization"), "specialization"),
    Column(_("Qualification"), "qualification"),
    Column(_("Years of experience"), "experience_years", Kind.PLAIN),
    Column(_("Fee"), "fee", Kind.PLAIN),
    choice(_("Gender"), "gender", Gender.choices),
    Column(_("Languages"), "languages"),
    Column(_("Phone"), phone("phone")),
    Column(_("E-mail"), "user__email"),
    choice(_("Accepting patients"), "accepting_patients", YES_NO),
    Column(_("Retired"), "retired_at", Kind.INSTANT),
)
PATIENT = (
    Column(_("Patient number"), "number", Kind.PLAIN),
    Column(_("Name"), "name"),
    Column(_("Date of birth"), "birth_date", Kind.DAY),
    choice(_("Gender"), "gender", Gender.choices),
    Column(_("Phone"), phone("phone")),
    Column(_("E-mail"), Coalesce("user__email", "email", Value(""))),
    Column(_("Address"), "address"),
    Column(_("Emergency contact"), "emergency_name"),
    Column(_("Emergency contact's phone"), phone("emergency_phone")),
    Column(_("Died on"), "died_on", Kind.DAY),
    Column(_("Registered"), "created_at", Kind.INSTANT),
)


def visits(owner, asked, now):
    """The visits that the list shows under such an address."""
    return VisitFilter(asked, user=owner, zone=Hospital.current().zone, now=now).found()


def doctors(owner, asked, _now):
    return DoctorFilter(asked, Doctor.objects.visible_to(owner)).found()


def patients(owner, asked, _now):
    return PatientSearch(asked, Patient.objects.visible_to(owner)).found()


@dataclass(frozen=True)
class Listing:
    """`find(owner, address's fields, now)` gives the rows, `columns` what everybody gets who may take it along."""

    find: Callable
    columns: tuple
    list_url: str
    clinical: Callable | None = None  # clinical.Visits or clinical.Patients


LISTINGS = {
    Export.Kind.APPOINTMENTS: Listing(visits, VISIT, "scheduling:appointment-list", clinical.Visits),
    Export.Kind.DOCTORS: Listing(doctors, DOCTOR, "clinic:doctor-manage"),
    Export.Kind.PATIENTS: Listing(patients, PATIENT, "clinic:patient-list", clinical.Patients),
}


def columns_for(owner, kind):
    """What a doctor's own visits say of why somebody comes is the doctor's to read; in others' lists it is clinical."""
    own = kind == Export.Kind.APPOINTMENTS and owner.role == Role.DOCTOR
    return (*LISTINGS[kind].columns, REASON) if own else LISTINGS[kind].columns


def rows_of(owner, kind, query, now):
    """The rows that somebody may see now, of those that were asked for under such a query string."""
    return LISTINGS[kind].find(owner, QueryDict(query), now)
