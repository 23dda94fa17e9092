"""Finding doctors and patients."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.models import Doctor, Patient
from clinic.services import candidates, register_patient, update_patient
from clinic.tests.factories import DepartmentFactory, DoctorFactory, PatientFactory
from hms.lib.search import fold

pytestmark = pytest.mark.django_db


def test_folding_forgets_case_accents_and_hyphens():
    pairs = {
        "José GARCÍA": "jose garcia",
        "Søren  Kierkegård": "soren kierkegard",
        "Weiß-Müller": "weiss muller",
        "O’Neill": "oneill",
        "Łukasz": "lukasz",
        "अमित": "अमित",
        "محمد علي": "محمد علي",
    }
    assert {text: fold(text) for text in pairs} == pairs


@given(st.text(max_size=30))
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)


@pytest.fixture
def jose(admin):
    PatientFactory(name="Somebody Else", phone="+493099999999", birth_date=date(2001, 1, 1))
    return register_patient(
        name="José García-Núñez",
        birth_date=date(1980, 5, 17),
        phone="+493012345678",
        email="jose@example.org",
        by=admin,
    )


@pytest.mark.parametrize(
    "text",
    [
        "jose",
        "GARCIA josé",
        "García-Núñez",
        "garcia nunez",
        "jose@example",
        "030 12345678",
        "+49 30 12345678",
        "3012345",
        "17.5.1980",
        "jose 1980-05-17",
    ],
)
def test_a_patient_is_found_by_what_people_say(jose, text):
    assert list(Patient.objects.matching(text)) == [jose]


def test_a_patient_is_found_by_number_however_it_is_typed(jose):
    for text in (jose.number, jose.number.lower(), jose.number.replace("-", ""), jose.number[:6].lower()):
        assert jose in Patient.objects.matching(text), text


@pytest.mark.parametrize("text", ["garcia maria", "1980-05-18", "zzz", "%", "_", "0301234567899"])
def test_what_does_not_fit_finds_nobody(jose, text):
    assert list(Patient.objects.matching(text)) == []


def test_a_patient_is_found_by_the_accounts_address():
    patient = PatientFactory(user__email="mina.own@example.org")
    assert list(Patient.objects.matching("MINA.own")) == [patient]


def test_a_new_name_is_found_and_the_old_one_is_not(jose, admin):
    update_patient(jose, by=admin, name="Zoë Quill")
    assert list(Patient.objects.matching("zoe")) == [jose]
    assert list(Patient.objects.matching("garcia")) == []


def test_rows_made_in_bulk_are_found_too():
    Patient.objects.bulk_create([Patient(number="T1", name="Ünal Bulk", birth_date=date(1990, 1, 1))])
    assert [patient.name for patient in Patient.objects.matching("unal")] == ["Ünal Bulk"]


def test_the_same_person_is_noticed_by_birth_date_with_name_or_phone(jose):
    def alike(**given):
        return [patient for patient, _reasons in candidates(**given)]

    assert alike(name="jose GARCIA", birth_date=date(1980, 5, 17)) == [jose]
    assert alike(name="Other Name", birth_date=date(1980, 5, 17), phone="+493012345678") == [jose]
    assert alike(name="Other Name", birth_date=date(1999, 1, 1), phone="+493012345678") == []
    assert alike(name="José García-Núñez", birth_date=date(1980, 5, 18)) == []
    assert alike(name="Other Name", birth_date=date(1980, 5, 17)) == []


def test_a_doctor_is_found_by_name_speciality_language_and_department():
    doctor = DoctorFactory(
        name="Dr. Jürgen Groß",
        specialization="Kardiologie",
        languages="Deutsch, हिन्दी",
        department=DepartmentFactory(name="Heart centre"),
    )
    DoctorFactory(name="Dr. Somebody", specialization="Skin")
    for text in ("jurgen", "gross kardio", "deutsch", "हिन्दी", "heart jürgen"):
        assert list(Doctor.objects.matching(text)) == [doctor], text
    assert list(Doctor.objects.matching("jurgen skin")) == []
