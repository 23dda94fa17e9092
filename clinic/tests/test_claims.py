"""A patient whom reception has registered makes an account: link, date of birth, password."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, Message, MessageState, Role, User
from accounts.services import AccountRefused, delivery
from accounts.tests.factories import PASSWORD, UserFactory
from clinic import services
from clinic.models import Claim, Hospital, Kind, Patient
from clinic.services import ClaimGone, ClinicConflict, ClinicRefused, WrongBirthDate
from clinic.tests.factories import ClaimFactory, GuardianshipFactory, PatientFactory
from clinic.views.claims import MOST
from hms.lib.masking import masked

pytestmark = pytest.mark.django_db
ASK = reverse("clinic:claim-ask")
BORN = date(1980, 5, 17)


@pytest.fixture
def walkin(db):
    return PatientFactory(user=None, name="Mina Alvarez", email="Mina@Example.org", birth_date=BORN)


def send(patient):
    return reverse("clinic:claim-send", args=[patient.pk])


def page_of(patient):
    return reverse("clinic:patient-detail", args=[patient.pk])


def link():
    text = Message.objects.filter(kind="claim.link").latest("pk").text
    return re.search(r"http://127\.0\.0\.1:8000(/claim/accept/\S+/)", text).group(1)


def token():
    return link().split("/")[-2]


def claim(client, path, birth_date="1980-05-17", password=PASSWORD):
    return client.post(path, {"birth_date": birth_date, "password1": password, "password2": password})


def test_reception_sends_a_link_and_the_patient_has_account_and_visits(as_reception, receptionist, walkin, client):
    assert "Send a link to an account" in as_reception.get(page_of(walkin)).text
    assert as_reception.post(send(walkin)).url == page_of(walkin)
    message = Message.objects.get()
    assert (message.address, message.secret, message.recipient) == ("mina@example.org", True, None)
    assert Claim.objects.get().sent_by == receptionist
    page = as_reception.get(page_of(walkin)).text
    assert "to mina@example.org" in page
    path = link()
    assert "mina@example.org" in client.get(path).text
    assert "Mina" not in client.get(path).text
    answer = claim(client, path)
    assert (answer.status_code, answer.url) == (302, "/")
    walkin.refresh_from_db()
    user = walkin.user
    assert (user.email, user.name, user.role, walkin.email) == ("mina@example.org", "Mina Alvarez", Role.PATIENT, "")
    assert [group.name for group in user.groups.all()] == ["Patients"]
    assert EmailAddress.objects.get(user=user).verified
    assert client.session["_auth_user_id"] == str(user.pk)
    assert client.get(reverse("records:chart-detail", args=[walkin.pk])).status_code == 200
    actions = AuditEvent.objects.filter(patient_id=walkin.pk).order_by("pk").values_list("action", flat=True)
    assert list(actions)[:2] == ["claim.sent", "claim.accepted"]
    assert "Used" in as_reception.get(page_of(walkin)).text


def test_a_link_is_kept_as_a_hash_alone_and_masked_in_logs(walkin, receptionist):
    services.send_claim(walkin, by=receptionist)
    assert token() not in str(Claim.objects.values())
    assert token() not in masked(link())


def test_a_double_click_is_one_link_and_sending_again_ends_the_first(walkin, receptionist, client):
    services.send_claim(walkin, by=receptionist)
    first = link()
    services.send_claim(walkin, by=receptionist)
    assert Message.objects.count() == 1
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        services.send_claim(walkin, by=receptionist)
        assert client.get(first).status_code == 404
        assert client.get(link()).status_code == 200


def test_a_link_taken_back_opens_nothing_and_its_mail_is_not_sent(walkin, as_reception, client, mailoutbox):
    as_reception.post(send(walkin))
    assert client.get(link()).status_code == 200
    assert as_reception.post(reverse("clinic:claim-revoke", args=[walkin.pk])).status_code == 302
    assert claim(client, link()).status_code == 404
    assert as_reception.post(reverse("clinic:claim-revoke", args=[walkin.pk])).status_code == 409
    delivery.sweep()
    assert (len(mailoutbox), Message.objects.get().state) == (0, MessageState.OBSOLETE)
    assert "Taken back" in as_reception.get(page_of(walkin)).text


def test_a_link_runs_out_works_once_and_dies_with_a_new_address(walkin, receptionist, client):
    services.send_claim(walkin, by=receptionist)
    path = link()
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
        assert client.get(path).status_code == 404
    services.update_patient(walkin, by=receptionist, email="other@example.org")
    assert client.get(path).status_code == 404
    services.update_patient(walkin, by=receptionist, email="mina@example.org")
    assert claim(client, path).status_code == 302
    again = claim(Client(), path)
    assert again.status_code == 404
    assert "works once" in again.text
    assert User.objects.filter(role=Role.PATIENT).count() == 1


@pytest.mark.parametrize("path", ["nothing", "a" * 43, "é"])
def test_a_link_that_was_never_one_says_so(client, path):
    answer = client.get(f"/claim/accept/{path}/")
    assert answer.status_code == 404
    assert "does not work any more" in answer.text


def test_five_wrong_dates_of_birth_close_the_link_and_staff_are_told(walkin, receptionist, client, as_reception):
    services.send_claim(walkin, by=receptionist)
    path = link()
    for left in (4, 3, 2, 1):
        answer = claim(client, path, "1980-05-18")
        assert answer.status_code == 200
        assert f"{left} tr" in answer.context["form"].errors["birth_date"][0]
    last = claim(client, path, "1980-05-18")
    assert last.status_code == 409
    assert "last try" in last.text
    assert claim(client, path).status_code == 404
    told = Message.objects.get(kind="claim.locked")
    assert (told.recipient, walkin.number in told.text, walkin.name in told.text) == (receptionist, True, False)
    assert AuditEvent.objects.get(action="claim.locked").patient_id == walkin.pk
    assert "Closed after wrong dates of birth" in as_reception.get(page_of(walkin)).text
    walkin.refresh_from_db()
    assert walkin.user is None


def test_after_that_only_staff_send_another_link(walkin, receptionist, client):
    services.send_claim(walkin, by=receptionist)
    for _try in range(5):
        claim(client, link(), "1980-05-18")
    services.ask_for_claim(email="mina@example.org")
    assert Message.objects.filter(kind="claim.link").count() == 1
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        services.send_claim(walkin, by=receptionist)
        assert claim(client, link()).status_code == 302


def test_without_a_sender_the_hospital_or_its_administrators_are_told(walkin, admin, client):
    services.ask_for_claim(email="mina@example.org")
    for _try in range(5):
        claim(client, link(), "1980-05-18")
    assert Message.objects.get(kind="claim.locked").recipient == admin
    Hospital.objects.update(email="desk@hospital.example")
    other = PatientFactory(user=None, email="other@example.org")
    services.ask_for_claim(email="other@example.org")
    for _try in range(5):
        claim(client, link(), "1981-05-18")
    assert Message.objects.filter(kind="claim.locked").latest("pk").address == "desk@hospital.example"
    assert other.claims.get().state == "locked"


def test_a_weak_password_stands_beside_its_field_and_costs_no_try(walkin, receptionist, client):
    services.send_claim(walkin, by=receptionist)
    answer = claim(client, link(), password="password123")
    assert answer.context["form"].errors.keys() == {"password1"}
    assert Claim.objects.get().tries == 0
    assert claim(client, link()).status_code == 302


@pytest.mark.parametrize("born", ["", "2999-01-01", "0001-01-01", "2026-02-30", "x" * 5000, "a\0b"])
def test_what_is_no_date_of_birth_costs_no_try(walkin, receptionist, client, born):
    services.send_claim(walkin, by=receptionist)
    assert claim(client, link(), born).context["form"].errors.keys() == {"birth_date"}
    assert Claim.objects.get().tries == 0


def test_who_has_an_account_already_is_told_so_and_the_hospital_joins_the_records(
    walkin, receptionist, as_reception, client
):
    own = PatientFactory(user__email="mina@example.org", name="Mina Alvarez")
    services.send_claim(walkin, by=receptionist)
    page = client.get(link())
    assert "two records" in page.text
    assert "password1" not in page.text
    assert client.post(link(), {"birth_date": "1980-05-18"}).context["form"].errors.keys() == {"birth_date"}
    assert "joins your records" in client.post(link(), {"birth_date": "1980-05-17"}).text
    walkin.refresh_from_db()
    assert (walkin.user, walkin.email) == (None, "Mina@Example.org")
    assert "_auth_user_id" not in client.session
    event = AuditEvent.objects.get(action="claim.duplicate")
    assert (event.patient_id, event.detail) == (walkin.pk, {"account": own.user_id})
    assert own.number in Message.objects.get(kind="claim.duplicate").text
    assert own.number in as_reception.get(page_of(walkin)).text
    assert client.get(link()).status_code == 404


def test_an_address_of_staff_does_not_become_a_patients_account(walkin, receptionist, client):
    UserFactory(email="mina@example.org", role=Role.DOCTOR)
    services.send_claim(walkin, by=receptionist)
    assert "joins your records" in client.post(link(), {"birth_date": "1980-05-17"}).text
    walkin.refresh_from_db()
    assert walkin.user is None


@pytest.mark.parametrize("email", ["mina@example.org", "MINA@example.org", "nobody@example.org", "known@example.org"])
def test_the_public_page_answers_alike_whoever_is_known(walkin, client, email):
    PatientFactory(user__email="known@example.org")
    answer = client.post(ASK, {"email": email})
    assert (answer.status_code, answer.url, answer.content) == (302, reverse("clinic:claim-asked"), b"")
    expected = 1 if email.lower() == "mina@example.org" else 0
    assert Message.objects.count() == expected


def test_a_number_chooses_one_of_a_family(walkin, client):
    child = services.register_patient(
        name="Leo Alvarez", birth_date=date(2001, 1, 1), email="mina@example.org", by=None
    )
    client.post(ASK, {"email": "mina@example.org", "number": child.number.lower().replace("-", " ")})
    assert [found.patient for found in Claim.objects.all()] == [child]
    client.post(ASK, {"email": "mina@example.org", "number": "no number"})
    assert Claim.objects.count() == 1
    client.post(ASK, {"email": "mina@example.org"})
    assert set(Claim.objects.open().values_list("patient", flat=True)) == {child.pk, walkin.pk}


def test_asking_is_limited_for_an_address_in_silence_and_for_a_network_aloud(walkin, client):
    answers = [client.post(ASK, {"email": "mina@example.org"}).status_code for _time in range(MOST + 1)]
    assert answers == [302] * MOST + [429]
    assert Message.objects.count() == 3


@pytest.mark.parametrize(
    "fields",
    [{"email": ""}, {"email": "x"}, {"email": "a@b.org\nBcc: c@d.org"}, {"number": "a\0b", "email": "a@b.org"}],
)
def test_nonsense_stands_beside_its_field(client, fields):
    answer = client.post(ASK, fields)
    assert answer.status_code == 200
    assert answer.context["form"].errors


def test_who_has_an_account_or_no_address_or_died_gets_no_link(receptionist, as_reception):
    with pytest.raises(ClinicConflict):
        services.send_claim(PatientFactory(), by=receptionist)
    unreachable = PatientFactory(user=None)
    with pytest.raises(ClinicRefused):
        services.send_claim(unreachable, by=receptionist)
    assert as_reception.post(send(unreachable)).status_code == 409
    with pytest.raises(ClinicRefused):
        services.send_claim(PatientFactory(user=None, email="a@b.org", died_on=date(2020, 1, 1)), by=receptionist)
    assert not Message.objects.exists()


def test_only_the_desk_and_administrators_send_links(as_doctor, as_patient, as_admin, walkin):
    assert [client.post(send(walkin)).status_code for client in (as_doctor, as_patient, as_admin)] == [403, 403, 302]


def test_names_of_any_script_and_length_travel_in_the_mail_and_not_in_its_head(receptionist, mailoutbox):
    patient = PatientFactory(user=None, email="long@example.org", name="م" * 200)
    services.send_claim(patient, by=receptionist)
    forged = PatientFactory(user=None, email="forged@example.org", name="Eve\nBcc: all@example.org")
    services.send_claim(forged, by=receptionist)
    delivery.sweep()
    assert [mail.recipients() for mail in mailoutbox] == [["long@example.org"], ["forged@example.org"]]
    assert "م" * 200 in mailoutbox[0].body


def test_the_administration_site_shows_links_and_no_hash(as_admin):
    made = ClaimFactory()
    page = as_admin.get(reverse("admin:clinic_claim_change", args=[made.pk]))
    assert page.status_code == 200
    assert made.token_hash not in page.text
    assert as_admin.get(reverse("admin:clinic_claim_changelist"), {"q": "walkin"}).status_code == 200


def all_at_once(acts):
    gate = threading.Barrier(len(acts))

    def run(act):
        gate.wait()
        try:
            return act()
        except (ClinicRefused, AccountRefused) as refusal:
            return type(refusal)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.mark.slow
def test_one_link_used_eight_times_at_once_makes_one_account(transactional_db):
    patient = PatientFactory(user=None, email="race@example.org", birth_date=BORN)
    services.send_claim(patient, by=UserFactory(role=Role.RECEPTION))
    secret = token()
    results = all_at_once(
        [lambda: services.accept_claim(token=secret, birth_date=BORN, password=PASSWORD) for _racer in range(8)]
    )
    winners = [result for result in results if isinstance(result, User)]
    patient.refresh_from_db()
    assert winners == [patient.user]
    assert [result for result in results if result not in winners] == [ClaimGone] * 7


@pytest.mark.slow
def test_eight_wrong_guesses_at_once_are_counted_one_by_one(transactional_db):
    patient = PatientFactory(user=None, email="race@example.org", birth_date=BORN)
    services.send_claim(patient, by=UserFactory(role=Role.RECEPTION))
    secret, wrong = token(), date(1981, 1, 1)
    results = all_at_once(
        [lambda: services.accept_claim(token=secret, birth_date=wrong, password=PASSWORD) for _racer in range(8)]
    )
    assert sorted(result.__name__ for result in results) == ["ClaimGone"] * 4 + ["WrongBirthDate"] * 4
    assert Claim.objects.get().tries == 5
    assert WrongBirthDate in results


@pytest.mark.slow
def test_eight_clicks_on_send_at_once_are_one_link(transactional_db):
    patient = PatientFactory(user=None, email="race@example.org")
    by = UserFactory(role=Role.RECEPTION)
    all_at_once([lambda: services.send_claim(patient, by=by) for _racer in range(8)])
    assert (Claim.objects.count(), Message.objects.filter(kind="claim.link").count()) == (1, 1)


@pytest.mark.slow
def test_eight_equal_applications_at_once_are_one(transactional_db):
    from clinic.models import Application

    fields = {"specialization": "x", "qualification": "y", "experience_years": 1, "licence": "z"}
    all_at_once([lambda: services.apply(name="Dr Race", email="race@example.org", **fields) for _racer in range(3)])
    assert Application.objects.count() == 1


def test_nobody_becomes_a_child_by_the_address_on_its_record(as_reception, receptionist, walkin, client):
    services.send_claim(walkin, by=receptionist)
    path = link()
    Patient.objects.filter(pk=walkin.pk).update(birth_date=timezone.localdate() - timedelta(days=3650))
    assert client.get(path).status_code == 404
    page = as_reception.get(page_of(walkin)).text
    assert "Record them as guardians" in page
    assert "Send a" not in page
    assert as_reception.post(send(walkin)).status_code == 409
    client.post(ASK, {"email": walkin.email})
    assert Claim.objects.count() == 1


def test_who_was_a_child_here_gets_a_link_from_the_desk_alone(as_reception, walkin, client):
    GuardianshipFactory(patient=walkin, kind=Kind.PARENT, until=timezone.now() + timedelta(days=1))
    client.post(ASK, {"email": walkin.email})
    assert not Claim.objects.exists()
    as_reception.post(send(walkin))
    assert Claim.objects.count() == 1
