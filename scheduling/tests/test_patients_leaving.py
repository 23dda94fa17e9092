"""Nobody leaves with visits planned, and nobody books for an account that was closed a moment ago."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import Message, Role, User
from accounts.tests.factories import PASSWORD, UserFactory
from clinic.models import Hospital, Patient
from clinic.services import ClinicRefused, close_patient
from clinic.tests.factories import DoctorFactory, PatientFactory
from scheduling import services
from scheduling.models import Appointment
from scheduling.tests.factories import AppointmentFactory, open_all_week

CLOSE = reverse("clinic:profile-close")
SURE = {"password": PASSWORD, "final": "on"}


@pytest.mark.django_db
def test_planned_visits_are_cancelled_first_by_whoever_leaves(client):
    visit = AppointmentFactory()
    client.force_login(visit.patient.user)
    assert "1 visit is still planned" in client.get(CLOSE).text
    answer = client.post(CLOSE, SURE)
    assert answer.status_code == 409
    assert reverse("scheduling:appointment-list") in answer.text
    visit.patient.refresh_from_db()
    assert visit.patient.user is not None
    services.cancel(visit, by=visit.patient.user)
    assert client.post(CLOSE, SURE).status_code == 302
    assert Appointment.objects.get().patient == visit.patient


@pytest.mark.django_db
def test_an_administrator_is_told_so_too(client):
    visit = AppointmentFactory()
    client.force_login(UserFactory(role=Role.ADMIN))
    page = reverse("clinic:patient-close", args=[visit.patient.pk])
    assert "still planned" in client.get(page).text
    assert client.post(page, {"reason": "Letter"}).status_code == 409


@pytest.mark.django_db
def test_mails_about_visits_of_somebody_without_an_account_are_emptied():
    visit = AppointmentFactory(patient=PatientFactory(user=None, email="walkin@example.org"))
    services.cancel(visit, by=UserFactory(role=Role.RECEPTION))
    assert Message.objects.filter(address="walkin@example.org").exists()
    close_patient(visit.patient, by=UserFactory(role=Role.ADMIN), reason="Letter")
    assert not Message.objects.exclude(address="").exists()


@pytest.mark.slow
def test_booking_and_leaving_at_once_never_leaves_a_visit_behind(transactional_db):
    Hospital.objects.update(time_zone="UTC", booking_window_days=7, shortest_notice_minutes=0)
    doctor = DoctorFactory()
    open_all_week(doctor, starts=time(0), ends=time(0), minutes=30)
    tomorrow = timezone.now().date() + timedelta(days=1)
    for hour in range(5):
        patient = PatientFactory()
        account = User.objects.get(pk=patient.user_id)
        starts_at = datetime.combine(tomorrow, time(hour), tzinfo=UTC)

        def book(patient=patient, account=account, starts_at=starts_at):
            return services.book(doctor=doctor, patient=patient, starts_at=starts_at, by=account)

        def leave(patient=patient, account=account):
            return close_patient(patient, by=account)

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(quietly, [book, leave]))
        left = Patient.objects.get(pk=patient.pk).user_id is None
        assert left != Appointment.objects.planned().filter(patient=patient).exists()


def quietly(act):
    try:
        act()
    except (PermissionDenied, ClinicRefused, services.BookingRefused):
        pass
    finally:
        connection.close()
