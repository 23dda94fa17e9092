"""A whole day is cancelled: who is told, who stays, what two people at once see, and who may not."""

import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.urls import reverse

from accounts.models import AuditEvent, Message
from clinic.tests.factories import DepartmentFactory, DoctorFactory, PatientFactory
from scheduling import services
from scheduling.models import Appointment, AppointmentEvent, Status, TimeOff
from scheduling.services import BookingRefused, many
from scheduling.tests.conftest import berlin
from scheduling.tests.factories import AppointmentFactory

PAGE = reverse("scheduling:appointments-cancel")
TUESDAY = {"from_day": "2026-06-02"}


@pytest.fixture
def visits(doctor):
    """On Tuesday: two are booked, one waits, one is inside, one is cancelled; one is booked on Wednesday."""
    made = {}
    for number, (name, day, status) in enumerate(
        (
            ("first", 2, Status.BOOKED),
            ("second", 2, Status.BOOKED),
            ("waits", 2, Status.CHECKED_IN),
            ("inside", 2, Status.IN_CONSULTATION),
            ("gone", 2, Status.CANCELLED),
            ("wednesday", 3, Status.BOOKED),
        )
    ):
        made[name] = AppointmentFactory(
            doctor=doctor, patient=PatientFactory(name=name), starts_at=berlin(day, 9 + number), status=status
        )
    return made


def address(**query):
    return f"{PAGE}?" + "&".join(f"{name}={value}" for name, value in query.items())


def status_of(visit):
    return Appointment.objects.get(pk=visit.pk).status


def told():
    return sorted(Message.objects.filter(kind="appointment.cancelled").values_list("recipient_name", flat=True))


def said(response):
    return [str(message) for message in response.context["messages"]]


def test_the_page_names_what_will_be_cancelled_and_what_stays(client, receptionist, visits, doctor):
    client.force_login(receptionist)
    page = client.get(address(**TUESDAY, doctor=doctor.pk))
    assert page.context["going"] == [visits["first"], visits["second"]]
    assert page.context["staying"] == [visits["waits"], visits["inside"], visits["gone"]]
    assert "2 visits will be cancelled" in page.text
    assert page.text.count('name="visit"') == page.text.count(" checked>") == 2


def test_without_a_day_nothing_is_chosen(client, receptionist, visits):
    client.force_login(receptionist)
    page = client.get(PAGE)
    assert (page.context["going"], page.context["staying"]) == ([], [])
    assert "Which day?" in page.text
    assert client.get(address(status="booked")).context["going"] == []


def test_a_cancelled_day_tells_everybody_and_touches_nobody_who_has_come(client, receptionist, visits):
    client.force_login(receptionist)
    ids = [visits[name].pk for name in ("first", "second")]
    response = client.post(address(**TUESDAY), {"visit": ids, "reason": "Burst pipe"}, follow=True)
    assert response.redirect_chain == [(address(**TUESDAY), 302)]
    assert said(response) == ["2 visits are cancelled. Whoever they concern is told."]
    assert told() == ["first", "second"]
    assert [status_of(visits[name]) for name in ("waits", "inside", "wednesday")] == [
        Status.CHECKED_IN, Status.IN_CONSULTATION, Status.BOOKED]  # fmt: skip
    events = AppointmentEvent.objects.filter(status=Status.CANCELLED, reason="Burst pipe", by=receptionist)
    assert sorted(events.values_list("appointment", flat=True)) == ids
    assert sorted(AuditEvent.objects.filter(action="appointment.cancelled").values_list("target_id", flat=True)) == ids


def test_only_the_ticked_ones_are_cancelled(client, receptionist, visits):
    client.force_login(receptionist)
    client.post(address(**TUESDAY), {"visit": [visits["second"].pk]}, follow=True)
    assert (status_of(visits["first"]), status_of(visits["second"])) == (Status.BOOKED, Status.CANCELLED)
    page = client.post(address(**TUESDAY), {"reason": "Nobody ticked"})
    assert (page.status_code, said(page)) == (409, ["Tick at least one visit."])
    assert "Nobody ticked" in page.text


