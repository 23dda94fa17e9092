"""Several doctors or departments are retired at once: what stands against each, and what became of it."""

import pytest

from accounts.models import AuditEvent, Role
from accounts.tests.factories import UserFactory
from clinic.models import Department, Doctor
from clinic.tests.conftest import signed_in
from clinic.tests.factories import DepartmentFactory, DoctorFactory
from scheduling.tests.factories import AppointmentFactory

DOCTORS, DEPARTMENTS = "/doctors/retire/", "/departments/retire/"


@pytest.fixture
def as_admin(db):
    return signed_in(UserFactory(role=Role.ADMIN))


@pytest.fixture
def doctors(db):
    """Two who can go, one with a planned visit."""
    made = [DoctorFactory(name=name) for name in ("Dr Able", "Dr Brown", "Dr Cole")]
    AppointmentFactory(doctor=made[2])
    return made


def asking(rows, field="doctor"):
    return "?" + "&".join(f"{field}={row.pk}" for row in rows)


def said(response):
    return [str(message) for message in response.context["messages"]]


def retired(model):
    return sorted(model.objects.exclude(retired_at=None).values_list("name", flat=True))


def test_the_page_names_those_that_were_ticked_and_what_stands_against_each(as_admin, doctors):
    page = as_admin.get(DOCTORS + asking(doctors[1:]))
    assert [(row.name, bool(against)) for row, _beside, against in page.context["page"].rows] == [
        ("Dr Brown", False),
        ("Dr Cole", True),
    ]
    assert "1 visit is still planned." in page.text
    assert page.text.count('name="doctor"') == page.text.count(" checked>") == 1
    assert "Nobody is ticked" in as_admin.get(DOCTORS).text


def test_of_each_it_is_said_what_became_of_it(as_admin, doctors):
    ids = [doctor.pk for doctor in doctors]
    response = as_admin.post(DOCTORS, {"doctor": [*ids, 10**12, "x"], "reason": "Moved away"}, follow=True)
    assert response.redirect_chain == [("/doctors/manage/", 302)]
    assert said(response) == [
        "2 doctors are retired.",
        "Dr Cole: 1 visit is still planned. Move or cancel it first, so that nobody comes in vain.",
        "1 of what you ticked is not there any more and was left out.",
    ]
    assert retired(Doctor) == ["Dr Able", "Dr Brown"]
    assert set(Doctor.objects.exclude(retired_at=None).values_list("retired_reason", flat=True)) == {"Moved away"}
    assert AuditEvent.objects.filter(action="doctor.retired").count() == 2


def test_pressed_twice_they_are_retired_once(as_admin, doctors):
    for _press in range(2):
        assert as_admin.post(DOCTORS, {"doctor": [doctors[0].pk]}).status_code == 302
    assert AuditEvent.objects.filter(action="doctor.retired").count() == 1


def test_where_nothing_could_be_done_it_is_a_409_and_what_was_typed_stays(as_admin, doctors):
    page = as_admin.post(DOCTORS + asking(doctors), {"doctor": [doctors[2].pk], "reason": "Moved away"})
    assert page.status_code == 409
    assert said(page)[0].startswith("Dr Cole: 1 visit is still planned.")
    assert "Moved away" in page.text
    page = as_admin.post(DOCTORS + asking(doctors), {"reason": "x"})
    assert (page.status_code, said(page)) == (409, ["Tick at least one."])


def test_a_long_reason_comes_back_with_the_form(as_admin, doctors):
    page = as_admin.post(DOCTORS + asking(doctors), {"doctor": [doctors[0].pk], "reason": "x" * 301})
    assert (page.status_code, list(page.context["form"].errors), retired(Doctor)) == (422, ["reason"], [])
    assert page.context["ticked"] == [doctors[0].pk]


def test_departments_without_doctors_can_go_together(as_admin):
    empty, other = DepartmentFactory(name="Alchemy"), DepartmentFactory(name="Bathing")
    full = DoctorFactory(department__name="Cardiology").department
    page = as_admin.get(DEPARTMENTS)
    assert [(row.name, bool(against)) for row, _beside, against in page.context["page"].rows] == [
        ("Alchemy", False),
        ("Bathing", False),
        ("Cardiology", True),
    ]
    assert page.text.count(" checked>") == 0
    response = as_admin.post(DEPARTMENTS, {"department": [empty.pk, other.pk, full.pk]}, follow=True)
    assert said(response)[0] == "2 departments are retired."
    assert said(response)[1].startswith("Cardiology: 1 doctor works in this department.")
    assert retired(Department) == ["Alchemy", "Bathing"]
    assert as_admin.post(DEPARTMENTS, {"department": [full.pk]}).status_code == 409


def test_nobody_else_retires_anybody(doctors):
    for role in (Role.RECEPTION, Role.DOCTOR, Role.PATIENT):
        client = signed_in(UserFactory(role=role))
        for address, form in ((DOCTORS, {"doctor": [doctors[0].pk]}), (DEPARTMENTS, {"department": [1]})):
            assert client.get(address).status_code == 403
            assert client.post(address, form).status_code == 403
    assert retired(Doctor) == []


@pytest.mark.parametrize("rows", [1, 3])
def test_the_pages_cost_the_same_however_long(rows, as_admin, django_assert_max_num_queries):
    made = [DoctorFactory() for _number in range(rows)]
    for address in (DOCTORS + asking(made), DEPARTMENTS):
        as_admin.get(address)
        with django_assert_max_num_queries(10):
            assert len(as_admin.get(address).context["page"].rows) == rows
