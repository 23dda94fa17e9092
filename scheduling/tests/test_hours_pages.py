"""The pages for working hours, extra dates and time off."""

from datetime import date, time

import pytest
from django.urls import reverse

from clinic.tests.factories import DoctorFactory
from scheduling.models import ExtraHours, Status, TimeOff, WorkingHours
from scheduling.tests.conftest import berlin
from scheduling.tests.factories import (
    AppointmentFactory,
    ExtraHoursFactory,
    TimeOffFactory,
    WorkingHoursFactory,
    open_all_week,
)
from scheduling.views import hours as views

HOURS = {"weekdays": ["0", "2"], "starts": "09:00", "ends": "13:00", "slot_minutes": "30"}
EXTRA = {"date": "2026-06-07", "starts": "18:00", "ends": "20:00", "slot_minutes": "20"}
OFF = {"from_day": "2026-06-03", "until_day": "2026-06-04", "reason": "holiday"}


@pytest.fixture
def newcomer(clock):
    return DoctorFactory(name="Dr New Comer")


@pytest.fixture
def own(client, doctor):
    """The doctor, signed in."""
    client.force_login(doctor.user)
    return client


def url(name, pk):
    return reverse(f"scheduling:{name}", args=[pk])


def beside(response, field):
    return response.context["form"].errors.get(field, [])


def test_a_doctor_sets_hours_on_several_days_at_once(client, newcomer):
    client.force_login(newcomer.user)
    response = client.post(url("hours-create", newcomer.pk), HOURS)
    assert response.url == url("hours-list", newcomer.pk) + "#weekly"
    rows = newcomer.working_hours.values_list("weekday", "starts", "ends", "slot_minutes")
    assert sorted(rows) == [(day, time(9), time(13), 30) for day in (0, 2)]
    client.post(url("hours-create", newcomer.pk), HOURS)
    assert newcomer.working_hours.count() == 2


