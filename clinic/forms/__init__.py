"""Forms of clinic: they guard the boundary and hand over to the services."""

from clinic.forms.applications import ApplicationFilter, ApplicationForm, ApproveForm, DeclineForm
from clinic.forms.claims import ClaimAskForm, ClaimForm
from clinic.forms.closing import CloseOwnForm, ClosePatientForm
from clinic.forms.departments import DepartmentForm, DepartmentSearch
from clinic.forms.doctors import DoctorFilter, DoctorForm, RetireForm
from clinic.forms.duplicates import ChoiceForm, DismissForm, DuplicateFilter, MergeForm, NoteForm, UndoForm
from clinic.forms.hospital import HospitalForm
from clinic.forms.imports import BringForm, ImportFilter, MatchForm, ReadingForm
from clinic.forms.patients import PatientForm, PatientSearch
from clinic.forms.profile import own_row, profile_form
from clinic.forms.registration import RegistrationForm
from clinic.forms.specializations import (
    MergeSpecializationForm,
    SpecializationFilter,
    SpecializationForm,
    offer_specializations,
)

__all__ = [
    "ApplicationFilter",
    "ApplicationForm",
    "ApproveForm",
    "BringForm",
    "ChoiceForm",
    "ClaimAskForm",
    "ClaimForm",
    "CloseOwnForm",
    "ClosePatientForm",
    "DeclineForm",
    "DepartmentForm",
    "DepartmentSearch",
    "DismissForm",
    "DoctorFilter",
    "DoctorForm",
    "DuplicateFilter",
    "HospitalForm",
    "ImportFilter",
    "MatchForm",
    "MergeForm",
    "MergeSpecializationForm",
    "NoteForm",
    "PatientForm",
    "PatientSearch",
    "ReadingForm",
    "RegistrationForm",
    "RetireForm",
    "SpecializationFilter",
    "SpecializationForm",
    "UndoForm",
    "offer_specializations",
    "own_row",
    "profile_form",
]