def test_pressed_twice_it_is_cancelled_once(client, receptionist, visits):
    client.force_login(receptionist)
    form = {"visit": [visits["first"].pk, visits["second"].pk]}
    for _press in range(2):
        assert client.post(address(**TUESDAY), form).status_code == 302
    assert told() == ["first", "second"]
    assert AuditEvent.objects.filter(action="appointment.cancelled").count() == 2


def test_of_each_that_was_not_cancelled_the_page_says_why(client, receptionist, visits):
    client.force_login(receptionist)
    forged = [visits["waits"].pk, visits["second"].pk, 10**12, "x", "-1", "9" * 40]
    response = client.post(address(**TUESDAY), {"visit": forged}, follow=True)
    assert said(response) == [
        "1 visit is cancelled. Whoever it concerns is told.",
        "waits, Tue 2 Jun, 11:00: The visit stands at “Checked in”, so it was not touched.",
        "1 of what you ticked is not there any more and was left out.",
    ]
    assert status_of(visits["waits"]) == Status.CHECKED_IN


def test_when_a_colleague_was_faster_with_all_of_them_it_is_a_409_with_the_reasons(client, receptionist, visits):
    client.force_login(receptionist)
    visits["first"].status = Status.CHECKED_IN
    visits["first"].save()
    page = client.post(address(**TUESDAY), {"visit": [visits["first"].pk], "reason": "Ill"})
    assert page.status_code == 409
    assert said(page) == ["first, Tue 2 Jun, 09:00: The visit stands at “Checked in”, so it was not touched."]
    assert page.context["form"]["reason"].value() == "Ill"


def test_a_visit_checked_in_between_reading_and_cancelling_is_an_outcome(visits, receptionist):
    seen = Appointment.objects.with_people().get(pk=visits["first"].pk)
    Appointment.objects.filter(pk=seen.pk).update(status=Status.CHECKED_IN)
    (outcome,) = services.cancel_many([seen], by=receptionist)
    assert outcome.refusal == "Someone else has just changed this visit."
    assert status_of(seen) == Status.CHECKED_IN


def test_a_long_reason_comes_back_with_the_form_and_cancels_nothing(client, receptionist, visits):
    client.force_login(receptionist)
    form = {"visit": [visits["first"].pk], "reason": "x" * 301}
    page = client.post(address(**TUESDAY), form)
    assert (page.status_code, list(page.context["form"].errors)) == (422, ["reason"])
    assert page.context["ticked"] == [visits["first"].pk]
    assert status_of(visits["first"]) == Status.BOOKED
    assert client.post(address(**TUESDAY), form | {"reason": "ü" * 300}).status_code == 302
    assert AppointmentEvent.objects.get(status=Status.CANCELLED).reason == "ü" * 300


def test_a_department_or_the_whole_hospital_can_be_cancelled(client, receptionist, visits, doctor):
    client.force_login(receptionist)
    other = AppointmentFactory(doctor=DoctorFactory(department=DepartmentFactory()), starts_at=berlin(2, 15))
    assert client.get(address(**TUESDAY, department=other.department_id)).context["going"] == [other]
    assert client.get(address(**TUESDAY)).context["going"] == [visits["first"], visits["second"], other]
    assert client.get(address(from_day="2026-06-02", to_day="2026-06-03")).context["going"][-1] == visits["wednesday"]


@pytest.mark.parametrize("query", ["from_day=x", "from_day=2026-06-02&doctor=x", "from_day=0001-01-01", "visit=x",
                                   "from_day=2026-06-02&to_day=2026-06-01"])  # fmt: skip
def test_a_filter_that_makes_no_sense_chooses_nothing(client, receptionist, visits, query):
    client.force_login(receptionist)
    page = client.get(f"{PAGE}?{query}")
    assert (page.status_code, page.context["going"]) == (200, [])


def test_with_a_tick_nobody_books_the_day_any_more(client, administrator, receptionist, visits, doctor):
    client.force_login(receptionist)
    assert "close" not in client.get(address(**TUESDAY)).context["form"].fields
    client.post(address(**TUESDAY), {"visit": [visits["first"].pk], "close": "on"})
    assert TimeOff.objects.count() == 0
    client.force_login(administrator)
    form = {"visit": [visits["second"].pk], "close": "on", "reason": "Ill"}
    response = client.post(address(**TUESDAY), form, follow=True)
    assert "Time off is entered for 1 doctor." in said(response)
    off = TimeOff.objects.get()
    assert (off.doctor, off.starts_at, off.ends_at) == (doctor, berlin(2, 0), berlin(3, 0))