def test_a_new_form_begins_with_the_hospitals_slot_and_the_day_that_was_pressed(own, doctor, hospital):
    hospital.default_slot_minutes = 45
    hospital.save()
    form = own.get(url("hours-create", doctor.pk), {"weekday": "3"}).context["form"]
    assert (form["slot_minutes"].value(), form["weekdays"].value()) == (45, [3])
    assert own.get(url("hours-create", doctor.pk), {"weekday": "x"}).context["form"]["weekdays"].value() is None


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"weekdays": []}, "weekdays", "required"),
        ({"weekdays": ["9"]}, "weekdays", "9"),
        ({"ends": "08:00"}, "ends", "after the beginning"),
        ({"starts": "25:00"}, "starts", "valid time"),
        ({"slot_minutes": "500"}, "slot_minutes", "480"),
        ({"slot_minutes": "250"}, "slot_minutes", "does not fit"),
        ({"valid_from": "2026-02-30"}, "valid_from", "valid date"),
        ({"valid_from": "2026-07-01", "valid_until": "2026-06-01"}, "valid_until", "before the first"),
        ({"starts": "16:30", "ends": "18:00"}, "starts", "overlap 09:00–17:00"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(own, doctor, change, field, words):
    response = own.post(url("hours-create", doctor.pk), HOURS | change)
    assert response.status_code == 200
    assert words in " ".join(beside(response, field))
    assert response.context["form"]["ends"].value() == (HOURS | change)["ends"]
    assert doctor.working_hours.count() == 7


def test_hours_are_changed_and_removed(own, doctor):
    tuesday = doctor.working_hours.get(weekday=1)
    form = own.get(url("hours-edit", tuesday.pk)).context["form"]
    assert form["starts"].value() == time(9)
    values = {"weekday": "1", "starts": "10:00", "ends": "17:00", "slot_minutes": "30"}
    own.post(url("hours-edit", tuesday.pk), values)
    tuesday.refresh_from_db()
    assert tuesday.starts == time(10)
    assert b"No booked visit is affected" in own.get(url("hours-delete", tuesday.pk)).content
    assert own.post(url("hours-delete", tuesday.pk)).status_code == 302
    assert not WorkingHours.objects.filter(pk=tuesday.pk).exists()
    assert own.post(url("hours-delete", tuesday.pk)).status_code == 404


def test_removing_hours_names_the_visits_first_and_lists_them_afterwards(own, doctor):
    visit = AppointmentFactory(doctor=doctor, starts_at=berlin(2, 10))
    tuesday = doctor.working_hours.get(weekday=1)
    assert own.get(url("hours-delete", tuesday.pk)).context["visits"] == [visit]
    unseen = own.post(url("hours-delete", tuesday.pk))
    assert (unseen.status_code, unseen.context["visits"]) == (409, [visit])
    assert WorkingHours.objects.filter(pk=tuesday.pk).exists()
    own.post(url("hours-delete", tuesday.pk), {"seen": [visit.pk, "x", "9" * 30]})
    page = own.get(url("hours-list", doctor.pk))
    assert page.context["stranded"] == [visit]
    for name in ("appointment-reschedule", "appointment-cancel"):
        assert url(name, visit.pk).encode() in page.content
    visit.refresh_from_db()
    assert visit.status == Status.BOOKED


def test_an_extra_date_is_made_changed_and_removed(own, doctor):
    WorkingHours.objects.filter(weekday=6).delete()
    assert own.post(url("extra-create", doctor.pk), EXTRA).status_code == 302
    extra = ExtraHours.objects.get()
    assert (extra.date, extra.starts, extra.slot_minutes) == (date(2026, 6, 7), time(18), 20)
    own.post(url("extra-edit", extra.pk), EXTRA | {"ends": "21:00"})
    extra.refresh_from_db()
    assert extra.ends == time(21)
    own.post(url("extra-delete", extra.pk))
    assert not ExtraHours.objects.exists()


def test_an_extra_date_in_the_past_is_refused(own, doctor):
    assert beside(own.post(url("extra-create", doctor.pk), EXTRA | {"date": "2026-05-31"}), "date") == [
        "That day has passed."
    ]


def test_whole_days_off_begin_and_end_at_midnight(own, doctor):
    own.post(url("timeoff-create", doctor.pk), OFF)
    off = TimeOff.objects.get()
    assert (off.starts_at, off.ends_at, off.reason) == (berlin(3, 0), berlin(5, 0), "holiday")
    form = own.get(url("timeoff-edit", off.pk)).context["form"]
    assert [form[name].value() for name in ("from_day", "from_time", "until_day", "until_time")] == [
        date(2026, 6, 3),
        None,
        date(2026, 6, 4),
        None,
    ]


def test_time_off_may_begin_and_end_within_a_day(own, doctor):
    own.post(url("timeoff-create", doctor.pk), OFF | {"from_time": "14:00", "until_time": "00:00"})
    off = TimeOff.objects.get()
    assert (off.starts_at, off.ends_at) == (berlin(3, 14), berlin(5, 0))
    own.post(url("timeoff-edit", off.pk), OFF | {"from_time": "14:00", "until_time": "11:30"})
    off.refresh_from_db()
    assert off.ends_at == berlin(4, 11, 30)
    form = own.get(url("timeoff-edit", off.pk)).context["form"]
    assert (form["from_time"].value(), form["until_time"].value()) == (time(14), time(11, 30))


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"until_day": "2026-06-02"}, "until_day", "after the beginning"),
        ({"from_day": "2026-06-31"}, "from_day", "valid date"),
        ({"from_day": "0001-01-01"}, "from_day", "check the year"),
        ({"until_day": "9999-12-31"}, "until_day", "check the year"),
        ({"from_day": "2026-05-01", "until_day": "2026-05-02"}, "until_day", "has passed"),
        ({"from_time": "nine"}, "from_time", "valid time"),
        ({"reason": "x" * 201}, "reason", "200"),
    ],
)
def test_time_off_that_cannot_be_is_said_beside_its_field(own, doctor, change, field, words):
    response = own.post(url("timeoff-create", doctor.pk), OFF | change)
    assert words in " ".join(beside(response, field))
    assert not TimeOff.objects.exists()


def test_a_time_the_clocks_jump_over_is_refused_and_one_that_comes_twice_is_taken_whole(own, doctor, clock):
    spring = {"from_day": "2027-03-28", "from_time": "02:30", "until_day": "2027-03-28"}
    assert "does not exist" in beside(own.post(url("timeoff-create", doctor.pk), spring), "from_time")[0]
    autumn = {"from_day": "2026-10-25", "from_time": "02:30", "until_day": "2026-10-25", "until_time": "02:45"}
    own.post(url("timeoff-create", doctor.pk), autumn)
    off = TimeOff.objects.get()
    assert (off.ends_at - off.starts_at).total_seconds() == 75 * 60


def test_time_off_over_visits_asks_first_and_loses_nothing_that_was_typed(own, doctor):
    visit = AppointmentFactory(doctor=doctor, starts_at=berlin(3, 10))
    asked = own.post(url("timeoff-create", doctor.pk), OFF)
    assert (asked.status_code, asked.context["visits"]) == (200, [visit])
    assert visit.patient.name.encode() in asked.content
    for name, value in OFF.items():
        assert f'name="{name}" value="{value}"'.encode() in asked.content
    back = own.post(url("timeoff-create", doctor.pk), OFF | {"seen": visit.pk, "back": "1"})
    assert back.context["form"]["reason"].value() == "holiday"
    assert not TimeOff.objects.exists()
    own.post(url("timeoff-create", doctor.pk), OFF | {"seen": visit.pk})
    assert TimeOff.objects.count() == 1
    assert own.get(url("hours-list", doctor.pk)).context["stranded"] == [visit]


def test_time_off_is_removed_after_a_question(own, doctor):
    off = TimeOffFactory(doctor=doctor)
    assert own.get(url("timeoff-delete", off.pk)).status_code == 200
    assert TimeOff.objects.exists()
    own.post(url("timeoff-delete", off.pk))
    assert not TimeOff.objects.exists()


