"""Every action of the administration site, pressed in every way: through the services, on record, and never a 500."""

import pytest
from django.contrib import admin
from django.contrib.messages import get_messages
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import AuditEvent, Message, MessageState, Role
from accounts.tests.factories import MessageFactory, UserFactory
from clinic.models import Department, Doctor
from clinic.services import retire_department, retire_doctor
from clinic.tests.factories import DepartmentFactory, DoctorFactory

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
KNOWN = {"clinic.Department": {"retire", "restore"}, "clinic.Doctor": {"retire", "restore"},
         "accounts.Message": {"send_again"}}  # fmt: skip
DONE = {"retire": "{n} is retired.", "restore": "{n} is back.", "send_again": "{n} message goes out again."}

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    client = Client()
    client.force_login(UserFactory(role=Role.ADMIN))
    return client


def failed():
    message = Message(kind="message_text.test", key=f"test:{Message.everything.count()}", subject="Words", text="Words")
    message.channel, message.address, message.state = "email", "a@example.org", MessageState.FAILED
    message.save()
    return message


def retired(make, retire):
    row = make()
    retire(row, by=None)
    row.refresh_from_db()
    return row


# (model, action, a row for which it does something, how it tells that it was done)
ACTIONS = [
    (Department, "retire", DepartmentFactory, "retired_at"),
    (Department, "restore", lambda: retired(DepartmentFactory, retire_department), "retired_at"),
    (Doctor, "retire", DoctorFactory, "retired_at"),
    (Doctor, "restore", lambda: retired(DoctorFactory, retire_doctor), "retired_at"),
    (Message, "send_again", failed, "state"),
]
EACH = pytest.mark.parametrize(("model", "action", "make", "field"), ACTIONS)


def press(client, model, action, ids, **more):
    """Choose the action for these rows; what the page says then, one sentence each."""
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    answer = client.post(address, {"action": action, "index": "0", "_selected_action": ids, **more})
    assert answer.status_code in {200, 302}, (model, action, ids, answer.status_code)
    told = [str(one) for one in get_messages(answer.wsgi_request)]
    client.get(address)  # what was told is told once
    return told


def acts():
    return AuditEvent.objects.count()


def test_these_are_all_the_actions_there_are():
    request = RequestFactory().get("/")
    request.user = UserFactory(role=Role.ADMIN)
    found = {model._meta.label: set(admin.site._registry[model].get_actions(request)) for model in MODELS}
    assert {label: names for label, names in found.items() if names} == KNOWN


@EACH
def test_what_is_ticked_is_done_told_and_on_record(model, action, make, field, office):
    rows = [make(), make()]
    before, states = acts(), [getattr(row, field) for row in rows]
    assert press(office, model, action, [row.pk for row in rows])[0].startswith("2 ")
    assert acts() == before + 2
    for row, state in zip(rows, states, strict=True):
        row.refresh_from_db()
        assert getattr(row, field) != state


@EACH
def test_pressed_twice_it_is_done_once(model, action, make, field, office):
    row = make()
    assert press(office, model, action, [row.pk]) == [DONE[action].format(n=1)]
    before = acts()
    told = press(office, model, action, [row.pk])
    assert len(told) == 1
    assert acts() == before


@EACH
def test_nothing_ticked_is_said(model, action, make, field, office):
    make()
    before = acts()
    assert len(press(office, model, action, [])) == 1
    assert acts() == before


@EACH
@pytest.mark.parametrize("bad", ["999999999", "abc", "-1", str(10**30), "1.5", "", "١", "' OR 1=1"])
def test_ids_that_do_not_exist_are_left_out_and_said(bad, model, action, make, field, office):
    row = make()
    before = acts()
    told = press(office, model, action, [bad])
    assert len(told) == 1
    assert acts() == before
    told = press(office, model, action, [str(row.pk), "999999999"])
    assert told[0] == DONE[action].format(n=1)
    assert told[1] == "1 of what you ticked is not there any more and was left out."


@EACH
def test_across_all_pages_many_are_told_in_one_sentence(model, action, make, field, office):
    rows = [make() for _number in range(3)]
    told = press(office, model, action, [rows[0].pk], select_across="1")
    assert len(told) <= 11
    for row in rows:
        before = getattr(row, field)
        row.refresh_from_db()
        assert getattr(row, field) != before


@EACH
def test_after_another_administrator_was_faster_nothing_is_done_again(model, action, make, field, office):
    row, other = make(), Client()
    other.force_login(UserFactory(role=Role.ADMIN))
    assert press(other, model, action, [row.pk]) == [DONE[action].format(n=1)]
    row.refresh_from_db()
    state, before = getattr(row, field), acts()
    press(office, model, action, [row.pk])
    row.refresh_from_db()
    assert (getattr(row, field), acts()) == (state, before)


def test_what_a_service_refuses_is_told_and_stops_no_other(office):
    busy, free = DoctorFactory().department, DepartmentFactory()
    told = press(office, Department, "retire", [busy.pk, free.pk])
    assert told[0] == "1 is retired."
    assert told[1].startswith(f"{busy}: ")
    busy.refresh_from_db()
    free.refresh_from_db()
    assert (busy.retired_at is None, free.retired_at is None) == (True, False)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_an_action_that_a_list_does_not_offer_does_nothing(model, office):
    rows, before = model._base_manager.count(), acts()
    ids = list(model._base_manager.values_list("pk", flat=True)[:3])
    for action in {"delete_selected", "retire", "send_again", "no_such_action", ""} - KNOWN.get(
        model._meta.label, set()
    ):
        press(office, model, action, ids, post="yes", select_across="1")
    assert (model._base_manager.count(), acts()) == (rows, before)


def test_what_stands_in_somebodys_inbox_is_in_no_list_of_staff(office):
    owner = UserFactory(role=Role.PATIENT)
    inbox = MessageFactory(channel="inbox", state=MessageState.SENT, recipient=owner, subject="Only yours")
    assert press(office, Message, "send_again", [inbox.pk]) != []
    assert Message.everything.get(pk=inbox.pk).state == MessageState.SENT
    assert office.get(f"/admin/accounts/message/{inbox.pk}/change/").status_code == 302
    reception = Client()
    reception.force_login(UserFactory(role=Role.RECEPTION))
    for client in (office, reception):
        for query in ({"state": "all"}, {"state": "all", "channel": "inbox"}):
            assert "Only yours" not in client.get("/messages/", query).text
            assert b"Only yours" not in client.get("/messages/download/", query).getvalue()
