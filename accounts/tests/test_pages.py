"""The pages of accounts: who may open them, what they find, what they never show."""

import pytest
import time_machine
from django.apps import apps
from django.urls import reverse

from accounts import audit, services
from accounts.models import AuditEvent, Message, MessageState, Role, User
from accounts.tests.factories import MessageFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return UserFactory(role=Role.ADMIN, name="Alma Head")


@pytest.fixture
def as_admin(admin, client):
    client.force_login(admin)
    return client


@pytest.fixture
def as_reception(client):
    client.force_login(UserFactory(role=Role.RECEPTION))
    return client


def found(page):
    return list(page.context["page_obj"].object_list)


# Accounts


def test_accounts_are_found_by_name_address_role_and_state(as_admin, admin):
    ada = UserFactory(name="Ada Müller", role=Role.DOCTOR)
    bob = UserFactory(name="Bob", email="bob@clinic.example")
    services.block(bob, reason="Left", by=admin)
    invited = services.invite(email="n@example.org", name="Nora", role=Role.RECEPTION, by=admin)
    url = reverse("accounts:user-list")
    for query, expected in [
        ({"q": "muller"}, [ada]),
        ({"q": "CLINIC.example"}, [bob]),
        ({"role": "doctor"}, [ada]),
        ({"state": "blocked"}, [bob]),
        ({"state": "invited"}, [invited]),
        ({"state": "active"}, [ada, admin]),
        ({"q": "nobody at all"}, []),
        ({"page": "x", "sort": "odd", "size": "7"}, [ada, admin, bob, invited]),
        ({"role": "king", "state": "odd"}, []),
        ({"q": "\x01' OR 1=1 --"}, []),
    ]:
        page = as_admin.get(url, query)
        assert (page.status_code, found(page)) == (200, expected), query


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_accounts_costs_the_same_however_long(rows, as_admin, django_assert_max_num_queries):
    UserFactory.create_batch(rows)
    with django_assert_max_num_queries(9):
        as_admin.get(reverse("accounts:user-list"))


def test_the_list_of_accounts_is_cut_into_pages(as_admin):
    UserFactory.create_batch(30)
    assert len(found(as_admin.get(reverse("accounts:user-list")))) == 25
    assert len(found(as_admin.get(reverse("accounts:user-list"), {"page": 2}))) == 6


def test_an_account_shows_its_history_and_its_reason(as_admin, admin):
    user = UserFactory(name="Bob <b>")
    services.block(user, reason="Lost <i>phone", by=admin)
    page = as_admin.get(reverse("accounts:user-detail", args=[user.pk])).content.decode()
    assert "Bob &lt;b&gt;" in page
    assert "Lost &lt;i&gt;phone" in page
    assert "Account blocked" in page
    assert as_admin.get(reverse("accounts:user-detail", args=[10**18])).status_code == 404


def test_an_administrator_blocks_and_unblocks_with_a_reason(as_admin):
    user = UserFactory()
    block, unblock = (reverse(f"accounts:user-{verb}", args=[user.pk]) for verb in ("block", "unblock"))
    assert as_admin.get(block).status_code == 200
    page = as_admin.post(block, {"reason": " "})
    assert (page.status_code, bool(page.context["form"].errors["reason"])) == (200, True)
    page = as_admin.post(block, {"reason": "x" * 301})
    assert page.context["form"].errors["reason"]
    assert User.objects.get(pk=user.pk).is_active
    assert as_admin.post(block, {"reason": "Left"}).url == reverse("accounts:user-detail", args=[user.pk])
    assert not User.objects.get(pk=user.pk).is_active
    assert as_admin.post(block, {"reason": "Left"}).status_code == 409
    assert as_admin.post(unblock, {"reason": ""}).status_code == 302
    assert User.objects.get(pk=user.pk).is_active
    assert as_admin.post(unblock, {"reason": ""}).status_code == 409


def test_nobody_blocks_themselves(as_admin, admin):
    url = reverse("accounts:user-block", args=[admin.pk])
    page = as_admin.post(url, {"reason": "Tired"})
    assert page.context["form"].non_field_errors() == ["You cannot block yourself."]
    assert "Tired" in page.content.decode()
    assert url not in as_admin.get(reverse("accounts:user-detail", args=[admin.pk])).content.decode()


