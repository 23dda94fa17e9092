"""One's own profile, whatever one's role."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.models import AuditEvent, Role, User
from accounts.tests.factories import UserFactory
from clinic.tests.conftest import signed_in
from clinic.tests.factories import PatientFactory

PROFILE = "/profile/"


def photo():
    output = io.BytesIO()
    Image.new("RGB", (900, 600), "teal").save(output, "JPEG")
    return SimpleUploadedFile("me.jpg", output.getvalue(), content_type="image/jpeg")


def test_a_patient_changes_contact_data_and_nothing_that_identifies(as_patient, patient):
    before = patient.number, patient.birth_date
    form = {
        "name": "New Name",
        "gender": "female",
        "blood_group": "A+",
        "phone": "+49 30 12345678",
        "address": "2 Lane",
        "emergency_name": "Her Sister",
        "emergency_phone": "+49 30 12345679",
        "birth_date": "1999-01-01",
        "number": "ME",
    }
    assert as_patient.post(PROFILE, form).status_code == 302
    patient.refresh_from_db()
    assert (patient.number, patient.birth_date) == before
    assert (patient.name, patient.address, patient.blood_group) == ("New Name", "2 Lane", "A+")
    assert User.objects.get(pk=patient.user.pk).name == "New Name"
    assert AuditEvent.objects.get(action="patient.changed").actor_id == patient.user.pk


def test_nobody_sees_somebody_elses_profile(as_patient):
    PatientFactory(address="A stranger's address")
    assert "A stranger" not in as_patient.get(PROFILE).content.decode()


def test_a_doctor_changes_what_patients_read_and_not_what_the_hospital_decides(as_doctor, doctor):
    fee, department = doctor.fee, doctor.department
    form = {"qualification": "MD", "languages": "Hindi", "about": "Hearts.", "fee": "999", "name": "Dr Rich"}
    assert as_doctor.post(PROFILE, form | {"photo": photo()}).status_code == 302
    doctor.refresh_from_db()
    assert (doctor.qualification, doctor.languages, doctor.about) == ("MD", "Hindi", "Hearts.")
    assert (doctor.fee, doctor.department, doctor.accepting_patients) == (fee, department, False)
    assert doctor.name != "Dr Rich"
    with doctor.photo.open() as stored, Image.open(stored) as kept:
        assert kept.size == (512, 341)


@pytest.mark.parametrize("role", [Role.RECEPTION, Role.ADMIN, Role.DOCTOR])
def test_who_is_only_an_account_changes_the_name(role, db):
    user = UserFactory(role=role)
    client = signed_in(user)
    assert client.get(PROFILE).status_code == 200
    assert client.post(PROFILE, {"name": "  New   Name ", "role": "admin", "is_staff": "on"}).status_code == 302
    fresh = User.objects.get(pk=user.pk)
    assert (fresh.name, fresh.role, fresh.is_staff) == ("New Name", role, role == Role.ADMIN)


def test_an_error_keeps_what_was_typed(as_patient, patient):
    page = as_patient.post(PROFILE, {"name": "New Name", "gender": "female", "phone": "12", "address": "Kept words"})
    assert page.status_code == 200
    assert "Kept words" in page.content.decode()
    patient.refresh_from_db()
    assert patient.name != "New Name"


def test_signing_in_comes_first(client, db):
    assert client.get(PROFILE).url == "/account/login/?next=/profile/"
