"""Patients: search, registration at the desk, contact data."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, User
from clinic import numbers, services
from clinic.models import Patient
from clinic.tests.factories import CareRelationshipFactory, PatientFactory


def url(name, *args):
    return reverse(f"clinic:patient-{name}", args=args)


def filled(**more):
    return {"name": "Mina Alvarez", "birth_date": "1980-05-17", "gender": "female"} | more


def names(client, **query):
    return [patient.name for patient in client.get(url("list"), query).context["page_obj"]]


def test_reception_registers_somebody_who_walked_in(as_reception, receptionist):
    answer = as_reception.post(url("create"), filled(phone="+49 30 12345678", address="1 Lane"), follow=True)
    patient = Patient.objects.get()
    assert answer.redirect_chain == [(url("detail", patient.pk), 302)]
    assert patient.number in answer.content.decode()
    assert numbers.as_number(patient.number) == patient.number
    assert (patient.user, patient.phone.as_e164, patient.address) == (None, "+493012345678", "1 Lane")
    event = AuditEvent.objects.get(action="patient.registered")
    assert (event.actor_id, event.patient_id, event.detail) == (receptionist.pk, patient.pk, {})


def test_a_gender_that_is_left_out_is_not_stated_and_one_that_is_there_stays(as_reception):
    as_reception.post(url("create"), {"name": "Mina Alvarez", "birth_date": "1980-05-17"})
    patient = Patient.objects.get()
    assert patient.gender == "unknown"
    Patient.objects.update(gender="female")
    as_reception.post(url("edit", patient.pk), {"name": "Mina Alvarez", "birth_date": "1980-05-17"})
    patient.refresh_from_db()
    assert patient.gender == "female"


@pytest.mark.django_db(transaction=True)
def test_six_presses_at_the_desk_are_one_patient(as_reception):
    def press(_number):
        client = Client()
        client.cookies = as_reception.cookies
        try:
            answer = client.post(url("create"), filled())
            return answer.status_code, answer.headers.get("Location")
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        answers = set(pool.map(press, range(6)))
    patient = Patient.objects.get()
    assert (302, url("detail", patient.pk)) in answers
    assert answers <= {(302, url("detail", patient.pk)), (200, None)}


def test_a_person_of_the_same_name_who_is_ticked_as_different_is_another_one_at_once(as_reception):
    as_reception.post(url("create"), filled())
    as_reception.post(url("create"), filled(different="on"))
    assert Patient.objects.count() == 2


def test_somebody_who_may_be_registered_already_needs_a_tick(as_reception):
    there = PatientFactory(name="Mina ÁLVAREZ", birth_date=date(1980, 5, 17))
    PatientFactory(name="Mina Alvarez", birth_date=date(1999, 1, 1))
    page = as_reception.post(url("create"), filled(address="Kept words"))
    assert page.status_code == 200
    assert page.context["form"].duplicates == [(there, ["Same name and date of birth"])]
    assert there.number in page.content.decode()
    assert "Kept words" in page.content.decode()
    assert Patient.objects.count() == 2
    assert as_reception.post(url("create"), filled(different="on")).status_code == 302
    assert Patient.objects.count() == 3


def test_the_same_phone_is_noticed_too(as_reception):
    PatientFactory(name="Her Mother", phone="+493012345678")
    page = as_reception.post(url("create"), filled(phone="+49 30 12345678"))
    assert "different" in page.context["form"].errors


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("birth_date", "2999-01-01", "in the future"),
        ("birth_date", "1850-01-01", "more than 130 years ago"),
        ("birth_date", "1980-02-30", "valid date"),
        ("birth_date", "", "required"),
        ("name", "  ", "required"),
        ("name", "A\x00B", "Null characters"),
        ("phone", "call me", "not a telephone number"),
        ("email", "nobody", "valid email"),
        ("blood_group", "Z+", "not one of the available choices"),
        ("address", "x" * 501, "at most 500"),
        ("emergency_phone", "1", "not a telephone number"),
    ],
)
def test_nonsense_is_said_beside_its_field(as_reception, field, value, words):
    page = as_reception.post(url("create"), filled() | {field: value})
    assert page.status_code == 200
    assert words in str(page.context["form"].errors[field])
    assert not Patient.objects.exists()


@pytest.mark.parametrize("name", ["محمد علي", "Zoë 🌻 O’Neill", "अमित शर्मा", "Cher", "<b>Bold</b>"])
def test_names_are_kept_as_people_write_them(as_reception, name):
    as_reception.post(url("create"), filled(name=name))
    patient = Patient.objects.get()
    assert patient.name == name
    assert "<b>Bold</b>" not in as_reception.get(url("detail", patient.pk)).content.decode()


def test_today_is_a_birthday_and_tomorrow_is_not(as_reception, hospital):
    today = timezone.now().astimezone(hospital.zone).date()
    assert as_reception.post(url("create"), filled(birth_date=today.isoformat())).status_code == 302
    tomorrow = (today + timedelta(days=1)).isoformat()
    assert as_reception.post(url("create"), filled(birth_date=tomorrow)).status_code == 200


def test_reception_corrects_a_patients_data(as_reception):
    patient = PatientFactory(name="Mina Alvarz")
    as_reception.post(url("edit", patient.pk), filled(died_on="2020-01-01"))
    patient.refresh_from_db()
    assert (patient.name, patient.died_on) == ("Mina Alvarez", date(2020, 1, 1))
    assert User.objects.get(pk=patient.user.pk).name == "Mina Alvarez"
    event = AuditEvent.objects.get(action="patient.changed")
    assert (event.patient_id, event.detail) == (patient.pk, {"changed": ["name", "gender", "died_on"]})


@pytest.mark.parametrize(
    ("died_on", "words"), [("2999-01-01", "in the future"), ("1970-01-01", "before the date of birth")]
)
def test_nobody_dies_before_birth_or_tomorrow(as_reception, died_on, words):
    patient = PatientFactory()
    page = as_reception.post(url("edit", patient.pk), filled(died_on=died_on))
    assert words in str(page.context["form"].errors["died_on"])


def test_the_address_of_an_account_is_not_reception_s_to_change(as_reception):
    patient = PatientFactory(user__email="mina@example.org")
    as_reception.post(url("edit", patient.pk), filled(email="other@example.org"))
    patient.refresh_from_db()
    assert (patient.email, patient.contact_email) == ("", "mina@example.org")


def test_staff_see_all_patients_and_doctors_those_they_treat(as_reception, as_admin, as_doctor, doctor):
    treated = CareRelationshipFactory(doctor=doctor, patient__name="Treated Person").patient
    former = CareRelationshipFactory(doctor=doctor, until=timezone.now(), patient__name="Former Person").patient
    stranger = CareRelationshipFactory(patient__name="Strange Person").patient
    everybody = ["Former Person", "Strange Person", "Treated Person"]
    assert names(as_reception) == everybody
    assert names(as_admin) == everybody
    assert names(as_doctor) == ["Treated Person"]
    assert names(as_doctor, q="Person") == ["Treated Person"]
    assert names(as_doctor, q=stranger.number) == []
    assert as_doctor.get(url("detail", treated.pk)).status_code == 200
    for hidden in (former, stranger):
        assert as_doctor.get(url("detail", hidden.pk)).status_code == 404
        assert as_reception.get(url("detail", hidden.pk)).status_code == 200


def test_patients_have_no_business_in_the_list(as_patient, patient, client):
    for address in (url("list"), url("detail", patient.pk), url("create"), url("edit", patient.pk)):
        assert as_patient.get(address).status_code == 403
        assert client.get(address).status_code == 302
        assert client.post(address, filled()).status_code == 302


def test_doctors_do_not_change_contact_data(as_doctor, doctor):
    patient = CareRelationshipFactory(doctor=doctor).patient
    assert as_doctor.get(url("edit", patient.pk)).status_code == 403
    assert as_doctor.post(url("edit", patient.pk), filled()).status_code == 403
    assert as_doctor.get(url("create")).status_code == 403


def test_the_list_is_searched_in_the_address(as_reception):
    PatientFactory(name="José García")
    PatientFactory(name="Anna Lena")
    assert names(as_reception, q="jose") == ["José García"]
    assert names(as_reception, q="nobody at all") == []
    assert names(as_reception, q="x" * 200) == []
    assert "Nobody found" in as_reception.get(url("list"), {"q": "zzz"}).content.decode()


def test_pages_keep_the_search(as_reception):
    PatientFactory.create_batch(30, name="Same Name")
    page = as_reception.get(url("list"), {"q": "same", "page": "2"})
    assert len(page.context["page_obj"]) == 5
    assert "?q=same&amp;page=1" in page.content.decode()


def test_a_number_that_is_taken_is_drawn_again(admin, monkeypatch):
    taken = PatientFactory(number="K7M-2QX-94B").number
    drawn = iter([taken, taken, "B7M-2QX-94K"])
    monkeypatch.setattr(services.patients, "new_number", lambda: next(drawn))
    patient = services.register_patient(name="New", birth_date=date(1990, 1, 1), by=admin)
    assert patient.number == "B7M-2QX-94K"


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_however_long(rows, as_reception, django_assert_max_num_queries):
    PatientFactory.create_batch(rows)
    with django_assert_max_num_queries(15):  # 11 where no index of trigrams is asked
        as_reception.get(url("list"), {"q": "patient"})
