"""The list of visits: what each role finds in it, and how it is narrowed."""

from datetime import timedelta

import pytest
from django.urls import reverse

from clinic.tests.factories import DepartmentFactory, DoctorFactory, PatientFactory
from scheduling.models import Status
from scheduling.tests.conftest import berlin
from scheduling.tests.factories import AppointmentFactory

LIST = reverse("scheduling:appointment-list")


def found(client, **query):
    return [visit for visit, _actions in client.get(LIST, query).context["rows"]]


def offered(client, **query):
    """What the first row offers."""
    return [action.name for action, _url in client.get(LIST, query).context["rows"][0][1]]


@pytest.fixture
def visits(doctor, patient):
    """A visit last week, one today, one tomorrow with the same doctor, and one of strangers tomorrow."""
    stranger = PatientFactory(name="Zoltan Stranger")
    return {
        "past": AppointmentFactory(
            doctor=doctor, patient=patient, starts_at=berlin(1, 10) - timedelta(days=7), status=Status.COMPLETED
        ),
        "today": AppointmentFactory(doctor=doctor, patient=patient, starts_at=berlin(1, 10)),
        "next": AppointmentFactory(doctor=doctor, patient=patient, starts_at=berlin(2, 10)),
        "strangers": AppointmentFactory(patient=stranger, starts_at=berlin(2, 11), reference="STRANGE1"),
    }


def test_each_role_finds_its_own_visits(client, visits, doctor, patient, receptionist, administrator):
    own = [visits["today"], visits["next"]]
    everyone = [*own, visits["strangers"]]
    for user, expected in (
        (patient.user, own),
        (doctor.user, own),
        (receptionist, everyone),
        (administrator, everyone),
    ):
        client.force_login(user)
        assert found(client) == expected
        assert found(client, when="past") == [visits["past"]]
        assert found(client, when="all") == [*reversed(expected), visits["past"]]


def test_nothing_of_strangers_is_on_a_patients_or_doctors_page(client, visits, doctor, patient):
    stranger = visits["strangers"]
    for user in (patient.user, doctor.user):
        client.force_login(user)
        page = client.get(LIST, {"when": "all"}).content.decode()
        assert doctor.name in page or patient.name in page
        for word in (stranger.patient.name, stranger.doctor.name, stranger.reference, stranger.department.name):
            assert word not in page


def test_a_patient_is_not_led_to_a_strangers_visits_by_number(client, visits, doctor, patient, receptionist):
    stranger = visits["strangers"].patient
    for user in (patient.user, doctor.user):
        client.force_login(user)
        response = client.get(LIST, {"patient": stranger.pk})
        assert (response.status_code, stranger.name.encode() in response.content) == (200, False)
        assert all(visit.patient == patient for visit, _actions in response.context["rows"])
    client.force_login(receptionist)
    assert found(client, patient=stranger.pk) == [visits["strangers"]]
    assert client.get(LIST, {"patient": stranger.pk}).context["filter"].chosen_patient == stranger


def test_choices_are_what_one_may_see(client, visits, doctor, patient, receptionist):
    client.force_login(patient.user)
    fields = client.get(LIST).context["filter"].form.fields
    assert list(fields["doctor"].queryset) == [doctor]
    assert {"q", "patient", "department"} & set(fields) == set()
    client.force_login(doctor.user)
    assert {"doctor", "department"} & set(client.get(LIST).context["filter"].form.fields) == set()
    client.force_login(receptionist)
    assert list(client.get(LIST).context["filter"].form.fields["doctor"].queryset) == [
        doctor,
        visits["strangers"].doctor,
    ]


def test_visits_are_narrowed_by_status_days_doctor_and_department(client, visits, doctor, receptionist):
    client.force_login(receptionist)
    cancelled = AppointmentFactory(doctor=doctor, starts_at=berlin(3, 9), status=Status.CANCELLED)
    assert found(client, status="cancelled") == [cancelled]
    assert found(client, from_day="2026-06-02", to_day="2026-06-02", sort="time") == [
        visits["next"],
        visits["strangers"],
    ]
    assert found(client, to_day="2026-05-31") == [visits["past"]]
    assert found(client, doctor=visits["strangers"].doctor_id) == [visits["strangers"]]
    assert found(client, department=doctor.department_id, when="upcoming") == [
        visits["today"],
        visits["next"],
        cancelled,
    ]
    assert found(client, department=DepartmentFactory().pk) == []


def test_a_day_is_the_hospitals_day(client, doctor, receptionist):
    client.force_login(receptionist)
    late = AppointmentFactory(doctor=doctor, starts_at=berlin(3, 23, 30))
    early = AppointmentFactory(doctor=doctor, starts_at=berlin(4, 0, 30))
    assert found(client, from_day="2026-06-03", to_day="2026-06-03") == [late]
    assert found(client, from_day="2026-06-04") == [early]


