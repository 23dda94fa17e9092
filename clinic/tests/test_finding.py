"""Finding people whose name was heard, half remembered or typed in a hurry."""

from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from clinic.models import Department, Doctor, Patient
from clinic.services import update_patient
from clinic.tests.factories import CareRelationshipFactory, DepartmentFactory, DoctorFactory, PatientFactory
from hms.lib import trigrams

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["indexed", "read through"])
def way(request, monkeypatch):
    """With PostgreSQL's index of trigrams, and without."""
    if request.param == "read through":
        monkeypatch.setattr(trigrams, "are_indexed", lambda alias: False)
    elif connection.vendor == "postgresql":
        assert trigrams.are_indexed("default")


@pytest.fixture
def crowd():
    for name in ("Anna Maler", "Peter Maurer", "Johanna Beyer", "Olga Ivanova", "Otto Schmied", "محمد علي", "आशा शर्मा"):
        PatientFactory(name=name)


def found(text):
    return [patient.name for patient in Patient.objects.matching(text)]


@pytest.mark.parametrize(
    "text", ["Meier", "Mayer", "Meyre", "Meyr", "Myer", "MEYERR", "jon meyre", "Meier John", "johnn"]
)
def test_a_name_is_found_with_a_slip_as_it_sounds_and_in_any_order(way, crowd, text):
    PatientFactory(name="John Meyer")
    assert found(text)[0] == "John Meyer"
    assert "Olga Ivanova" not in found(text)


def test_who_is_meant_exactly_comes_first_then_the_nearest(way, crowd):
    for name in ("Zoe Meyer", "Ada Mayer", "Bea Meier", "Carl Meyers"):
        PatientFactory(name=name)
    assert found("meyer")[:2] == ["Carl Meyers", "Zoe Meyer"]
    assert set(found("meyer")[2:4]) == {"Ada Mayer", "Bea Meier"}
    assert [patient.name for patient in Patient.objects.meant_by("meyer")] == ["Carl Meyers", "Zoe Meyer"]
    assert [patient.name for patient in Patient.objects.meant_by("zoe mayer")] == ["Zoe Meyer"]


@pytest.mark.parametrize("text", ["xyzzy", "meyer olga", "zz", "%", "_", "-", "💉", "'; --", "\\", "%%%%", "___"])
def test_what_is_like_nobody_finds_nobody(way, crowd, text):
    PatientFactory(name="John Meyer")
    assert found(text) == []


def test_other_scripts_are_found_with_a_slip_too(way, crowd):
    assert found("محمد") == ["محمد علي"]
    assert found("शर्म") == ["आशा शर्मा"]
    assert found("محمود علي") == found("علي محمود")


def test_a_misspelt_name_and_a_day_are_one_person(way):
    there = PatientFactory(name="John Meyer", birth_date=date(1980, 12, 11))
    PatientFactory(name="John Meyer", birth_date=date(1990, 12, 11))
    for text in ("meyre 12/11/1980", "11.12.1980 jon", "mayer 1980-12-11", "john 11 12 80"):
        assert list(Patient.objects.matching(text)) == [there], text


def test_signs_that_are_no_words_are_left_out():
    there = PatientFactory(name="John Meyer")
    doctor = DoctorFactory(name="Dr. John Meyer")
    assert list(Patient.objects.matching("john - meyer")) == [there]
    assert list(Doctor.objects.matching("john - meyer")) == [doctor]


def test_both_readings_of_a_day_are_found():
    PatientFactory(name="November", birth_date=date(1980, 11, 12))
    PatientFactory(name="December", birth_date=date(1980, 12, 11))
    assert found("12/11/1980") == ["December", "November"]
    assert found("2/31/1980") == []


def test_a_phone_is_found_however_it_is_written():
    PatientFactory(name="Called", phone="+493012345678")
    PatientFactory(name="Else", phone="+493087654321")
    for text in ("+49 (0)30 1234", "0049 30 12345678", "030/1234 5678", "3012345", "(030) 12345", "called 030 1234"):
        assert found(text) == ["Called"], text


def test_a_doctor_finds_nobody_beyond_those_treated(way, crowd):
    treated = CareRelationshipFactory(patient__name="John Meyer")
    PatientFactory(name="Jane Meyer")
    mine = Patient.objects.visible_to(treated.doctor.user)
    assert list(mine.matching("meyre")) == [treated.patient]
    assert mine.matching("meyre").count() == 1
    assert list(mine.matching("jane")) == []


def test_a_corrected_name_sounds_as_it_does_now(way, admin):
    patient = PatientFactory(name="John Meyer")
    update_patient(patient, by=admin, name="Zoë Quill")
    assert found("zoey qwill") == ["Zoë Quill"]
    assert found("meyre") == []


def test_few_of_many_are_looked_at_and_the_right_one_is_among_them(way):
    Patient.objects.bulk_create(
        Patient(
            number=f"B{number}", name=f"Meir{'abcdefghijklmnop'[number % 16] * 3}{number}", birth_date=date(1990, 1, 1)
        )
        for number in range(600)
    )
    PatientFactory(name="John Meyer")
    assert found("meyre") == ["John Meyer"]


def test_a_doctor_and_a_department_are_found_with_a_slip_where_none_is_meant_exactly():
    heart = DepartmentFactory(name="Kardiologie", description="Heart and vessels")
    doctor = DoctorFactory(name="Dr. Jürgen Groß", specialization="Skin", department=heart)
    DoctorFactory(name="Dr. Jurgens Other", specialization="Bones")
    assert list(Doctor.objects.matching("jürgen grosz")) == [doctor]
    assert [found.name for found in Doctor.objects.matching("jurgens")] == ["Dr. Jurgens Other"]
    assert list(Department.objects.matching("cardiolgie")) == [heart]
    assert list(Department.objects.matching("vess")) == [heart]
    assert list(Department.objects.matching("essels")) == []


def test_doctors_of_a_misspelt_subject_are_those_of_the_subject():
    heart, children = DepartmentFactory(name="Cardiology"), DepartmentFactory(name="Paediatrics")
    DoctorFactory(name="Dr. Ada Okafor", specialization="Arrhythmias", department=heart)
    DoctorFactory(name="Dr. Bo Lind", specialization="", department=heart)
    DoctorFactory(name="Dr. Cy Ray", specialization="Children’s cardiology", department=children)
    DoctorFactory(name="Dr. Dee Holm", specialization="Bones", department=DepartmentFactory(name="Surgery"))

    def doctors(text):
        return [doctor.name for doctor in Doctor.objects.matching(text).order_by("name")]

    assert doctors("cardiology") == doctors("cardiolgy") == ["Dr. Ada Okafor", "Dr. Bo Lind", "Dr. Cy Ray"]
    assert doctors("pediatrics") == doctors("childrens cardiolojy") == ["Dr. Cy Ray"]
    assert doctors("lind cardiolgy") == ["Dr. Bo Lind"]
    assert doctors("lind surgry") == doctors("x" * 90) == doctors("--") == []


def test_the_command_makes_the_indexes_or_says_what_to_do(capsys, monkeypatch):
    call_command("index_search")
    assert capsys.readouterr().out.strip()
    if connection.vendor == "postgresql":
        monkeypatch.setattr(trigrams, "COLUMNS", ("sounds", "nowhere"))
        with pytest.raises(CommandError, match="CREATE EXTENSION pg_trgm"):
            call_command("index_search")
        assert Patient.objects.count() == 0  # the failure is over: the transaction goes on
