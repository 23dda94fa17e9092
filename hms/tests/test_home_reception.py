"""The figures on reception's first page: each leads to exactly the rows that it counts."""

from datetime import time, timedelta

import pytest
import time_machine
from django.urls import reverse

from accounts.models import Role
from accounts.tests.factories import UserFactory
from clinic.models import Hospital
from clinic.tests.factories import DepartmentFactory, DoctorFactory
from hms.tests.dashboards import BERLIN, DAY, NOW, TODAY, client_of, counted, leads_to_its_rows, visit
from scheduling.models import AppointmentEvent, Lane, Status
from scheduling.tests.factories import open_all_week


@pytest.fixture(autouse=True)
def berlin(db):
    Hospital.objects.update(time_zone="Europe/Berlin", address="1 Lane")
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def doctor():
    doctor = DoctorFactory(name="Dr Ada Okafor")
    open_all_week(doctor)
    return doctor


@pytest.fixture
def desk():
    return client_of(UserFactory(role=Role.RECEPTION))


def test_the_day_in_figures_leads_to_its_rows(desk, doctor):
    other = DoctorFactory(department=DepartmentFactory(name="AAA"), name="Dr First")
    statuses = [Status.COMPLETED, Status.NO_SHOW, Status.IN_CONSULTATION, Status.CHECKED_IN, Status.BOOKED]
    for hour, status in enumerate([*statuses, Status.CANCELLED, Status.BOOKED], 8):
        visit(doctor, TODAY, time(hour), status=status)
    visit(other, TODAY)
    visit(other, TODAY, lane=Lane.OVERBOOKED, overbook_reason="In pain")
    visit(other, TODAY + DAY)
    found = desk.get(reverse("home")).context
    assert (found["count"], counted(desk.get(found["count_url"]))) == (9, 9)
    assert (found["waiting_count"], counted(desk.get(found["waiting_url"]))) == (1, 1)
    assert [str(column) for column in found["columns"]] == [
        "Visits", "Expected", "Waiting", "Inside", "Done", "Missed", "Cancelled",
    ]  # fmt: skip
    lines = {name: [cell.value for _column, cell in cells] for _of, rows in found["load"] for _pk, name, cells in rows}
    assert lines == {"Dr First": [2, 2, 0, 0, 0, 0, 0], "Dr Ada Okafor": [7, 2, 1, 1, 1, 1, 1]}
    assert [department for department, _rows in found["load"]] == ["AAA", doctor.department.name]
    for _department, rows in found["load"]:
        for _pk, _name, cells in rows:
            assert [counted(desk.get(cell.url)) for _column, cell in cells] == [cell.value for _column, cell in cells]
    assert leads_to_its_rows(desk, found["drawn"]) == (10, 6)


def test_an_offer_that_waits_for_an_answer_has_a_column_of_its_own(desk, doctor):
    visit(doctor, TODAY, status=Status.HELD)
    found = desk.get(reverse("home")).context
    assert [str(column) for column in found["columns"]][-2:] == ["Held", "Cancelled"]
    assert [cell.value for _column, cell in found["load"][0][1][0][2]] == [1, 0, 0, 0, 0, 0, 1, 0]


def test_in_a_large_hospital_the_lines_of_doctors_are_the_days_page(desk, monkeypatch):
    monkeypatch.setattr("hms.home.reception.DOCTORS", 1)
    for _doctor in range(2):
        visit(DoctorFactory(), TODAY)
    page = desk.get(reverse("home"))
    assert page.context["load"] == []
    assert "The day of every doctor" in page.text
    assert len(page.context["drawn"].rows) == 2


def test_what_is_still_free_today_can_be_booked_from_the_first_page(desk, doctor):
    later = DoctorFactory(name="Dr Late")
    open_all_week(later, starts=time(14), ends=time(15))
    full = DoctorFactory(name="Dr Full")
    open_all_week(full, starts=time(14), ends=time(14, 30))
    visit(full, TODAY, time(14))
    open_all_week(DoctorFactory(name="Dr Over"), starts=time(8), ends=time(10))
    open_all_week(DoctorFactory(name="Dr Gone", retired_at=NOW))
    visit(doctor, TODAY, time(10, 30))
    page = desk.get(reverse("home"))
    found = [(gaps.doctor.pk, [slot.starts.astimezone(BERLIN).time() for slot in slots], number)
             for gaps, slots, number in page.context["free"]]  # fmt: skip
    assert found == [
        (doctor.pk, [time(11), time(11, 30), time(12)], 12),
        (later.pk, [time(14), time(14, 30)], 2),
    ]
    for gaps, slots, number in page.context["free"]:
        assert counted(desk.get(reverse("scheduling:booking-times", args=[gaps.doctor.pk, TODAY]))) == number
        for slot in slots:
            url = reverse("scheduling:booking-confirm", args=[gaps.doctor.pk, slot.starts])
            assert url in page.text
            assert desk.get(url).status_code == 200


@pytest.mark.parametrize(("room", "more"), [(1, True), (2, True), (3, False)])
def test_of_more_doctors_than_have_room_those_free_soonest_are_shown(desk, monkeypatch, room, more):
    monkeypatch.setattr("hms.home.reception.FREE", room)
    doctors = [DoctorFactory(name=f"Dr {name}") for name in ("Ape", "Bee", "Cat")]
    for doctor, opens in zip(doctors, (time(10, 30), time(11), time(10)), strict=True):
        open_all_week(doctor, starts=opens, ends=time(16))
        visit(doctor, TODAY, time(15))
    visit(doctors[2], TODAY, time(10))
    visit(doctors[2], TODAY, time(10, 30))
    visit(doctors[2], TODAY, time(11))
    page = desk.get(reverse("home"))
    found = [(gaps.doctor.name, slots[0].starts.astimezone(BERLIN).time(), number)
             for gaps, slots, number in page.context["free"]]  # fmt: skip
    assert found == [("Dr Ape", time(10, 30), 10), ("Dr Bee", time(11), 9), ("Dr Cat", time(11, 30), 8)][:room]
    assert page.context["free_more"] == more == ("Other doctors are free today too" in page.text)


def arrived(appointment, minutes_ago):
    AppointmentEvent.objects.create(
        appointment=appointment, kind=AppointmentEvent.Kind.STATUS, status=Status.CHECKED_IN,
        at=NOW - timedelta(minutes=minutes_ago), starts_at=appointment.starts_at, by_name="Desk",
    )  # fmt: skip


def test_who_has_waited_too_long_is_marked_and_who_came_first_stands_first(desk, doctor):
    early = visit(doctor, TODAY, time(10, 30), status=Status.CHECKED_IN)  # is here since long before the time
    long = visit(doctor, TODAY, time(9, 30), status=Status.CHECKED_IN)
    late = visit(DoctorFactory(), TODAY, time(9), status=Status.CHECKED_IN)  # came a moment ago
    for one, minutes in ((early, 60), (long, 45), (late, 5)):
        arrived(one, minutes)
    found = desk.get(reverse("home")).context["waiting"]
    assert [(row["pk"], row["is_long"]) for row in found] == [(early.pk, False), (long.pk, True), (late.pk, False)]


@pytest.mark.parametrize("rows", [1, 3])
def test_receptions_figures_cost_the_same_however_many_doctors(rows, desk, django_assert_num_queries):
    for _number in range(rows):
        doctor = DoctorFactory()
        open_all_week(doctor)
        visit(doctor, TODAY)
        arrived(visit(doctor, TODAY, time(9), status=Status.CHECKED_IN), 30)
    with django_assert_num_queries(20):
        desk.get(reverse("home"))