def test_name_and_role_of_staff_are_edited_and_those_of_doctors_only_by_name(as_admin):
    staff, doctor = UserFactory(role=Role.RECEPTION), UserFactory(role=Role.DOCTOR)
    url = reverse("accounts:user-edit", args=[staff.pk])
    assert as_admin.post(url, {"name": "New Name", "role": "admin"}).status_code == 302
    staff.refresh_from_db()
    assert (staff.name, staff.role, staff.is_staff) == ("New Name", "admin", True)
    assert as_admin.post(url, {"name": "", "role": "admin"}).context["form"].errors["name"]
    as_admin.post(reverse("accounts:user-edit", args=[doctor.pk]), {"name": "Dr Who", "role": "admin", "is_staff": "1"})
    doctor.refresh_from_db()
    assert (doctor.name, doctor.role, doctor.is_staff) == ("Dr Who", "doctor", False)


def test_a_refused_role_keeps_the_name_as_it_was_too(as_admin, admin):
    page = as_admin.post(reverse("accounts:user-edit", args=[admin.pk]), {"name": "Somebody else", "role": "reception"})
    assert page.context["form"].errors["role"]
    assert 'value="Somebody else"' in page.content.decode()
    admin.refresh_from_db()
    assert (admin.name, admin.role) == ("Alma Head", "admin")


# Messages


def test_the_list_shows_what_waits_for_a_person_and_other_states_by_choice(as_reception):
    rows = {state: MessageFactory(state=state) for state in MessageState}
    url = reverse("accounts:message-list")
    waiting = {rows["in_doubt"], rows["given_up"], rows["not_sendable"]}
    assert set(found(as_reception.get(url))) == waiting
    assert found(as_reception.get(url, {"state": "sent"})) == [rows["sent"]]
    assert len(found(as_reception.get(url, {"state": "all"}))) == len(MessageState)
    assert found(as_reception.get(url, {"q": rows["given_up"].address})) == [rows["given_up"]]


def test_nobody_reads_a_secret_text(as_reception, admin, client):
    MessageFactory(state=MessageState.GIVEN_UP, secret=True, text="zebrafish-link", html="zebrafish-link")
    MessageFactory(state=MessageState.GIVEN_UP, text="open-text")
    for person in (None, admin):
        if person:
            client.force_login(person)
        page = client.get(reverse("accounts:message-list")).content.decode()
        assert "open-text" in page
        assert "zebrafish" not in page


def test_a_message_goes_out_again_to_the_address_of_today(as_reception, mailoutbox):
    user = UserFactory(email="new@example.org")
    message = MessageFactory(state=MessageState.NOT_SENDABLE, address="old", recipient=user, attempts=9)
    assert as_reception.post(reverse("accounts:message-retry", args=[message.pk])).status_code == 302
    message.refresh_from_db()
    assert (message.state, message.address, message.attempts) == (MessageState.DUE, "new@example.org", 0)
    assert as_reception.post(reverse("accounts:message-retry", args=[message.pk])).status_code == 409
    assert AuditEvent.objects.filter(action="message.retried").count() == 1


def test_an_address_that_is_still_wrong_is_said_so(as_reception):
    message = MessageFactory(state=MessageState.NOT_SENDABLE, address="old")
    answer = as_reception.post(reverse("accounts:message-retry", args=[message.pk]), follow=True)
    assert "It still cannot be sent: not an e-mail address." in answer.content.decode()


def test_a_message_is_closed_with_a_note_and_its_secret_goes(as_reception):
    message = MessageFactory(state=MessageState.IN_DOUBT, secret=True, text="the link")
    url = reverse("accounts:message-close", args=[message.pk])
    assert as_reception.get(url).status_code == 200
    assert as_reception.post(url, {"note": ""}).context["form"].errors["note"]
    assert as_reception.post(url, {"note": "Called her"}).status_code == 302
    message.refresh_from_db()
    assert (message.state, message.note, message.text) == (MessageState.CLOSED, "Called her", "")
    assert as_reception.post(url, {"note": "Again"}).status_code == 409


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_messages_costs_the_same_however_long(rows, as_reception, django_assert_max_num_queries):
    MessageFactory.create_batch(rows, state=MessageState.GIVEN_UP)
    with django_assert_max_num_queries(10):
        as_reception.get(reverse("accounts:message-list"))


