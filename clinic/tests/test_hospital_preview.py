"""What the hospital's rules come to, shown before they are saved."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts.models import Role
from accounts.tests.factories import UserFactory
from clinic.consequences import consequences
from clinic.models import Hospital

NOON = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
SENT = {
    "name": "Lakeside",
    "time_zone": "Europe/Berlin",
    "currency": "CHF",
    "default_fee": "80",
    "booking_window_days": 7,
    "shortest_notice_minutes": 60,
    "cancellation_cutoff_minutes": 120,
    "default_slot_minutes": 20,
    "reminder_hour": 17,
    "reminder_same_day_hour": "",
    "reminder_catch_up_hours": 6,
}


def told(**rules):
    return dict(consequences(Hospital(**{"time_zone": "Europe/Berlin"} | rules), NOON))


@pytest.fixture
def as_admin(db):
    client = Client()
    with time_machine.travel(NOON, tick=False):
        client.force_login(UserFactory(role=Role.ADMIN))
        yield client


def test_rules_are_told_with_real_days_and_sums():
    assert told(shortest_notice_minutes=60, cancellation_cutoff_minutes=120, default_slot_minutes=20) == {
        "Clock": "It is Thu 26 Nov, 13:00 there now (UTC+01:00).",
        "Money": "A visit costs 50.00\xa0EUR where its doctor has no fee.",
        "Booking": "Who books now finds times from Thu 26 Nov, 14:00 until the end of Thu 3 Dec.",
        "Moving and cancelling": "A visit on Fri 27 Nov, 10:00 can be moved or cancelled by the patient "
        "until Fri 27 Nov, 08:00.",
        "New working hours": "From 9:00 on: 09:00, 09:20, 09:40, …: 3 visits an hour.",
        "Reminders": "The next go out on Thu 26 Nov, 17:00, for the visits of Fri 27 Nov. None on the day itself.",
    }


def test_an_hour_that_has_passed_today_is_tomorrows():
    words = told(reminder_hour=8, reminder_same_day_hour=12)["Reminders"]
    assert words == (
        "The next go out on Fri 27 Nov, 08:00, for the visits of Sat 28 Nov. "
        "On the day itself: the next on Fri 27 Nov, 12:00."
    )


def test_a_notice_longer_than_the_window_is_told():
    assert "can book nothing" in told(booking_window_days=1, shortest_notice_minutes=60 * 24 * 4)["Booking"]
    assert told()["Moving and cancelling"] == "Patients can move or cancel a visit until it begins."
    assert told(default_slot_minutes=90)["New working hours"] == "From 9:00 on: 09:00, 10:30, 12:00, …"


def test_the_page_says_what_the_rules_come_to_now(as_admin):
    page = as_admin.get("/hospital/")
    assert [differs for *_words, differs in page.context["effects"]] == [False] * 6
    assert "until the end of Thu 3 Dec" in page.text


def test_a_preview_saves_nothing_and_keeps_what_was_typed(as_admin):
    page = as_admin.post("/hospital/", SENT | {"booking_window_days": 14, "action": "preview"})
    assert page.status_code == 200
    assert "until the end of Thu 10 Dec" in page.text
    assert "80.00\xa0CHF" in page.text
    assert "13:00 there now (UTC+01:00)" in page.text
    assert "Nothing is saved yet" in page.text
    assert page.context["form"]["booking_window_days"].value() == "14"
    hospital = Hospital.current()
    assert (hospital.name, hospital.booking_window_days) == ("HMS Hospital", 7)
    assert as_admin.post("/hospital/", SENT).status_code == 302
    assert Hospital.current().name == "Lakeside"


def test_a_preview_of_what_cannot_be_says_why(as_admin):
    page = as_admin.post("/hospital/", SENT | {"booking_window_days": 0, "action": "preview"})
    assert "greater than or equal to 1" in page.text.partition('id="preview"')[2]


def test_the_logo_is_shown_as_it_will_look_and_is_not_stored(as_admin, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    data = BytesIO()
    Image.new("RGB", (80, 40), "red").save(data, "PNG")
    logo = SimpleUploadedFile("logo.png", data.getvalue(), "image/png")
    page = as_admin.post("/hospital/", SENT | {"logo": logo, "action": "preview"})
    assert 'src="data:image/png;base64,' in page.text
    assert "choose it again" in page.text
    assert not Hospital.current().logo
    assert list(tmp_path.rglob("*.png")) == []
