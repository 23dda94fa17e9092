"""SMS and chat: what a service answers becomes the message's state, and no channel stops another."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts import kinds, outbox, preferences
from accounts.carriers import by_apprise
from accounts.models import Channel, Message, MessageGroup, MessagePreference, MessageState
from accounts.services import AccountRefused, delivery, retry
from accounts.tests.factories import MessageFactory, UserFactory
from accounts.tests.web import WebService

pytestmark = pytest.mark.django_db
PHONE = "+442079460301"


@pytest.fixture
def service(settings):
    settings.CARRIER_TIMEOUT = 0.3
    with WebService() as server:
        settings.SMS_URL = settings.CHAT_URL = server.url
        yield server


@pytest.fixture
def phones(monkeypatch):
    """Telephone numbers by account; what clinic knows."""
    known = {}
    monkeypatch.setattr(preferences, "_phones", [lambda user, patient_id: known.get(user)])
    return known


@pytest.fixture
def told(service, phones):
    """Tells a patient who wants everything everywhere that something happened."""
    kinds.register("test.booking", title="A booking", group=MessageGroup.BOOKINGS)
    user = UserFactory()
    phones[user] = PHONE
    chosen = {"bookings": [Channel.EMAIL, Channel.SMS, Channel.CHAT]}
    MessagePreference.objects.create(user=user, chosen=chosen, chat_address="ada")
    yield lambda key="k", **more: outbox.put(
        **{"kind": "test.booking", "key": key, "template": "accounts/mail/password_changed", "to": user} | more,
        context={"user": user, "url": outbox.absolute("/appointments/7/")},
    )
    kinds.forget("test.booking")


def sms(number=0, **fields):
    fields = {"address": f"+4420794603{number:02}"} | fields
    return MessageFactory(channel=Channel.SMS, text="Tuesday at nine.\n", **fields)


def state_of(message):
    message.refresh_from_db()
    return message.state


def test_one_row_for_each_channel_and_each_goes_once(told, service, mailoutbox):
    assert told().channel == Channel.EMAIL
    assert told() is None
    rows = {row.channel: row for row in Message.everything.filter(key="k")}
    assert set(rows) == set(Channel)
    assert {row.state for row in Message.objects.all()} == {MessageState.DUE}
    assert rows["inbox"].state == MessageState.SENT
    assert delivery.sweep() == {MessageState.SENT: 3}
    assert delivery.sweep() == {}
    assert len(mailoutbox) == 1
    assert sorted(to for to, _text in service.seen) == [PHONE, "ada"]


def test_a_short_message_is_a_sentence_with_its_link_and_nothing_attached(told, service):
    told(attachments=[{"name": "visit.ics", "type": "text/calendar", "text": "BEGIN"}])
    row = Message.objects.get(channel=Channel.SMS)
    assert row.text == f"{row.subject}\nhttp://127.0.0.1:8000/appointments/7/\n"
    assert (row.html, row.attachments) == ("", [])
    assert Message.objects.get(channel=Channel.EMAIL).attachments != []


def test_a_link_that_signs_somebody_in_goes_by_mail_alone(told):
    told(kind="account.password_reset_key", secret=True)
    assert [row.channel for row in Message.everything.all()] == [Channel.EMAIL]


def test_a_link_that_answers_for_somebody_stands_in_no_inbox_and_is_gone_once_out(told, service):
    told(secret=True)
    rows = Message.everything.order_by("pk")
    assert [row.channel for row in rows] == [Channel.EMAIL, Channel.SMS, Channel.CHAT]
    assert "/appointments/7/" in rows[1].text
    delivery.sweep()
    assert [(row.text, row.link) for row in rows.all()] == [("", "")] * 3


def test_who_has_no_telephone_is_visibly_not_told(told, phones):
    [user] = phones
    phones.clear()
    told()
    row = Message.objects.get(channel=Channel.SMS)
    assert (row.state, row.answer) == (MessageState.NOT_SENDABLE, "no phone number")
    with pytest.raises(AccountRefused, match="no phone number"):
        retry(row, by=UserFactory())
    phones[user] = PHONE
    assert retry(row, by=UserFactory()).address == PHONE


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (200, MessageState.SENT),
        (302, MessageState.FAILED),
        (400, MessageState.NOT_SENDABLE),
        (401, MessageState.FAILED),
        (404, MessageState.NOT_SENDABLE),
        (429, MessageState.FAILED),
        (500, MessageState.FAILED),
        (504, MessageState.IN_DOUBT),
        ("drop", MessageState.IN_DOUBT),
        ("hang", MessageState.IN_DOUBT),
    ],
)
def test_what_the_service_says_is_what_the_row_says(answer, state, service):
    service.answer = answer
    message = sms()
    assert delivery.sweep() == {state: 1}
    assert state_of(message) == state
    assert len(service.seen) == 1
    assert bool(message.answer) is (answer != 200)


def test_what_may_have_gone_out_is_never_sent_again(service):
    service.answer = "drop"
    sms()
    delivery.sweep()
    service.answer = 200
    with time_machine.travel(timezone.now() + timedelta(days=30)):
        assert delivery.sweep() == {}
    assert len(service.seen) == 1


def test_one_poisoned_recipient_never_stops_the_rest(service):
    messages = [sms(number) for number in range(4)]
    broken = sms(address="not a number")
    service.answers = {"+442079460301": 500, "+442079460302": "drop"}
    delivery.sweep()
    states = [state_of(message) for message in [*messages, broken]]
    assert states == ["sent", "failed", "in_doubt", "sent", "not_sendable"]


@pytest.mark.parametrize("trouble", ["hang", "gone"])
def test_a_channel_that_is_down_waits_and_the_others_go(trouble, service, settings, mailoutbox):
    service.answer = "hang"
    if trouble == "gone":
        settings.SMS_URL = "json://127.0.0.1:1/to/{to}"
    texts, mails = [sms(number) for number in range(3)], [MessageFactory() for _ in range(3)]
    delivery.sweep()
    assert {state_of(mail) for mail in mails} == {MessageState.SENT}
    first = MessageState.IN_DOUBT if trouble == "hang" else MessageState.FAILED
    assert [state_of(text) for text in texts] == [first, MessageState.DUE, MessageState.DUE]
    assert [text.attempts for text in texts] == [1, 0, 0]


def test_with_the_mail_server_gone_texts_go(service, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    mail, text = MessageFactory(), sms()
    delivery.sweep()
    assert (state_of(mail), state_of(text)) == (MessageState.FAILED, MessageState.SENT)


def test_a_channel_that_was_taken_away_leaves_its_rows_on_the_list(service, settings):
    message, settings.SMS_URL = sms(), ""
    delivery.sweep()
    assert (state_of(message), message.answer) == (MessageState.NOT_SENDABLE, "not set up any more")


def test_a_webhook_of_google_chat_is_kept_as_what_tells_it_from_others(settings):
    settings.CHAT_URL = "gchat://{to}"
    address = "https://chat.googleapis.com/v1/spaces/AAAA/messages?key=KKKK&token=TTTT%3D"
    kept = by_apprise.normalised(f" {address} ", Channel.CHAT)
    assert kept == "AAAA/KKKK/TTTT="
    assert by_apprise.why_not_sendable(kept, Channel.CHAT) == ""
    assert by_apprise.why_not_sendable("nonsense here", Channel.CHAT) == "not an address of the chat"