# Audit trail


def test_the_trail_is_searched_by_person_thing_action_and_day(as_admin, admin):
    ada, bob = UserFactory(name="Ada Okafor", role=Role.DOCTOR), UserFactory(name="Bob")
    with time_machine.travel("2026-11-20T10:00:00Z"):
        old = audit.record(ada, "account.renamed", bob)
    with time_machine.travel("2026-11-24T22:30:00Z"):
        new = audit.record(admin, "account.blocked", bob, detail={"reason": "Left"})
    url = reverse("accounts:audit-list")
    for query, expected in [
        ({}, [new, old]),
        ({"q": "okafor"}, [old]),
        ({"q": "bob"}, [new, old]),
        ({"q": "bob alma"}, [new]),
        ({"action": "account.blocked"}, [new]),
        ({"actor": ada.pk}, [old]),
        ({"since": "2026-11-21"}, [new]),
        ({"until": "2026-11-20"}, [old]),
        ({"since": "2026-11-24", "until": "2026-11-24"}, [new]),
        ({"sort": "when"}, [old, new]),
        ({"since": "not a day", "actor": "x", "action": "odd"}, []),
        ({"since": "9999-12-31", "until": "0001-01-01"}, []),
    ]:
        page = as_admin.get(url, query)
        assert (page.status_code, found(page)) == (200, expected), query
    text = as_admin.get(url).content.decode()
    assert "Account blocked" in text
    assert "reason: Left" in text


def test_a_doctor_sees_their_own_acts_alone(client):
    doctor, other = UserFactory(role=Role.DOCTOR), UserFactory(role=Role.DOCTOR, name="Dr Stranger")
    mine = audit.record(doctor, "test.mine")
    audit.record(other, "test.theirs")
    client.force_login(doctor)
    page = client.get(reverse("accounts:audit-list"), {"actor": other.pk})
    assert found(page) == []
    page = client.get(reverse("accounts:audit-list"))
    assert found(page) == [mine]
    assert "Dr Stranger" not in page.content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_trail_costs_the_same_however_long(rows, as_admin, django_assert_max_num_queries):
    for _ in range(rows):
        audit.record(None, "test.act")
    with django_assert_max_num_queries(9):
        as_admin.get(reverse("accounts:audit-list"))


# Everybody else


ADMINS_ONLY = ["user-list", "invitation-list", "invitation-create"]
ADMINS_ONLY_FOR_ONE = ["user-detail", "user-edit", "user-block", "user-unblock"]


@pytest.mark.parametrize("role", [Role.PATIENT, Role.DOCTOR, Role.RECEPTION])
def test_other_roles_get_403_and_change_nothing(role, client, admin):
    client.force_login(UserFactory(role=role))
    urls = [reverse(f"accounts:{name}") for name in ADMINS_ONLY]
    urls += [reverse(f"accounts:{name}", args=[admin.pk]) for name in ADMINS_ONLY_FOR_ONE]
    assert {client.get(url).status_code for url in urls} == {403}
    assert {client.post(url, {"reason": "x", "name": "x"}).status_code for url in urls} == {403}
    admin.refresh_from_db()
    assert (admin.is_active, admin.name) == (True, "Alma Head")


@pytest.mark.parametrize("role", [Role.PATIENT, Role.DOCTOR])
def test_messages_are_for_reception_and_administrators(role, client):
    message = MessageFactory(state=MessageState.GIVEN_UP)
    client.force_login(UserFactory(role=role))
    assert client.get(reverse("accounts:message-list")).status_code == 403
    assert client.post(reverse("accounts:message-retry", args=[message.pk])).status_code == 403
    assert Message.objects.get().state == MessageState.GIVEN_UP


def test_times_on_the_trail_are_the_hospitals(client, admin):
    apps.get_model("clinic", "Hospital").objects.update(time_zone="Asia/Kolkata")
    with time_machine.travel("2026-11-24T20:00:00Z"):
        client.force_login(admin)
        audit.record(None, "test.act")
        assert "Wed 25 Nov, 01:30" in client.get(reverse("accounts:audit-list")).content.decode()
