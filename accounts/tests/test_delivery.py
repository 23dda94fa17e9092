"""Each message is sent once, or visibly not sent."""

import email
import threading
from datetime import timedelta
from email import policy

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts import kinds, outbox
from accounts.models import Message, MessageState
from accounts.services import delivery
from accounts.tests.factories import MessageFactory, UserFactory
from accounts.tests.smtp import MailServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def smtp(settings):
    """A real mail server, and settings that name it."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_TIMEOUT = 2
    with MailServer() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


def state_of(message):
    message.refresh_from_db()
    return message.state


def test_what_is_due_is_sent_once_and_marked(mailoutbox):
    message = MessageFactory(subject="Your visit", text="Tuesday at nine.\n")
    later = MessageFactory(next_try_at=timezone.now() + timedelta(hours=1))
    assert delivery.sweep() == {MessageState.SENT: 1}
    assert delivery.sweep() == {}
    assert delivery.deliver(message.pk) is None
    assert [(mail.subject, mail.body, mail.to) for mail in mailoutbox] == [
        ("Your visit", "Tuesday at nine.\n", [message.address])
    ]
    assert (state_of(message), message.attempts, message.text) == (MessageState.SENT, 1, "Tuesday at nine.\n")
    assert message.sent_at is not None
    assert state_of(later) == MessageState.DUE


def test_a_secret_text_is_wiped_once_sent(mailoutbox):
    message = MessageFactory(secret=True, text="the link", html="<p>the link</p>")
    delivery.sweep()
    assert mailoutbox[0].body == "the link"
    assert (state_of(message), message.text, message.html) == (MessageState.SENT, "", "")


def test_what_is_no_longer_true_is_not_sent(mailoutbox):
    truth = {"still": False}
    outbox.register("test.kind", lambda message: truth["still"], title="Test")
    message = MessageFactory(kind="test.kind")
    assert delivery.sweep() == {MessageState.OBSOLETE: 1}
    assert (mailoutbox, state_of(message)) == ([], MessageState.OBSOLETE)


def test_a_check_that_crashes_fails_its_own_message_alone(mailoutbox, caplog):
    outbox.register("test.crash", lambda message: 1 / 0)
    wrong, right = MessageFactory(kind="test.crash"), MessageFactory()
    delivery.sweep()
    assert (state_of(wrong), state_of(right)) == (MessageState.FAILED, MessageState.SENT)
    assert wrong.answer == "ZeroDivisionError while it was made"


@pytest.mark.parametrize("address", ["", "nobody", "a@b@c", "x@example.org\nBcc: eve@example.org", "ö@", "a" * 300])
def test_an_address_that_cannot_be_one_is_never_tried(address, mailoutbox):
    message = outbox.put(
        kind="test", key="k", template="accounts/mail/account_already_exists", context={}, address=address
    )
    assert message.state == MessageState.NOT_SENDABLE
    assert message.answer
    assert delivery.sweep() == {}
    assert mailoutbox == []


def test_a_line_break_past_all_checks_adds_no_header(smtp):
    message = MessageFactory(address="x@example.org\nBcc: eve@example.org")
    other = MessageFactory(subject="Visit\r\nBcc: eve@example.org")
    delivery.sweep()
    assert (state_of(message), state_of(other)) == (MessageState.NOT_SENDABLE, MessageState.FAILED)
    assert smtp.mails == []


def test_a_real_mail_carries_text_html_and_calendar(smtp):
    attachment = {
        "name": "visit.ics",
        "type": "text/calendar; method=REQUEST; charset=utf-8",
        "text": "BEGIN:VCALENDAR\r\nSUMMARY:Größe\r\nEND:VCALENDAR\r\n",
    }
    message = MessageFactory(subject="Größe", text="Grüße", html="<p>Grüße</p>", attachments=[attachment])
    delivery.sweep()
    mail = email.message_from_bytes(smtp.mails[0], policy=policy.default)
    assert (mail["subject"], mail["to"], mail["auto-submitted"]) == ("Größe", message.address, "auto-generated")
    assert mail["message-id"].startswith(f"<{message.pk}.")
    parts = {part.get_content_type(): part for part in mail.walk() if not part.is_multipart()}
    assert parts["text/plain"].get_content().strip() == "Grüße"
    assert parts["text/html"].get_content().strip() == "<p>Grüße</p>"
    calendar = parts["text/calendar"]
    assert (calendar.get_param("method"), calendar.get_filename()) == ("REQUEST", "visit.ics")
    assert "SUMMARY:Größe" in calendar.get_content()


def test_one_bad_address_never_stops_the_others(smtp):
    smtp.answers = {"rcpt to:<bad@example.org>": "550 no such mailbox"}
    first, bad, last = MessageFactory(), MessageFactory(address="bad@example.org"), MessageFactory()
    delivery.sweep()
    assert (state_of(first), state_of(last)) == (MessageState.SENT, MessageState.SENT)
    assert (state_of(bad), bad.answer) == (MessageState.NOT_SENDABLE, "550 no such mailbox")
    assert len(smtp.mails) == 2


def test_a_server_that_says_later_is_asked_later_and_less_often(smtp):
    smtp.answers = {"RCPT": "451 try later"}
    message = MessageFactory()
    now = timezone.now()
    waits = []
    with time_machine.travel(now, tick=False) as clock:
        for _ in range(20):
            if not delivery.sweep():
                break
            message.refresh_from_db()
            if message.state != MessageState.FAILED:
                break
            assert delivery.sweep() == {}
            waits.append(message.next_try_at - timezone.now())
            clock.move_to(message.next_try_at)
    assert waits == delivery.BACKOFF
    assert (message.state, message.attempts) == (MessageState.GIVEN_UP, len(delivery.BACKOFF) + 1)
    assert message.answer.startswith("451")
    smtp.answers = {}
    with time_machine.travel(now + timedelta(days=30)):
        assert delivery.sweep() == {}
    assert smtp.mails == []


@pytest.mark.parametrize("answers", [{"CONNECT": "hang up"}, {"CONNECT": "421 busy"}])
def test_with_the_mail_server_gone_one_message_is_tried_and_all_wait(smtp, answers):
    smtp.answers = answers
    messages = [MessageFactory() for _ in range(3)]
    assert delivery.sweep() == {MessageState.FAILED: 1}
    assert sorted(state_of(message) for message in messages) == ["due", "due", "failed"]
    smtp.answers = {}
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        assert delivery.sweep() == {MessageState.SENT: 3}


def test_a_port_nobody_listens_on_is_a_failure_not_a_crash(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    message = MessageFactory()
    delivery.sweep()
    assert state_of(message) == MessageState.FAILED
    assert "cannot be reached" in message.answer


def test_a_connection_lost_after_the_text_is_in_doubt_and_never_sent_again(smtp):
    smtp.answers = {"END": "hang up"}
    message = MessageFactory()
    delivery.sweep()
    assert state_of(message) == MessageState.IN_DOUBT
    smtp.answers = {}
    with time_machine.travel(timezone.now() + timedelta(days=30)):
        delivery.sweep()
    assert len(smtp.mails) == 1


def test_a_sender_that_died_after_the_claim_leaves_a_message_in_doubt(mailoutbox):
    claimed = timezone.now()
    message = MessageFactory(state=MessageState.SENDING, claimed_at=claimed, attempts=1)
    delivery.sweep()
    assert state_of(message) == MessageState.SENDING
    with time_machine.travel(claimed + delivery.LEASE + timedelta(seconds=1)):
        assert delivery.sweep() == {MessageState.IN_DOUBT: 1}
    assert state_of(message) == MessageState.IN_DOUBT
    assert mailoutbox == []


def test_the_command_does_what_the_task_does(mailoutbox, capsys):
    MessageFactory()
    MessageFactory(state=MessageState.GIVEN_UP)
    call_command("deliver_messages")
    assert capsys.readouterr().out == "Sent: 1\nOn the list for a person to look at: 1\n"
    assert len(mailoutbox) == 1


def test_the_same_key_is_the_same_message():
    arguments = {"kind": "test", "key": "once", "template": "accounts/mail/account_already_exists", "context": {}}
    first = outbox.put(**arguments, to=UserFactory())
    assert outbox.put(**arguments, to=UserFactory()) is None
    assert list(Message.objects.all()) == [first]


def test_plain_text_is_not_escaped_and_the_hospital_signs():
    user = UserFactory(name="Siobhán O'Brien & <Sons>")
    template = "accounts/mail/password_changed"
    message = outbox.put(kind="test", key="k", template=template, context={"user": user}, to=user)
    assert "Hello Siobhán O'Brien & <Sons>," in message.text
    assert "-- \nHMS Hospital\nhttp://127.0.0.1:8000" in message.text


@pytest.mark.django_db(transaction=True)
def test_eight_senders_at_once_send_each_message_once(smtp):
    for _ in range(20):
        MessageFactory()

    def work():
        delivery.sweep()
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(smtp.mails) == 20
    assert set(Message.objects.values_list("state", "attempts")) == {(MessageState.SENT, 1)}


def test_a_kind_asked_for_many_at_one_go_sends_what_holds_and_a_crash_leaves_each_to_itself(mailoutbox, caplog):
    asked = []
    good, gone = MessageFactory(kind="test.many"), MessageFactory(kind="test.many")
    kinds.register("test.many", those_true=lambda many: asked.append(len(many)) or {good.pk}, title="Test")
    delivery.sweep()
    assert (asked, state_of(good), state_of(gone)) == ([2], MessageState.SENT, MessageState.OBSOLETE)
    kinds.register("test.many", lambda message: True, those_true=lambda many: 1 / 0, title="Test")
    fresh = MessageFactory(kind="test.many")
    delivery.sweep()
    assert state_of(fresh) == MessageState.SENT
    kinds.forget("test.many")


def test_answers_about_a_chunk_that_are_a_second_old_are_asked_for_again(mailoutbox, monkeypatch):
    monkeypatch.setattr(delivery, "FRESH", 0)
    asked = []
    kinds.register("test.many", those_true=lambda many: asked.append(len(many)) or {one.pk for one in many}, title="T")
    for _ in range(2):
        MessageFactory(kind="test.many")
    delivery.sweep()
    assert (asked, len(mailoutbox)) == ([2, 2, 1], 2)
    kinds.forget("test.many")
