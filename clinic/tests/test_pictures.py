"""Photos of doctors and the hospital's logo."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from clinic import services
from clinic.models import Doctor
from clinic.tests.factories import DoctorFactory


def picture(kind="JPEG", mode="RGB", name="../../evil.php"):
    output = io.BytesIO()
    Image.new(mode, (700, 700)).save(output, kind)
    return SimpleUploadedFile(name, output.getvalue(), content_type="application/x-php")


def save(client, doctor, **more):
    form = {"department": doctor.department.pk, "name": doctor.name, "gender": doctor.gender}
    return client.post(reverse("clinic:doctor-edit", args=[doctor.pk]), form | more)


@pytest.fixture
def pictured(as_admin, doctor, django_capture_on_commit_callbacks):
    save(as_admin, doctor, photo=picture())
    doctor.refresh_from_db()
    return doctor


def test_a_photo_is_stored_under_a_name_of_ours_and_shown_to_anybody(client, pictured):
    assert pictured.photo.name.startswith("doctors/")
    assert "evil" not in pictured.photo.name
    answer = client.get(pictured.photo_url)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert "max-age=604800" in answer["Cache-Control"]
    with Image.open(io.BytesIO(answer.content)) as shown:
        assert shown.size == (512, 512)


def test_a_new_photo_has_a_new_address_and_the_old_file_goes(as_admin, pictured, django_capture_on_commit_callbacks):
    before, kept = pictured.photo_url, pictured.photo
    with django_capture_on_commit_callbacks(execute=True):
        save(as_admin, pictured, photo=picture())
    fresh = Doctor.objects.get()
    assert fresh.photo_url != before
    assert not kept.storage.exists(kept.name)
    assert kept.storage.exists(fresh.photo.name)


def test_saving_something_else_keeps_the_photo(as_admin, pictured, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        save(as_admin, pictured, languages="Hindi")
    fresh = Doctor.objects.get()
    assert (fresh.photo.name, fresh.languages) == (pictured.photo.name, "Hindi")
    assert fresh.photo.storage.exists(fresh.photo.name)


def test_a_photo_is_removed_on_request(client, as_admin, pictured, django_capture_on_commit_callbacks):
    address, kept = pictured.photo_url, pictured.photo
    with django_capture_on_commit_callbacks(execute=True):
        save(as_admin, pictured, **{"photo-clear": "on"})
    assert not kept.storage.exists(kept.name)
    assert Doctor.objects.get().photo_url == ""
    assert client.get(address).status_code == 404


def test_a_retired_doctors_photo_is_for_staff(client, as_admin, as_reception, pictured, admin):
    services.retire_doctor(pictured, by=admin)
    assert client.get(pictured.photo_url).status_code == 404
    assert as_reception.get(pictured.photo_url).status_code == 200


def test_a_photo_that_is_none_is_refused_beside_the_field(as_admin, doctor):
    script = SimpleUploadedFile("me.jpg", b"<?php echo 1;", content_type="image/jpeg")
    page = save(as_admin, doctor, photo=script, languages="Kept words")
    assert "not a picture we can read" in str(page.context["form"].errors["photo"])
    assert "Kept words" in page.content.decode()


def test_a_file_that_is_gone_is_not_found(client, pictured):
    pictured.photo.storage.delete(pictured.photo.name)
    assert client.get(pictured.photo_url).status_code == 404


def test_nobody_has_a_photo_at_first(client, db):
    doctor = DoctorFactory()
    assert doctor.photo_url == ""
    assert client.get(reverse("clinic:doctor-photo", args=[doctor.pk])).status_code == 404


def test_the_logo_keeps_its_transparency_and_tells_when_it_changed(client, admin, hospital):
    address = reverse("clinic:hospital-logo")
    assert client.get(address).status_code == 404
    from clinic.images import redrawn

    services.update_hospital(hospital, by=admin, logo=redrawn(picture("PNG", "RGBA"), transparent=True))
    answer = client.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    again = client.get(address, headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304