def test_what_somebody_else_removed_meanwhile_is_a_friendly_conflict(rf, doctor, hospital):
    tuesday = doctor.working_hours.get(weekday=1)
    values = {"weekday": "1", "starts": "10:00", "ends": "17:00", "slot_minutes": "30"}
    request = rf.post(url("hours-edit", tuesday.pk), values)
    request.user, request.hospital = doctor.user, hospital
    WorkingHours.objects.filter(pk=tuesday.pk).delete()
    response = views._edit(request, views.HOURS, doctor, tuesday)
    assert response.status_code == 409
    assert b"removed this" in response.content


def test_the_next_seven_days_at_a_glance(own, doctor):
    AppointmentFactory(doctor=doctor, starts_at=berlin(2, 10))
    AppointmentFactory(doctor=doctor, starts_at=berlin(2, 11), status=Status.CANCELLED)
    TimeOffFactory(doctor=doctor, starts_at=berlin(3, 13), ends_at=berlin(5, 0))
    ExtraHoursFactory(doctor=doctor, date=date(2026, 6, 6), starts=time(18), ends=time(20))
    days = own.get(url("hours-list", doctor.pk)).context["days"]
    assert [day.date.day for day in days] == [1, 2, 3, 4, 5, 6, 7]
    assert [(day.booked, day.free) for day in days] == [(0, 16), (1, 15), (0, 8), (0, 0), (0, 16), (0, 20), (0, 16)]
    assert [[(span.starts, span.ends) for span in day.away] for day in days[2:4]] == [
        [(berlin(3, 13), berlin(4, 0))],
        [(berlin(4, 0), berlin(5, 0))],
    ]
    assert [len(day.hours) for day in days] == [1, 1, 1, 1, 1, 2, 1]


def test_time_that_is_over_today_is_not_free(own, doctor, clock):
    clock.move_to(berlin(1, 12, 10))
    own.logout()
    own.force_login(doctor.user)
    today = own.get(url("hours-list", doctor.pk)).context["days"][0]
    assert (today.free, [cell.state for cell in today.cells][:8]) == (9, ["over"] * 7 + ["free"])


def test_hours_that_have_ended_are_kept_apart(own, doctor):
    doctor.working_hours.filter(weekday=6).update(valid_until=date(2026, 5, 31))
    context = own.get(url("hours-list", doctor.pk)).context
    assert [row.weekday for row in context["ended"]] == [6]
    assert context["weekdays"][6][2] == []


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_however_much_there_is(rows, client, newcomer, django_assert_max_num_queries):
    client.force_login(newcomer.user)
    for number in range(rows):
        WorkingHoursFactory(doctor=newcomer, weekday=number)
        ExtraHoursFactory(doctor=newcomer, date=date(2026, 6, 10 + number))
        TimeOffFactory(doctor=newcomer, starts_at=berlin(20 + number, 9), ends_at=berlin(20 + number, 10))
        AppointmentFactory(doctor=newcomer, starts_at=berlin(18 + number, 10))
    client.get(url("hours-list", newcomer.pk))
    with django_assert_max_num_queries(23):
        response = client.get(url("hours-list", newcomer.pk))
    assert len(response.context["stranded"]) == rows


def test_others_hours_are_not_there_and_other_roles_are_kept_out(client, doctor, receptionist, administrator, patient):
    other = DoctorFactory()
    hours, extra, off = (
        doctor.working_hours.first(),
        ExtraHoursFactory(doctor=doctor),
        TimeOffFactory(doctor=doctor),
    )
    paths = [url(name, doctor.pk) for name in ("hours-list", "hours-create", "extra-create", "timeoff-create")]
    for row, kind in ((hours, "hours"), (extra, "extra"), (off, "timeoff")):
        paths += [url(f"{kind}-{verb}", row.pk) for verb in ("edit", "delete")]
    for user, status in ((other.user, 404), (receptionist, 403), (patient.user, 403), (administrator, 200)):
        client.force_login(user)
        assert {client.get(path).status_code for path in paths} == {status}
    client.force_login(other.user)
    assert {client.post(path).status_code for path in paths[1:]} == {404}
    assert WorkingHours.objects.filter(doctor=doctor).count() == 7


def test_an_administrator_sets_hours_for_a_doctor(client, newcomer, administrator):
    client.force_login(administrator)
    client.post(url("hours-create", newcomer.pk), HOURS)
    assert newcomer.working_hours.count() == 2
    assert newcomer.name.encode() in client.get(url("hours-list", newcomer.pk)).content


def test_a_doctor_without_hours_reads_what_to_do(client, newcomer):
    client.force_login(newcomer.user)
    assert b"There are no weekly hours yet" in client.get(url("hours-list", newcomer.pk)).content
    open_all_week(newcomer)
    assert b"There are no weekly hours yet" not in client.get(url("hours-list", newcomer.pk)).content
