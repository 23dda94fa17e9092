"""manage.py seed_acceptance: a world for tests from outside, told as JSON."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.models import Role, User
from clinic.models import Patient
from records.models import Allergy, Encounter, MedicalHistory
from scheduling.models import Appointment, Status

pytestmark = pytest.mark.django_db


def seeded():
    printed = StringIO()
    call_command("seed_acceptance", "--json", stdout=printed)
    return json.loads(printed.getvalue())


@pytest.fixture
def told():
    return seeded()


def test_everybody_in_it_can_sign_in(told, client):
    assert sorted(told["people"]) == [
        *("administrator", "doctor1", "doctor2", "doctor3", "guardian", "helper"),
        *("patient1", "patient2", "reception"),
    ]
    for person in told["people"].values():
        client.logout()
        form = {"login": person["email"], "password": person["password"]}
        response = client.post(reverse("account_login"), form)
        assert (response.status_code, client.session.get("_auth_user_id")) == (302, str(person["user_id"]))
        assert User.objects.get(pk=person["user_id"]).role == person["role"]


def test_the_first_doctor_treats_the_first_patient_and_nobody_else(told):
    for doctor, patients in told["treats"].items():
        user = User.objects.get(pk=told["people"][doctor]["user_id"])
        treated = Patient.objects.visible_to(user).values_list("pk", flat=True)
        assert list(treated) == [told["people"][patient]["patient_id"] for patient in patients]


def test_one_guardian_reads_for_the_child_and_the_other_only_books(told):
    child = told["children"]["child"]
    assert {key: entry["scope"] for key, entry in child["guardians"].items()} == {"guardian": "read", "helper": "book"}
    for key in child["guardians"]:
        user = User.objects.get(pk=told["people"][key]["user_id"])
        assert child["patient_id"] in Patient.objects.visible_to(user).values_list("pk", flat=True)
    doctor = User.objects.get(pk=told["people"][child["doctor"]]["user_id"])
    assert list(Patient.objects.visible_to(doctor).values_list("pk", flat=True)) == [child["patient_id"]]


def test_visits_and_records_are_what_it_says(told):
    people = told["people"] | told["children"]
    for key, visits in told["visits"].items():
        for name, status in {"upcoming": "booked", "later": "booked", "waiting": "checked_in"}.items():
            visit = Appointment.objects.get(pk=visits[name]["id"], reference=visits[name]["reference"])
            assert (visit.status, visits[name]["status"], visit.patient_id) == (
                status,
                status,
                people[key]["patient_id"],
            )
        records = told["records"][key]
        encounter = Encounter.objects.get(pk=records["encounter_id"], appointment=visits["completed"]["id"])
        assert (encounter.is_signed, encounter.appointment.status) == (True, Status.COMPLETED)
        assert Allergy.objects.get(pk=records["allergy_id"]).patient_id == people[key]["patient_id"]
        assert MedicalHistory.objects.get(pk=records["history_id"]).patient_id == people[key]["patient_id"]


def test_the_free_times_it_names_can_be_booked(told, client):
    client.force_login(User.objects.get(pk=told["people"]["patient1"]["user_id"]))
    for doctor in ("doctor1", "doctor2"):
        assert len(told["free_times"][doctor]) == 8
        day = told["free_times"][doctor][0][:10]
        page = client.get(reverse("scheduling:booking-times", args=[told["people"][doctor]["doctor_id"], day]))
        assert page.status_code == 200


def test_every_word_exists_once_and_says_who_may_read_it(told):
    words = [entry["word"] for entry in told["words"]]
    assert len(words) == len(set(words)) > 60
    readers = {reader for entry in told["words"] for reader in entry["readers"]}
    assert readers == {*told["people"], "everybody"}


def test_a_second_call_makes_a_second_world_beside_the_first():
    first = seeded()
    before = {user.pk: user.password for user in User.objects.all()}
    second = seeded()
    assert {entry["word"] for entry in first["words"]} & {entry["word"] for entry in second["words"]} == set()
    assert User.objects.count() == 18
    assert {user.pk: user.password for user in User.objects.filter(pk__in=before)} == before


def test_it_works_beside_demo_data(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    call_command("demo", stdout=StringIO())
    assert seeded()["people"]["administrator"]["role"] == Role.ADMIN


def test_it_is_refused_in_production(settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="this is a production installation"):
        seeded()
    assert not User.objects.exists()