def test_staff_search_by_name_number_phone_and_reference(client, visits, patient, receptionist, doctor):
    patient.phone = "+49 30 901820"
    patient.save()
    client.force_login(receptionist)
    mine = [visits["next"], visits["today"], visits["past"]]
    for text in ("alvarez", "MINA", patient.number, "030 901820", "+4930901820"):
        assert found(client, q=text) == mine
    assert found(client, q=" strange1 ") == [visits["strangers"]]
    assert found(client, q="nobody like this") == []
    client.force_login(doctor.user)
    assert found(client, q="strange1") == found(client, q="stranger") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from_day": "2026-02-30"}, "from_day"),
        ({"from_day": "0001-01-01"}, "from_day"),
        ({"to_day": "9999-12-31"}, "to_day"),
        ({"from_day": "2026-06-02", "to_day": "2026-06-01"}, "to_day"),
        ({"status": "vanished"}, "status"),
        ({"doctor": "x"}, "doctor"),
        ({"doctor": "99999999999999999999999"}, "doctor"),
        ({"patient": "0"}, "patient"),
        ({"q": "x" * 101}, "q"),
        ({"q": "\x00"}, "q"),
    ],
)
def test_a_filter_that_makes_no_sense_finds_nothing_and_says_why(client, visits, receptionist, query, field):
    client.force_login(receptionist)
    response = client.get(LIST, query)
    if "\x00" in query.get("q", ""):
        assert response.status_code == 400
        return
    assert (response.status_code, response.context["rows"]) == (200, [])
    assert list(response.context["filter"].form.errors) == [field]


def test_lists_are_sorted_as_asked_and_pages_keep_the_filters(client, visits, doctor, receptionist):
    client.force_login(receptionist)
    assert found(client, sort="-time")[0] == visits["strangers"]
    assert found(client, sort="patient")[0] == visits["today"]
    assert found(client, sort="-patient")[0] == visits["strangers"]
    assert found(client, sort="nonsense") == found(client)
    for number in range(30):
        AppointmentFactory(doctor=doctor, starts_at=berlin(3, 0) + timedelta(minutes=30 * number))
    page = client.get(LIST, {"doctor": doctor.pk, "page": "2", "sort": "time"})
    assert (page.context["page_obj"].paginator.count, len(page.context["rows"])) == (32, 7)
    assert f"?doctor={doctor.pk}&amp;page=1&amp;sort=time" in page.content.decode()
    assert client.get(LIST, {"page": "-7"}).status_code == 200


def test_upcoming_for_a_patient_is_what_is_still_planned(client, doctor, patient, clock):
    over = AppointmentFactory(doctor=doctor, patient=patient, starts_at=berlin(1, 9))
    running = AppointmentFactory(
        doctor=doctor, patient=patient, starts_at=berlin(1, 9, 30), status=Status.IN_CONSULTATION
    )
    cancelled = AppointmentFactory(doctor=doctor, patient=patient, starts_at=berlin(2, 9), status=Status.CANCELLED)
    clock.move_to(berlin(1, 10, 30))
    client.force_login(patient.user)
    assert found(client) == [running]
    assert found(client, when="past") == [cancelled, over]


def test_what_can_be_done_depends_on_role_and_state(client, visits, doctor, patient, receptionist, hospital, clock):
    client.force_login(patient.user)
    assert offered(client) == ["move", "cancel"]
    client.force_login(receptionist)
    assert offered(client) == ["check-in", "move"]
    client.force_login(doctor.user)
    assert offered(client) == ["start", "move"]
    assert offered(client, from_day="2026-06-02") == ["move"]
    clock.move_to(berlin(1, 10, 5))
    client.force_login(receptionist)
    assert offered(client) == ["check-in", "no-show"]
    client.force_login(patient.user)
    assert offered(client) == []
    client.force_login(doctor.user)
    visits["today"].status = Status.IN_CONSULTATION
    visits["today"].save()
    assert offered(client) == ["record"]


def test_a_doctor_records_the_visit_of_yesterday_that_was_never_closed(client, doctor, clock):
    AppointmentFactory(doctor=doctor, starts_at=berlin(1, 10))
    clock.move_to(berlin(2, 8))
    client.force_login(doctor.user)
    assert offered(client, when="past") == ["record", "no-show"]


def test_after_the_cut_off_a_patient_is_offered_nothing(client, doctor, patient, hospital):
    hospital.cancellation_cutoff_minutes = 24 * 60
    hospital.save()
    AppointmentFactory(doctor=doctor, patient=patient, starts_at=berlin(1, 10))
    client.force_login(patient.user)
    assert offered(client) == []


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("role", ["patient", "doctor", "reception", "admin"])
def test_the_list_costs_the_same_however_long(
    rows, role, client, doctor, patient, receptionist, administrator, django_assert_max_num_queries
):
    for number in range(rows):
        who = patient if role == "patient" else PatientFactory()
        whom = DoctorFactory() if role != "doctor" else doctor
        AppointmentFactory(doctor=whom, patient=who, starts_at=berlin(2, 9 + number))
    users = {"patient": patient.user, "doctor": doctor.user, "reception": receptionist, "admin": administrator}
    client.force_login(users[role])
    client.get(LIST)
    with django_assert_max_num_queries(13):
        assert len(client.get(LIST).context["rows"]) == rows


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({}, "No visits yet"),
        ({"status": "completed"}, "No visit matches"),
    ],
)
def test_an_empty_list_says_why_and_what_to_do(client, receptionist, query, words):
    client.force_login(receptionist)
    assert words in client.get(LIST, query).content.decode()


def test_an_empty_tab_points_to_where_the_visits_are(client, patient, doctor):
    client.force_login(patient.user)
    assert "You have no visits yet" in client.get(LIST).content.decode()
    AppointmentFactory(doctor=doctor, patient=patient, starts_at=berlin(1, 10) - timedelta(days=7))
    page = client.get(LIST).content.decode()
    assert "No visits to come" in page
    assert "?when=all" in page
