"""The inbox: everybody finds there what they were told, and nobody what others were told."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts import kinds, outbox
from accounts.models import Channel, Message, MessageState, Role
from accounts.services import delivery
from accounts.tests.factories import MessageFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client):
    user = UserFactory(name="Ada Okafor")
    client.force_login(user)
    return user


def letter(user, **fields):
    fields = {"subject": "Your visit", "link": "/consents/", "state": MessageState.SENT} | fields
    return MessageFactory(channel=Channel.INBOX, recipient=user, address="", **fields)


@pytest.mark.parametrize("role", list(Role))
def test_whatever_the_role_a_message_stands_in_the_inbox_and_at_the_bell(role, client):
    user = UserFactory(role=role)
    client.force_login(user)
    assert "nothing unread" in client.get("/inbox/").text
    template = "accounts/mail/password_changed"
    outbox.put(kind="test", key="k", template=template, context={"user": user}, to=user, link="/consents/")
    page = client.get("/inbox/").text
    assert "Inbox, 1 unread message" in page
    assert Message.objects.get().subject in page


def test_opening_marks_it_read_and_leads_there_and_a_second_press_changes_nothing(client, ada):
    mine = letter(ada)
    assert client.get(f"/inbox/{mine.pk}/open/").status_code == 405
    assert client.post(f"/inbox/{mine.pk}/open/").headers["Location"] == "/consents/"
    mine.refresh_from_db()
    first = mine.read_at
    client.post(f"/inbox/{mine.pk}/read/")
    mine.refresh_from_db()
    assert mine.read_at == first is not None


def test_unread_ones_stand_first_and_all_can_be_marked_but_what_came_since(client, ada):
    old, read, new = letter(ada, subject="Old"), letter(ada, subject="Read"), letter(ada, subject="New")
    client.post(f"/inbox/{read.pk}/read/")
    assert [message.subject for message in client.get("/inbox/").context["page_obj"]] == ["New", "Old", "Read"]
    until, late = new.pk, letter(ada, subject="Late")
    client.post("/inbox/read/", {"until": until})
    assert list(Message.everything.addressed_to(ada).unread()) == [late]
    old.refresh_from_db()
    assert old.read_at is not None
    for nonsense in ("", "x", "9" * 30, "-1"):
        assert client.post("/inbox/read/", {"until": nonsense}).status_code == 302
    assert list(Message.everything.addressed_to(ada).unread()) == [late]


@pytest.mark.parametrize("role", list(Role))
def test_anothers_message_is_not_there_whatever_the_role(role, client):
    theirs = letter(UserFactory())
    client.force_login(UserFactory(role=role))
    for act in ("open", "read"):
        assert client.post(f"/inbox/{theirs.pk}/{act}/").status_code == 404
    client.post("/inbox/read/", {"until": theirs.pk})
    theirs.refresh_from_db()
    assert theirs.read_at is None
    assert client.get("/inbox/").context["page_obj"].paginator.count == 0


def test_a_mail_is_no_row_of_the_inbox(client, ada):
    mail = MessageFactory(recipient=ada, state=MessageState.SENT)
    assert client.post(f"/inbox/{mail.pk}/open/").status_code == 404


def test_what_is_due_later_appears_when_it_is_due_and_still_true(client, ada):
    later = {"due_at": timezone.now() + timedelta(hours=2), "template": "accounts/mail/password_changed"}
    for key in ("stays", "goes"):
        outbox.put(kind="test", key=key, context={"user": ada}, to=ada, **later)
    assert client.get("/inbox/").context["page_obj"].paginator.count == 0
    Message.everything.filter(key="goes").update(kind="test.gone")
    kinds.register("test.gone", lambda message: False, title="Gone")
    with time_machine.travel(timezone.now() + timedelta(hours=3)):
        delivery.sweep()
    assert [message.key for message in Message.everything.addressed_to(ada)] == ["stays"]
    kinds.forget("test.gone")


def test_a_link_that_leads_elsewhere_is_none(ada):
    context = {"user": ada, "url": "https://evil.example/"}
    outbox.put(kind="test", key="k", template="accounts/mail/password_changed", context=context, to=ada)
    assert Message.everything.get(channel=Channel.INBOX).link == ""


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_however_long(rows, client, ada, django_assert_max_num_queries):
    for _row in range(rows):
        letter(ada)
    with django_assert_max_num_queries(9):
        client.get("/inbox/")
