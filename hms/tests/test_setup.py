"""Setting up a new hospital: from the link to the first time that a patient can book, and nobody else on the way."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import beginning
from accounts.models import AuditEvent, Role, SignInRule, User
from accounts.tests.factories import PASSWORD, UserFactory
from clinic.models import Department, Doctor, Hospital
from clinic.tests.factories import DepartmentFactory
from hms.setup.suggestions import DEPARTMENTS
from scheduling.models import WorkingHours

pytestmark = pytest.mark.django_db
WHO = {"name": "The Boss", "email": "boss@example.org", "password1": PASSWORD, "password2": PASSWORD}
WHERE = {"name": "Lakeside", "address": "1 Shore Road", "time_zone": "Europe/Berlin", "currency": "EUR",
         "default_slot_minutes": "20"}  # fmt: skip
DOCTOR = {"name": "Dr. Amara Mbeki", "weekdays": [str(day) for day in range(7)], "starts": "08:00", "ends": "18:00",
          "slot_minutes": "20"}  # fmt: skip


@pytest.fixture
def link(settings):
    return beginning.link().removeprefix(settings.PUBLIC_URL)


def administrator():
    client = Client()
    client.force_login(UserFactory(role=Role.ADMIN))
    return client


def test_a_new_installation_is_set_up_from_the_link_to_a_time_that_can_be_booked(client, link):
    assert "create_admin --link" in client.get("/").text
    assert client.get(link).status_code == 200
    assert client.post(link, WHO).url == "/set-up/hospital/"
    assert client.post("/set-up/hospital/", WHERE).url == "/set-up/departments/"
    answer = client.post("/set-up/departments/", {"common": ["heart", "skin"], "others": "Sleep lab\n\n heart  unit "})
    assert answer.url == "/set-up/doctor/"
    department = Department.objects.get(name="Cardiology")
    assert client.post("/set-up/doctor/", DOCTOR | {"department": department.pk}).url == "/set-up/done/"
    page = client.get("/set-up/done/")
    starts, doctor = page.context["first"]
    booking = reverse("scheduling:booking-confirm", args=[doctor.pk, starts])
    assert f'href="{booking}"' in page.text
    assert Client().get(booking).status_code == 200  # anybody finds the time on offer
    assert (doctor.name, doctor.department) == ("Dr. Amara Mbeki", department)
    assert sorted(Department.objects.values_list("name", flat=True)) == [
        "Cardiology", "Dermatology", "Sleep lab", "heart unit"
    ]  # fmt: skip
    assert department.description == DEPARTMENTS["heart"][1]
    boss = User.objects.get(role=Role.ADMIN)
    assert (boss.email, boss.is_staff, boss.check_password(PASSWORD)) == ("boss@example.org", True, True)
    assert Hospital.current().name == "Lakeside"
    assert client.get("/").context["steps"] == []
    assert set(AuditEvent.objects.values_list("actor_name", flat=True)) == {"HMS", "The Boss"}


def test_without_the_link_nobody_takes_a_new_installation_over(client, link, settings):
    settings_key = settings.SECRET_KEY
    settings.SECRET_KEY = "another installation's key, just as long and just as secret as this one is"
    foreign = beginning.link().removeprefix(settings.PUBLIC_URL)
    settings.SECRET_KEY = settings_key
    for address in ("/set-up/begin/nothing/", "/set-up/begin/begin:1:x/", foreign, link[:-3] + "/"):
        assert client.get(address).status_code == 404
        assert client.post(address, WHO).status_code == 404
    for step in ("hospital", "departments", "doctor", "done"):
        assert client.get(f"/set-up/{step}/").url == f"/account/login/?next=/set-up/{step}/"
    assert not User.objects.exists()


def test_a_link_works_for_a_day(client, link):
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        assert client.get(link).status_code == 404
        assert client.post(link, WHO).status_code == 404
    assert not User.objects.exists()


def test_a_link_is_dead_once_there_is_an_administrator_even_one_who_was_only_invited(client, link):
    call_command("create_admin", "first@example.org", name="First", invite=True)
    page = client.get(link)
    assert page.status_code == 404
    assert reverse("account_login") in page.text
    assert client.post(link, WHO).status_code == 404
    assert User.objects.get().email == "first@example.org"
    with pytest.raises(CommandError, match="administrator already"):
        call_command("create_admin", link=True)
    assert "create_admin --link" not in client.get("/").text


def test_the_one_who_comes_second_is_told(client, link, monkeypatch):
    UserFactory(role=Role.ADMIN)
    monkeypatch.setattr(beginning, "opens", lambda token: True)  # looked just before the other was there
    assert client.post(link, WHO).status_code == 409
    assert User.objects.count() == 1


def test_going_back_to_the_link_leads_on(client, link):
    client.post(link, WHO)
    assert client.get(link).url == "/set-up/hospital/"
    assert client.post(link, WHO).url == "/set-up/hospital/"
    assert User.objects.count() == 1


def test_a_second_factor_is_asked_of_the_first_one_too_where_the_rules_say_so(client, link):
    SignInRule.objects.filter(role=Role.ADMIN).update(second_factor=True)
    client.force_login(UserFactory(role=Role.PATIENT))  # somebody else's session in this browser ends
    assert client.post(link, WHO).url == "/set-up/hospital/"
    assert client.get("/set-up/hospital/").url == reverse("accounts:security")
    assert client.get(reverse("accounts:security")).context["user"].email == "boss@example.org"


def test_the_first_password_follows_the_rules(client, link):
    page = client.post(link, WHO | {"password1": "password123", "password2": "password123"})
    assert page.status_code == 200
    assert "boss@example.org" in page.text
    assert not User.objects.exists()


def test_every_step_pressed_twice_does_nothing_twice():
    client = administrator()
    for _press in range(2):
        assert client.post("/set-up/hospital/", WHERE).status_code == 302
        assert (
            client.post("/set-up/departments/", {"common": ["heart"], "others": "CARDIOLOGY\nEyes"}).status_code == 302
        )
        department = Department.objects.get(name__iexact="Cardiology")
        assert client.post("/set-up/doctor/", DOCTOR | {"department": department.pk}).status_code == 302
    assert (Department.objects.count(), Doctor.objects.count(), WorkingHours.objects.count()) == (2, 1, 7)


def test_a_step_that_was_left_can_be_taken_up_where_it_was():
    client = administrator()
    assert client.get("/set-up/doctor/").url == "/set-up/departments/"
    DepartmentFactory(name="Cardiology")
    page = client.get("/set-up/departments/")
    assert "heart" not in dict(page.context["form"].fields["common"].widget.choices)
    assert client.post("/set-up/departments/", {}).url == "/set-up/doctor/"
    assert [step.state for step in client.get("/set-up/doctor/").context["path"]] == ["", "done", "current"]
    assert "Nothing can be booked yet" in client.get("/set-up/done/").text


def test_no_department_at_all_is_asked_again_with_what_was_typed():
    page = administrator().post("/set-up/departments/", {"others": "x" * 90 + "\nEyes"})
    assert page.status_code == 200
    assert "too long" in page.text
    assert "Eyes</textarea>" in page.text
    assert "at least one" in administrator().post("/set-up/departments/", {"others": " \n "}).text
    assert not Department.objects.exists()


def test_a_doctor_whose_hours_cannot_be_is_not_made():
    client, department = administrator(), DepartmentFactory()
    page = client.post("/set-up/doctor/", DOCTOR | {"department": department.pk, "ends": "07:00"})
    assert "The end must come after the beginning" in page.text
    assert not Doctor.objects.exists()
    taken = UserFactory(email="taken@example.org").email
    page = client.post("/set-up/doctor/", DOCTOR | {"department": department.pk, "email": taken})
    assert "already an account" in page.text
    assert not Doctor.objects.exists()


def test_the_first_doctor_can_be_invited():
    client, department = administrator(), DepartmentFactory()
    client.post("/set-up/doctor/", DOCTOR | {"department": department.pk, "email": "amara@example.org"})
    assert Doctor.objects.get().user.email == "amara@example.org"
    answer = client.get("/set-up/done/")
    assert [str(message) for message in get_messages(answer.wsgi_request)] == ["Dr. Amara Mbeki is saved."]


@pytest.mark.time_machine("2026-11-24T10:00:00+00:00")
@pytest.mark.parametrize("rows", [1, 3])
def test_the_last_page_costs_the_same_however_many_doctors(rows, django_assert_num_queries):
    client, department = administrator(), DepartmentFactory()
    for number in range(rows):
        client.post("/set-up/doctor/", DOCTOR | {"department": department.pk, "name": f"Dr {number}"})
    client.get("/set-up/done/")
    with django_assert_num_queries(14):
        client.get("/set-up/done/")


def test_the_command_prints_a_link_that_opens(client, capsys, settings):
    call_command("create_admin", link=True)
    address = capsys.readouterr().out.split()[-1]
    assert address.startswith(settings.PUBLIC_URL)
    assert client.get(address.removeprefix(settings.PUBLIC_URL)).status_code == 200
