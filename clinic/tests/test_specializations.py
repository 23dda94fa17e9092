"""The list of specializations, and the doctors who carry its words."""

from importlib import import_module

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, Role
from accounts.tests.factories import UserFactory
from clinic.models import Doctor, Specialization
from clinic.services import ClinicRefused, create_specialization, rename_specialization, retire_specialization
from clinic.tests.factories import DepartmentFactory, DoctorFactory

pytestmark = pytest.mark.django_db
LIST = "/specializations/"


@pytest.fixture
def as_admin():
    client = Client()
    client.force_login(UserFactory(role=Role.ADMIN))
    return client


def test_what_stood_in_profiles_becomes_the_list_and_no_profile_changes():
    for words in ("Cardiology", "cardiology", "  Heart   surgery ", "", "Öffentliche Gesundheit"):
        DoctorFactory(specialization=words)
    before = list(Doctor.objects.values_list("specialization", flat=True))
    import_module("clinic.migrations.0016_departments_and_specializations").take_over(apps, None)
    assert sorted(Specialization.objects.values_list("name", flat=True)) == [
        "Cardiology", "Heart surgery", "Öffentliche Gesundheit"
    ]  # fmt: skip
    assert list(Doctor.objects.values_list("specialization", flat=True)) == before


def test_renaming_changes_the_profiles_and_doctors_are_found_by_the_new_words(as_admin):
    row = create_specialization(name="Cardiology", by=None)
    theirs, other = DoctorFactory(specialization="cardiology"), DoctorFactory(specialization="Skin")
    answer = as_admin.post(f"/specializations/{row.pk}/edit/", {"name": "Heart  medicine"})
    assert answer.url == LIST
    theirs.refresh_from_db()
    other.refresh_from_db()
    assert (theirs.specialization, other.specialization) == ("Heart medicine", "Skin")
    assert list(Doctor.objects.matching("heart")) == [theirs]
    assert "Heart medicine" in Client().get(reverse("scheduling:doctor-list"), {"q": "heart"}).text
    event = AuditEvent.objects.get(action="specialization.changed")
    assert event.detail["values"] == {"name": ["Cardiology", "Heart medicine"]}


def test_a_name_that_is_taken_is_refused_with_what_to_do(as_admin):
    create_specialization(name="Cardiology", by=None)
    other = create_specialization(name="Heart", by=None)
    page = as_admin.post(f"/specializations/{other.pk}/edit/", {"name": "CARDIOLOGY"})
    assert "can be merged" in page.text
    assert "in the list already" in as_admin.post("/specializations/new/", {"name": "heart"}).text
    with pytest.raises(ClinicRefused, match="can be merged"):
        rename_specialization(other, name="cardiology", by=None)


def test_two_names_for_one_thing_become_one(as_admin):
    gone, stays = (create_specialization(name=name, by=None) for name in ("Heart", "Cardiology"))
    doctor = DoctorFactory(specialization="Heart")
    assert as_admin.post(f"/specializations/{gone.pk}/merge/", {"into": stays.pk}).url == LIST
    doctor.refresh_from_db()
    assert doctor.specialization == "Cardiology"
    assert list(Specialization.objects.all()) == [stays]
    detail = AuditEvent.objects.get(action="specialization.merged").detail
    assert detail == {"into": "Cardiology", "doctors": 1}
    assert as_admin.post(f"/specializations/{gone.pk}/merge/", {"into": stays.pk}).status_code == 404
    assert as_admin.post(f"/specializations/{stays.pk}/merge/", {"into": stays.pk}).status_code == 200


def test_a_retired_one_is_offered_no_more_and_doctors_keep_it(as_admin):
    row = create_specialization(name="Bloodletting", by=None)
    doctor = DoctorFactory(specialization="Bloodletting")
    offered = '<option value="Bloodletting">'
    form = reverse("clinic:doctor-edit", args=[doctor.pk])
    assert offered in as_admin.get(form).text
    assert as_admin.post(f"/specializations/{row.pk}/retire/").url == LIST
    assert offered not in as_admin.get(form).text
    assert 'value="Bloodletting"' in as_admin.get(form).text
    assert as_admin.post(f"/specializations/{row.pk}/restore/").url == LIST
    assert offered in Client().get("/applications/new/").text


def test_a_doctor_can_carry_words_that_are_not_in_the_list_and_they_can_be_taken_in(as_admin):
    create_specialization(name="Cardiology", by=None)
    data = {"department": DepartmentFactory().pk, "name": "Dr. New", "specialization": "Sleep medicine"}
    assert as_admin.post("/doctors/new/", data).status_code == 302
    assert listed(as_admin) == [("Cardiology", 0, "offered"), ("Sleep medicine", 1, "other")]
    assert as_admin.post("/specializations/new/", {"name": "Sleep medicine"}).url == LIST
    assert listed(as_admin) == [("Cardiology", 0, "offered"), ("Sleep medicine", 1, "offered")]


def listed(client, **asked):
    return [(entry.name, entry.doctors, entry.state) for entry in client.get(LIST, asked).context["page_obj"]]


def test_the_list_is_searched_narrowed_and_put_in_order(as_admin):
    for name in ("Cardiology", "Ästhetik", "Bloodletting"):
        create_specialization(name=name, by=None)
    retire_specialization(Specialization.objects.get(name="Bloodletting"), by=None)
    DoctorFactory.create_batch(2, specialization="cardiology")
    DoctorFactory(specialization="Sleep medicine")
    aesthetic, blood = ("Ästhetik", 0, "offered"), ("Bloodletting", 0, "retired")
    heart, sleep = ("Cardiology", 2, "offered"), ("Sleep medicine", 1, "other")
    assert listed(as_admin) == [aesthetic, blood, heart, sleep]
    assert listed(as_admin, sort="-name") == [sleep, heart, blood, aesthetic]
    assert listed(as_admin, sort="-doctors") == [heart, sleep, aesthetic, blood]
    assert listed(as_admin, q="asth") == [aesthetic]
    by_state = [listed(as_admin, state=state) for state in ("used", "unused", "retired", "other", "nonsense")]
    assert by_state == [[heart, sleep], [aesthetic, blood], [blood], [sleep], []]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_however_long(rows, as_admin, django_assert_num_queries):
    for number in range(rows):
        create_specialization(name=f"Words {number}", by=None)
        DoctorFactory(specialization=f"Words {number}")
        DoctorFactory(specialization=f"Others {number}")
    as_admin.get(LIST)
    with django_assert_num_queries(8):
        as_admin.get(LIST)
