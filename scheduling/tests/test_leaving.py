"""A doctor who leaves while visits are planned."""

import pytest
from django.urls import reverse

from clinic import services
from clinic.services import ClinicRefused
from scheduling.models import Status
from scheduling.tests.factories import AppointmentFactory


def test_a_doctor_with_planned_visits_is_not_retired(administrator, patient):
    visit = AppointmentFactory(patient=patient)
    with pytest.raises(ClinicRefused, match="1 visit is still planned"):
        services.retire_doctor(visit.doctor, by=administrator)
    visit.doctor.refresh_from_db()
    assert visit.doctor.retired_at is None


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.COMPLETED, Status.NO_SHOW])
def test_a_doctor_whose_visits_are_over_is_retired_but_never_deleted(administrator, status):
    doctor = AppointmentFactory(status=status).doctor
    with pytest.raises(ClinicRefused, match="1 visit"):
        services.delete_doctor(doctor, by=administrator)
    with pytest.raises(ClinicRefused, match="1 visit"):
        services.delete_department(doctor.department, by=administrator)
    assert services.retire_doctor(doctor, by=administrator).is_retired


def test_the_page_shows_how_many_and_leads_to_them(client, administrator, doctor):
    AppointmentFactory.create_batch(2, doctor=doctor)
    client.force_login(administrator)
    page = client.get(reverse("clinic:doctor-retire", args=[doctor.pk])).content.decode()
    assert "2 visits are still planned." in page
    assert f"{reverse('scheduling:appointment-list')}?doctor={doctor.pk}" in page
    assert "Retire the doctor</button>" not in page