def test_what_is_over_is_not_cancelled(clock, receptionist, visits):
    clock.move_to(berlin(2, 9, 45))
    assert list(services.cancellable(Appointment.objects.all(), berlin(2, 9, 45))) == [
        visits["second"], visits["wednesday"]]  # fmt: skip
    (outcome,) = services.cancel_many([visits["first"]], by=receptionist)
    assert outcome.refusal == "The visit is over, so it was not touched."


def test_too_many_at_once_are_refused_with_the_way_on(client, receptionist, visits, monkeypatch):
    monkeypatch.setattr(many, "MOST", 1)
    monkeypatch.setattr("scheduling.views.many.MOST", 1)
    client.force_login(receptionist)
    page = client.get(address(**TUESDAY))
    assert "Too many visits" in page.text
    assert 'name="visit"' not in page.text
    page = client.post(address(**TUESDAY), {"visit": [visits["first"].pk, visits["second"].pk]})
    assert page.status_code == 409
    assert said(page)[0].startswith("These are 2 visits, and at most 1 at once")
    assert status_of(visits["first"]) == Status.BOOKED


def test_patients_and_doctors_cancel_no_day(client, visits, doctor, patient):
    for user in (doctor.user, visits["first"].patient.user):
        client.force_login(user)
        assert client.get(address(**TUESDAY)).status_code == 403
        assert client.post(address(**TUESDAY), {"visit": [visits["first"].pk]}).status_code == 403
        with pytest.raises(PermissionDenied):
            services.cancel_many([visits["first"]], by=user)
    assert status_of(visits["first"]) == Status.BOOKED


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_however_long(rows, client, receptionist, django_assert_max_num_queries):
    for number in range(rows):
        AppointmentFactory(doctor=DoctorFactory(), starts_at=berlin(2, 9 + number))
    client.force_login(receptionist)
    client.get(address(**TUESDAY))
    with django_assert_max_num_queries(14):
        assert len(client.get(address(**TUESDAY)).context["going"]) == rows


def test_the_list_of_visits_hands_over_what_is_ticked(client, receptionist, doctor, visits):
    client.force_login(receptionist)
    page = client.get(reverse("scheduling:appointment-list"), {"doctor": doctor.pk, "when": "all"}).text
    assert f'name="visit" value="{visits["first"].pk}" form="many"' in page
    assert f'href="{PAGE}?doctor={doctor.pk}"' in page
    ticked = client.get(address(visit=visits["first"].pk))
    assert ticked.context["going"] == [visits["first"]]
    client.force_login(doctor.user)
    assert 'form="many"' not in client.get(reverse("scheduling:appointment-list")).text


@pytest.mark.slow
def test_two_people_cancel_the_same_day_at_the_same_time(transactional_db, receptionist, administrator, visits):
    gate, outcomes = threading.Barrier(2), []
    seen = [list(Appointment.objects.filter(status=Status.BOOKED).with_people()) for _person in range(2)]

    def cancel(visits, by):
        try:
            gate.wait()
            outcomes.extend(services.cancel_many(visits, by=by))
        finally:
            connection.close()

    pairs = zip(seen, (receptionist, administrator), strict=True)
    threads = [threading.Thread(target=cancel, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [outcome.refusal for outcome in outcomes] == [""] * 6
    assert told() == ["first", "second", "wednesday"]
    assert AuditEvent.objects.filter(action="appointment.cancelled").count() == 3


def test_at_most_so_many_are_refused_by_the_service_too(receptionist, administrator, visits, monkeypatch):
    monkeypatch.setattr(many, "MOST", 1)
    with pytest.raises(BookingRefused, match="at most 1 at once"):
        services.close_days([visits["first"], visits["second"]], *[berlin(2, 0).date()] * 2, by=administrator)
    assert TimeOff.objects.count() == 0
    with pytest.raises(BookingRefused, match="at most 1 at once"):
        services.cancel_many([visits["first"], visits["second"]], by=receptionist)
