"""Patients register themselves."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.urls import reverse

from accounts import services as accounts
from accounts.models import Consent, Message, Role, User
from accounts.tests.factories import UserFactory
from clinic import services
from clinic.models import Patient

PASSWORD = "long enough to be safe"


def filled(**more):
    return {
        "name": "Mina Alvarez",
        "email": "Mina@Example.org",
        "birth_date": "1980-05-17",
        "gender": "female",
        "phone": "+49 30 12345678",
        "password1": PASSWORD,
        "password2": PASSWORD,
        "accept_privacy": "on",
    } | more


def register(client, **more):
    return client.post(reverse("account_signup"), filled(**more))


def test_account_and_patient_are_made_together(client, db):
    answer = register(client)
    assert answer.status_code == 302
    user = User.objects.get()
    assert (user.email, user.name, user.role) == ("mina@example.org", "Mina Alvarez", Role.PATIENT)
    assert user.has_perm("records.read_chart")
    patient = Patient.objects.get()
    assert (patient.user, patient.name, patient.phone.as_e164) == (user, "Mina Alvarez", "+493012345678")
    assert str(patient.birth_date) == "1980-05-17"
    assert not user.emailaddress_set.get().verified
    assert [message.address for message in Message.objects.all()] == ["mina@example.org"]


def test_what_is_optional_may_stay_empty(client, db):
    register(client, phone="", gender="")
    assert (str(Patient.objects.get().phone), Patient.objects.get().gender) == ("", "unknown")


def test_an_address_too_long_for_its_column_is_said_beside_it(client, db):
    answer = register(client, email=f"{'a' * 260}@example.org")
    assert answer.context["form"].errors == {"email": ["An e-mail address has at most 254 characters."]}
    assert not User.objects.exists()
    assert not Message.objects.exists()


def test_a_name_that_no_line_can_hold_is_said_beside_it(client, db):
    answer = register(client, name="Mina\nAlvarez\x07")
    assert answer.context["form"].errors == {"name": ["This holds characters that cannot be shown."]}
    assert not Message.objects.exists()


def test_a_known_address_looks_like_a_new_one_and_makes_nobody(client, db):
    fresh = register(client)
    other = register(client, name="Somebody Else", birth_date="1999-01-01")
    assert (other.status_code, other.url) == (fresh.status_code, fresh.url)
    assert (User.objects.count(), Patient.objects.count()) == (1, 1)
    assert Patient.objects.get().name == "Mina Alvarez"


def test_the_address_of_staff_is_not_given_away_either(client, db):
    UserFactory(email="mina@example.org", role=Role.RECEPTION)
    assert register(client).status_code == 302
    assert (User.objects.count(), Patient.objects.count()) == (1, 0)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "required"),
        ("name", "x" * 201, "at most 200"),
        ("email", "nobody", "valid email"),
        ("birth_date", "2999-01-01", "in the future"),
        ("birth_date", "1850-01-01", "130 years"),
        ("birth_date", "30.2.1980", "valid date"),
        ("gender", "dragon", "not one of the available choices"),
        ("phone", "call me", "not a telephone number"),
        ("password1", "short", "too short"),
        ("password2", "something else entirely", "same password"),
    ],
)
def test_errors_stand_beside_their_field_and_nothing_typed_is_lost(client, db, field, value, words):
    page = register(client, **{field: value})
    assert page.status_code == 200
    assert words in str(page.context["form"].errors[field])
    for name, typed in filled().items():
        if name != field and not name.startswith(("password", "accept")):
            assert page.context["form"][name].value() == typed
    assert not User.objects.exists()


def test_no_account_is_left_behind_when_the_patient_cannot_be_made(client, db, monkeypatch):
    def fail(**fields):
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(services, "register_patient", fail)
    with pytest.raises(DatabaseError):
        register(client)
    assert not User.objects.exists()
    assert not Message.objects.exists()


def test_two_at_the_same_moment_are_one(client, db, monkeypatch):
    UserFactory(email="mina@example.org")
    monkeypatch.setattr("allauth.account.forms.flows.manage_email.email_already_exists", lambda email: (email, False))
    assert register(client).status_code == 302
    assert (User.objects.count(), Patient.objects.count()) == (1, 0)


@pytest.mark.django_db(transaction=True)
def test_a_double_click_registers_once():
    def press(_number):
        try:
            return register(Client()).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(press, range(6)))
    assert answers == [302] * 6
    assert (User.objects.count(), Patient.objects.count()) == (1, 1)


def test_the_privacy_notice_must_be_accepted_and_says_so_beside_its_box(client, db):
    page = register(client, accept_privacy="")
    assert page.context["form"].errors == {
        "accept_privacy": ["Without the privacy notice there is no account. Please read and accept it."]
    }
    assert not User.objects.exists()


def test_what_is_agreed_to_is_kept_with_its_version_and_nothing_is_ticked_beforehand(client, db):
    page = client.get(reverse("account_signup"))
    assert 'type="checkbox"' in page.text
    assert "checked" not in page.text
    register(client, consent_reminders_email="on")
    user = User.objects.get()
    answers = Consent.objects.filter(user=user).order_by("pk").values_list("text__kind", "text__number", "given", "how")
    assert list(answers) == [
        ("privacy", 1, True, "registration"),
        ("reminders_email", 1, True, "registration"),
    ]


def test_words_that_change_while_somebody_types_are_asked_again_and_nothing_typed_is_lost(client, db):
    shown = client.get(reverse("account_signup")).context["form"]["consent_texts"].value()
    draft = accounts.save_draft("privacy", text="Other words.", note="", is_correction=False, by=None)
    accounts.publish("privacy", revision=draft.revision, by=None)
    page = register(client, consent_texts=shown, consent_data_use="on")
    form = page.context["form"]
    assert "has changed while you were reading" in page.text
    assert not User.objects.exists()
    assert (form["name"].value(), form["email"].value()) == ("Mina Alvarez", "Mina@Example.org")
    assert not form["accept_privacy"].value()
    assert not form["consent_data_use"].value()
    register(client, consent_texts=form["consent_texts"].value())
    assert Consent.objects.get(user=User.objects.get()).text.number == 2
