"""The hospital's own data and rules."""

import pytest
from django.urls import reverse

from accounts.models import AuditEvent
from accounts.tests.factories import PASSWORD, UserFactory
from clinic.models import Hospital

ADDRESS = "/hospital/"


def filled(**more):
    return {
        "name": "St. Example",
        "time_zone": "Asia/Kolkata",
        "currency": "INR",
        "default_fee": "500",
        "booking_window_days": "14",
        "shortest_notice_minutes": "60",
        "cancellation_cutoff_minutes": "120",
        "default_slot_minutes": "20",
        "reminder_hour": "18",
        "reminder_same_day_hour": "",
        "reminder_catch_up_hours": "4",
    } | more


def test_how_long_offers_are_held_stays_as_it_is_when_left_empty(as_admin):
    assert as_admin.post(ADDRESS, filled(offer_hold_minutes="45")).status_code == 302
    assert as_admin.post(ADDRESS, filled()).status_code == 302
    assert Hospital.current().offer_hold_minutes == 45


def test_an_administrator_changes_data_and_rules(as_admin, admin):
    assert as_admin.post(ADDRESS, filled(phone="+91 98765 43210")).status_code == 302
    hospital = Hospital.current()
    assert (hospital.name, hospital.zone.key, hospital.currency) == ("St. Example", "Asia/Kolkata", "INR")
    assert (hospital.booking_window_days, hospital.default_slot_minutes) == (14, 20)
    assert (hospital.reminder_hour, hospital.reminder_same_day_hour, hospital.reminder_catch_up_hours) == (18, None, 4)
    event = AuditEvent.objects.get(action="hospital.changed")
    assert event.actor_id == admin.pk
    assert {"name", "time_zone", "currency", "phone"} <= set(event.detail["changed"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("time_zone", "Mars/Olympus"),
        ("currency", "eur"),
        ("currency", "EURO"),
        ("default_fee", "-1"),
        ("booking_window_days", "0"),
        ("booking_window_days", "366"),
        ("default_slot_minutes", "4"),
        ("reminder_hour", "24"),
        ("reminder_same_day_hour", "-1"),
        ("reminder_catch_up_hours", "0"),
        ("offer_hold_minutes", "14"),
        ("offer_hold_minutes", "1441"),
        ("name", ""),
        ("email", "nobody"),
        ("phone", "12"),
    ],
)
def test_nonsense_is_refused_and_what_was_typed_stays(as_admin, field, value):
    page = as_admin.post(ADDRESS, filled(address="Kept words") | {field: value})
    assert page.status_code == 200
    assert list(page.context["form"].errors) == [field]
    assert "Kept words" in page.content.decode()
    assert Hospital.current().name == "HMS Hospital"


def test_nobody_else_changes_the_hospital(as_patient, as_doctor, as_reception):
    for somebody in (as_patient, as_doctor, as_reception):
        assert somebody.get(ADDRESS).status_code == 403
        assert somebody.post(ADDRESS, filled()).status_code == 403


def test_its_name_is_on_every_page(client, as_admin):
    as_admin.post(ADDRESS, filled(name="<i>St. Example</i>"))
    page = client.get(reverse("clinic:department-list")).content.decode()
    assert "&lt;i&gt;St. Example&lt;/i&gt;" in page
    assert "<i>St. Example</i>" not in page


def test_what_was_typed_in_vain_is_not_shown_as_the_hospitals_name(as_admin):
    page = as_admin.post(ADDRESS, filled(name="Typed In Vain", currency="x"))
    assert page.content.decode().count("Typed In Vain") == 1


def test_its_name_makes_no_password(client, hospital):
    hospital.name = "St. Brigid’s Infirmary"
    hospital.save()
    client.force_login(UserFactory())
    data = {"oldpassword": PASSWORD, "password1": "Brigid-Infirmary-2026", "password2": "Brigid-Infirmary-2026"}
    answer = client.post("/account/password/change/", data)
    assert "too easy to guess" in str(answer.context["form"].errors["password1"])
