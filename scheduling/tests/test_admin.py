"""Scheduling in Django's administration site."""

from datetime import time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, Role
from accounts.tests.factories import UserFactory
from clinic.tests.factories import DoctorFactory
from scheduling import services
from scheduling.models import Appointment, AppointmentEvent, ExtraHours, Status, TimeOff, WorkingHours
from scheduling.tests.conftest import berlin
from scheduling.tests.factories import AppointmentFactory, ExtraHoursFactory, TimeOffFactory, WorkingHoursFactory


@pytest.fixture
def office(client, administrator):
    """The administrator, signed in."""
    client.force_login(administrator)
    return client


def page(model, what="changelist", *args):
    return reverse(f"admin:scheduling_{model._meta.model_name}_{what}", args=args)


def test_the_site_lists_everything_of_scheduling(office):
    index = office.get(reverse("admin:app_list", args=["scheduling"])).content.decode()
    for model in (Appointment, AppointmentEvent, WorkingHours, ExtraHours, TimeOff):
        assert page(model) in index


def test_a_visit_is_looked_at_and_only_its_notes_are_written(office, doctor):
    visit = AppointmentFactory(doctor=doctor, starts_at=berlin(2, 10), reason="a private matter")
    shown = office.get(page(Appointment, "change", visit.pk)).content.decode()
    assert (visit.reference in shown, visit.reason in shown, 'name="starts_at' in shown) == (True, False, False)
    typed = {"staff_notes": "Interpreter", "status": "cancelled", "starts_at_0": "2026-06-09", "starts_at_1": "10:00"}
    assert office.post(page(Appointment, "change", visit.pk), typed).status_code == 302
    visit.refresh_from_db()
    assert (visit.staff_notes, visit.status, visit.starts_at) == ("Interpreter", Status.BOOKED, berlin(2, 10))
    assert AuditEvent.objects.filter(action="appointment.annotated").count() == 1
    assert office.get(page(Appointment, "delete", visit.pk)).status_code == 403
    assert office.get(page(Appointment, "add")).status_code == 403


def test_an_offer_that_waits_for_an_answer_offers_no_field_for_notes(office, doctor):
    offer = AppointmentFactory(
        doctor=doctor, starts_at=berlin(2, 10), status=Status.HELD, held_until=timezone.now() + timedelta(hours=1)
    )
    assert 'name="staff_notes"' not in office.get(page(Appointment, "change", offer.pk)).content.decode()
    assert office.post(page(Appointment, "change", offer.pk), {"staff_notes": "x"}).status_code == 403


def test_visits_are_found_by_patient_and_reference(office, doctor):
    visit = AppointmentFactory(doctor=doctor, patient__name="Mina Alvarez", reference="MINE2345")
    AppointmentFactory(doctor=doctor)
    for text in ("alvarez", visit.patient.number, "mine2345"):
        found = office.get(page(Appointment), {"q": text}).context["cl"].result_list
        assert list(found) == [visit]


def test_events_are_read_alone(office, doctor, patient):
    visit = services.book(doctor=doctor, patient=patient, starts_at=berlin(2, 10), by=patient.user)
    event = visit.events.get()
    shown = office.get(page(AppointmentEvent, "change", event.pk))
    assert (shown.status_code, "_save" in shown.content.decode()) == (200, False)
    assert office.post(page(AppointmentEvent, "change", event.pk), {"reason": "x"}).status_code == 403


def test_hours_are_added_changed_and_removed_through_the_services(office):
    doctor = DoctorFactory()
    typed = {"doctor": doctor.pk, "weekday": "0", "starts": "09:00", "ends": "12:00", "slot_minutes": "30"}
    assert office.post(page(WorkingHours, "add"), typed).status_code == 302
    hours = WorkingHours.objects.get()
    office.post(page(WorkingHours, "change", hours.pk), typed | {"ends": "13:00"})
    hours.refresh_from_db()
    assert hours.ends == time(13)
    office.post(page(WorkingHours, "delete", hours.pk), {"post": "yes"})
    assert not WorkingHours.objects.exists()
    actions = AuditEvent.objects.filter(action__startswith="hours.").order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["hours.added", "hours.changed", "hours.removed"]


def test_what_the_service_refuses_stands_beside_its_field(office, doctor):
    typed = {"doctor": doctor.pk, "weekday": "0", "starts": "16:00", "ends": "18:00", "slot_minutes": "30"}
    response = office.post(page(WorkingHours, "add"), typed)
    assert "overlap 09:00–17:00" in response.context["adminform"].form.errors["starts"][0]
    past = {"doctor": doctor.pk, "starts_at_0": "2026-05-01", "starts_at_1": "09:00"}
    past |= {"ends_at_0": "2026-05-02", "ends_at_1": "09:00"}
    response = office.post(page(TimeOff, "add"), past)
    assert "passed already" in response.context["adminform"].form.errors["ends_at"][0]
    assert (WorkingHours.objects.count(), TimeOff.objects.count()) == (7, 0)


def test_time_off_and_extra_dates_say_which_visits_are_to_be_moved(office, doctor):
    AppointmentFactory(doctor=doctor, starts_at=berlin(2, 10))
    typed = {"doctor": doctor.pk, "starts_at_0": "2026-06-02", "starts_at_1": "09:00"}
    typed |= {"ends_at_0": "2026-06-02", "ends_at_1": "12:00", "reason": "training"}
    response = office.post(page(TimeOff, "add"), typed, follow=True)
    off = TimeOff.objects.get()
    assert (off.starts_at, off.ends_at) == (berlin(2, 9), berlin(2, 12))
    assert "1 visit is to be moved" in response.content.decode()
    office.post(page(TimeOff, "change", off.pk), typed | {"reason": "holiday"})
    office.post(page(TimeOff, "delete", off.pk), {"post": "yes"})
    assert not TimeOff.objects.exists()
    extra = {"doctor": doctor.pk, "date": "2026-06-06", "starts": "18:00", "ends": "20:00", "slot_minutes": "30"}
    office.post(page(ExtraHours, "add"), extra)
    row = ExtraHours.objects.get()
    office.post(page(ExtraHours, "change", row.pk), extra | {"ends": "21:00"})
    row.refresh_from_db()
    assert row.ends == time(21)
    office.post(page(ExtraHours, "delete", row.pk), {"post": "yes"})
    assert not ExtraHours.objects.exists()


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("model", [Appointment, AppointmentEvent, WorkingHours, ExtraHours, TimeOff])
def test_every_list_costs_the_same_however_long(model, rows, office, patient, django_assert_max_num_queries):
    for number in range(rows):
        doctor = DoctorFactory()
        WorkingHoursFactory(doctor=doctor, weekday=1)
        ExtraHoursFactory(doctor=doctor)
        TimeOffFactory(doctor=doctor, starts_at=berlin(9, 9))
        services.book(doctor=doctor, patient=patient, starts_at=berlin(2, 9 + number), by=None)
    office.get(page(model))
    with django_assert_max_num_queries(16):
        assert len(office.get(page(model)).context["cl"].result_list) == rows


def test_staff_without_the_permission_find_nothing_here(client, clock):
    stranger = UserFactory(role=Role.RECEPTION, is_staff=True)
    client.force_login(stranger)
    for model in (AppointmentEvent, WorkingHours, ExtraHours, TimeOff):
        assert client.get(page(model)).status_code == 403
