"""A patient leaves for good: the account is closed, contact data go, the record stays."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import audit
from accounts import services as accounts
from accounts.models import AuditEvent, Message, MessageState, Role, User
from accounts.services import AccountConflict, AccountRefused, delivery
from accounts.tests.factories import PASSWORD, MessageFactory, UserFactory
from clinic import services
from clinic.models import Answer, GuardianRequest, Guardianship, Kind, Origin, Patient, Scope
from clinic.services import ClinicConflict, ClinicRefused
from clinic.services.closing import CONTACT
from clinic.tests.factories import ClaimFactory, GuardianshipFactory, PatientFactory
from clinic.views.closing import TRIES

pytestmark = pytest.mark.django_db
CLOSE, CLOSED = reverse("clinic:profile-close"), reverse("clinic:profile-closed")
SURE = {"password": PASSWORD, "final": "on"}
REACHED = {
    "phone": "+442079460301",
    "address": "Street 1",
    "emergency_name": "Ann",
    "emergency_phone": "+442079460302",
}


@pytest.fixture
def patient(db):
    return PatientFactory(user__email="mina@example.org", user__name="Mina Alvarez", name="Mina Alvarez", **REACHED)


def close_page(patient):
    return reverse("clinic:patient-close", args=[patient.pk])


def test_the_page_names_what_goes_and_what_stays_and_asks_for_the_password(as_patient, patient):
    page = as_patient.get(CLOSE).text
    assert "cannot be undone" in page
    assert patient.number in page
    assert as_patient.post(CLOSE, {"password": ""}).context["form"].errors.keys() == {"password", "final"}
    wrong = as_patient.post(CLOSE, SURE | {"password": "wrong"})
    assert wrong.context["form"].errors.keys() == {"password"}
    patient.user.refresh_from_db()
    assert not patient.user.is_closed


def test_closing_forgets_how_to_reach_somebody_and_keeps_who_it_was(as_patient, patient):
    account = patient.user
    answer = as_patient.post(CLOSE, SURE)
    assert (answer.status_code, answer.url) == (302, CLOSED)
    assert "closed" in as_patient.get(CLOSED).text
    fresh = Patient.objects.get(pk=patient.pk)
    assert (fresh.name, fresh.number, fresh.birth_date) == (patient.name, patient.number, patient.birth_date)
    assert fresh.user is None
    assert fresh.left_at is not None
    assert [str(getattr(fresh, name)) for name in CONTACT] == [""] * len(CONTACT)
    account.refresh_from_db()
    assert (account.email, account.name) == (f"closed-{account.pk}@closed.invalid", "Closed account")
    assert "mina" not in account.search + fresh.search.replace("mina alvarez", "")
    assert (account.is_active, account.is_closed, account.has_usable_password()) == (False, True, False)
    assert not EmailAddress.objects.filter(user=account).exists()


def test_every_session_ends_and_nobody_signs_in_again(as_patient, patient, client):
    other = Client()
    other.force_login(patient.user)
    as_patient.post(CLOSE, SURE)
    assert other.get(reverse("clinic:profile-edit")).status_code == 302
    assert as_patient.get(reverse("clinic:profile-edit")).status_code == 302
    answer = client.post(reverse("account_login"), {"login": "mina@example.org", "password": PASSWORD})
    assert answer.status_code == 200
    assert "_auth_user_id" not in client.session


def test_the_address_is_free_for_a_new_account(as_patient, patient):
    as_patient.post(CLOSE, SURE)
    again = accounts.register(email="mina@example.org", name="Mina Alvarez", password=PASSWORD)
    assert again.pk != patient.user.pk


def test_it_is_on_record_by_name_without_the_data_that_went(as_patient, patient):
    as_patient.post(CLOSE, SURE)
    closed, left = (AuditEvent.objects.get(action=f"{what}.closed") for what in ("account", "patient"))
    assert (closed.actor_name, closed.target_label, left.patient_id) == ("Mina Alvarez", "Mina Alvarez", patient.pk)
    assert sorted(left.detail["removed"]) == ["address", "emergency_name", "emergency_phone", "phone"]
    assert "Street 1" not in str(left.detail)


def test_a_last_mail_says_so_and_its_address_goes_with_it(as_patient, patient, mailoutbox):
    as_patient.post(CLOSE, SURE)
    message = Message.objects.get(kind="account.closed")
    assert (message.address, message.recipient) == ("mina@example.org", None)
    delivery.sweep()
    assert [mail.to for mail in mailoutbox] == [["mina@example.org"]]
    assert "Hello Mina Alvarez" in mailoutbox[0].body
    message.refresh_from_db()
    assert (message.state, message.address, message.recipient_name, message.text) == (MessageState.SENT, "", "", "")


def test_a_last_mail_that_did_not_arrive_is_emptied_when_somebody_deals_with_it(as_patient, patient, receptionist):
    as_patient.post(CLOSE, SURE)
    Message.objects.filter(kind="account.closed").update(state=MessageState.GIVEN_UP)
    accounts.close(Message.objects.get(kind="account.closed"), note="Called", by=receptionist)
    message = Message.objects.get(kind="account.closed")
    assert (message.address, message.text) == ("", "")


def test_mails_are_emptied_and_what_is_not_out_stays_in(as_patient, patient, mailoutbox):
    sent = MessageFactory(recipient=patient.user, address="mina@example.org", state=MessageState.SENT)
    due = MessageFactory(recipient=patient.user, address="mina@example.org", attachments=[{"name": "a"}])
    strangers = MessageFactory(recipient=UserFactory())
    as_patient.post(CLOSE, SURE)
    for message, state in ((sent, MessageState.SENT), (due, MessageState.OBSOLETE)):
        message.refresh_from_db()
        assert (message.state, message.address, message.text, message.attachments) == (state, "", "", [])
        assert message.subject == "Your visit"
    strangers.refresh_from_db()
    assert strangers.text


@pytest.mark.parametrize("who", ["as_doctor", "as_reception", "as_admin"])
def test_doctors_and_staff_do_not_close_themselves(who, request):
    client = request.getfixturevalue(who)
    assert client.get(CLOSE).status_code == 403
    assert client.post(CLOSE, SURE).status_code == 403


def test_accounts_of_staff_are_blocked_and_not_closed(admin):
    for role in (Role.DOCTOR, Role.RECEPTION, Role.ADMIN):
        with pytest.raises(AccountRefused):
            accounts.close_account(UserFactory(role=role), by=admin)


def test_passwords_are_not_tried_without_end(as_patient, patient):
    answers = [as_patient.post(CLOSE, SURE | {"password": "x"}).status_code for _try in range(TRIES + 1)]
    assert answers == [200] * TRIES + [429]
    assert as_patient.post(CLOSE, SURE).status_code == 429
    patient.user.refresh_from_db()
    assert not patient.user.is_closed


def test_an_administrator_closes_on_request_with_a_reason(as_admin, admin, patient):
    assert "last mail" in as_admin.get(close_page(patient)).text
    assert as_admin.post(close_page(patient), {"reason": " "}).context["form"].errors.keys() == {"reason"}
    answer = as_admin.post(close_page(patient), {"reason": "Letter of 3 March"})
    assert answer.url == reverse("clinic:patient-detail", args=[patient.pk])
    event = AuditEvent.objects.get(action="patient.closed")
    assert (event.actor_id, event.detail["reason"]) == (admin.pk, "Letter of 3 March")
    page = as_admin.get(reverse("clinic:patient-detail", args=[patient.pk])).text
    assert "The record stays." in page
    assert close_page(patient) not in page
    assert as_admin.post(close_page(patient), {"reason": "Again"}).status_code == 409
    account = as_admin.get(reverse("accounts:user-detail", args=[patient.user_id])).text
    assert "Closed for good" in account
    assert "/block/" not in account
    closed = as_admin.get(reverse("accounts:user-list"), {"state": "closed"})
    assert [user.pk for user in closed.context["page_obj"]] == [patient.user_id]


def test_contact_data_of_somebody_without_an_account_go_the_same_way(as_admin, mailoutbox):
    walkin = PatientFactory(user=None, email="walkin@example.org", **REACHED)
    claim = ClaimFactory(patient=walkin)
    MessageFactory(about_type="clinic.claim", about_id=claim.pk, address="walkin@example.org")
    as_admin.post(close_page(walkin), {"reason": "Letter"})
    walkin.refresh_from_db()
    claim.refresh_from_db()
    assert [str(getattr(walkin, name)) for name in CONTACT] == [""] * len(CONTACT)
    assert (claim.email, claim.state) == ("", "revoked")
    delivery.sweep()
    assert mailoutbox == []
    assert not Message.objects.filter(address__contains="walkin").exists()


@pytest.mark.parametrize("who", ["as_doctor", "as_reception", "as_patient"])
def test_only_administrators_close_for_others(who, request, patient):
    assert request.getfixturevalue(who).get(close_page(patient)).status_code == 403


def test_a_link_that_was_used_stays_used_when_its_owner_leaves(as_admin, admin, patient):
    ClaimFactory(patient=patient, email="mina@example.org", used_at=timezone.now(), account=patient.user)
    services.close_patient(patient, by=admin, reason="Letter")
    page = as_admin.get(reverse("clinic:patient-detail", args=[patient.pk])).text
    assert "Has another record" not in page


def test_a_closed_account_is_changed_and_opened_by_nobody(patient, admin):
    services.close_patient(patient, by=admin, reason="Letter")
    account = User.objects.get(pk=patient.user_id)
    for act in (
        lambda: accounts.block(account, reason="x", by=admin),
        lambda: accounts.unblock(account, reason="x", by=admin),
        lambda: accounts.rename(account, name="x", by=admin),
        lambda: accounts.set_groups(account, groups=[], by=admin),
        lambda: accounts.close_account(account, by=admin),
    ):
        with pytest.raises(AccountConflict):
            act()
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=account.pk).update(is_active=True)


def test_a_blocked_account_can_be_closed_and_stays_closed(patient, admin):
    accounts.block(patient.user, reason="x", by=admin)
    services.close_patient(patient, by=admin, reason="Letter")
    with pytest.raises(AccountConflict):
        accounts.unblock(User.objects.get(pk=patient.user_id), reason="x", by=admin)


@pytest.mark.parametrize("reason", ["", "   ", "x" * 301])
def test_without_a_reason_nobody_closes_for_somebody_else(patient, admin, reason):
    with pytest.raises(ClinicRefused):
        services.close_patient(patient, by=admin, reason=reason)
    patient.refresh_from_db()
    assert patient.user is not None


def test_if_it_cannot_be_written_down_nothing_is_closed(patient, monkeypatch, admin):
    def broken(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(audit, "record", broken)
    with pytest.raises(RuntimeError):
        services.close_patient(patient, by=admin, reason="Letter")
    fresh = Patient.objects.get(pk=patient.pk)
    assert (fresh.user_id, fresh.address) == (patient.user_id, "Street 1")


def test_who_comes_back_gets_the_record_by_a_link(patient, admin, receptionist):
    services.close_patient(patient, by=admin, reason="Letter")
    back = services.update_patient(patient, by=receptionist, email="mina@example.org")
    claim = services.send_claim(back, by=receptionist)
    assert claim.created_at - timezone.now() < timedelta(seconds=5)


def test_who_leaves_acts_for_nobody_any_more_and_the_page_says_so(as_patient, patient):
    ward = GuardianshipFactory(guardian=patient.user, patient__name="Wilma Ward")
    assert "Wilma Ward" in as_patient.get(CLOSE).text
    as_patient.post(CLOSE, SURE)
    ward.refresh_from_db()
    assert ward.ended_at is not None
    ended = AuditEvent.objects.get(action="guardianship.ended")
    assert (ended.patient_id, ended.actor_id) == (ward.patient_id, ward.guardian_id)


def test_an_administrator_reads_for_whom_nobody_acts_then(as_admin, patient):
    GuardianshipFactory(guardian=patient.user, patient__name="Wilma Ward")
    assert "Wilma Ward" in as_admin.get(close_page(patient)).text
    assert as_admin.post(close_page(patient), {"reason": "Letter"}).status_code == 302
    assert not Guardianship.objects.current().exists()


def test_whom_the_patient_asked_reads_no_more_and_a_parent_stays(patient, admin):
    asked = GuardianshipFactory(patient=patient)
    until = timezone.now() + timedelta(days=365)
    parent = GuardianshipFactory(patient=patient, kind=Kind.PARENT, origin=Origin.ADDED, until=until)
    services.close_patient(patient, by=admin, reason="Letter")
    assert list(Guardianship.objects.current()) == [parent]
    told = Message.objects.get(kind="guardianship.ended", recipient=asked.guardian)
    assert told.address == asked.guardian.email


def test_requests_to_guardians_are_answered_and_their_addresses_go(patient, admin):
    other = PatientFactory()
    services.ask_guardian(patient, email="aunt@example.org", scope=Scope.READ, by=patient.user)
    services.ask_guardian(other, email="mina@example.org", scope=Scope.BOOK, by=other.user)
    services.close_patient(patient, by=admin, reason="Letter")
    made, received = GuardianRequest.objects.get(patient=patient), GuardianRequest.objects.get(patient=other)
    assert (made.answer, made.address, received.answer) == (Answer.WITHDRAWN, "", Answer.DECLINED)
    assert not Message.objects.filter(kind="guardianship.asked").exclude(address="").exists()
    assert Message.objects.get(kind="guardianship.declined").recipient == other.user


@pytest.mark.slow
def test_a_double_press_closes_once(transactional_db):
    patient, admin = PatientFactory(**REACHED), UserFactory(role=Role.ADMIN)

    def press(_number):
        try:
            return services.close_patient(patient, by=admin, reason="Letter")
        except ClinicConflict:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(press, range(4)))
    assert len([one for one in done if one]) == 1
    assert Message.objects.filter(kind="account.closed").count() == 1
