"""What somebody chooses about their messages, and that it is kept to."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from accounts import kinds, outbox, preferences, quiet
from accounts.models import AuditEvent, Channel, ConsentKind, Message, MessageGroup, MessagePreference, MessageState
from accounts.services import delivery
from accounts.tests.factories import MessageFactory, UserFactory
from accounts.tests.web import WebService

PAGE = "/inbox/preferences/"
PHONE = "+442079460301"
BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = {"quiet_from": time(22), "quiet_until": time(7)}
at_night = datetime(2026, 11, 25, 23, 30, tzinfo=BERLIN)
in_the_morning = datetime(2026, 11, 26, 7, tzinfo=BERLIN)


@pytest.fixture
def ada(client, monkeypatch):
    monkeypatch.setattr(preferences, "_phones", [lambda user, patient_id: PHONE])
    monkeypatch.setattr(preferences, "_zone", [lambda: BERLIN])
    user = UserFactory()
    client.force_login(user)
    return user


@pytest.fixture
def service(settings):
    with WebService() as server:
        settings.SMS_URL = settings.CHAT_URL = server.url
        yield server


@pytest.fixture
def put(ada):
    """Writes a message of a group to Ada, and says by which channels it goes."""

    def write(group, key="k", **more):
        kinds.register("test.kind", title="Test", group=group, **more)
        outbox.put(kind="test.kind", key=key, template="accounts/mail/password_changed", context={"user": ada}, to=ada)
        return [row.channel for row in Message.everything.filter(key=key).order_by("pk")]

    yield write
    kinds.forget("test.kind")


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-25T21:59", None),
        ("2026-11-25T22:00", "2026-11-26T07:00"),
        ("2026-11-26T06:59", "2026-11-26T07:00"),
        ("2026-11-26T07:00", None),
        ("2026-03-29T01:30", "2026-03-29T07:00"),  # the clocks go forward in between
        ("2026-10-25T01:30", "2026-10-25T07:00"),  # and back
    ],
)
def test_quiet_hours_reach_over_midnight_and_follow_the_clock_on_the_wall(now, until):
    found = quiet.ends(datetime.fromisoformat(now).replace(tzinfo=BERLIN), time(22), time(7), BERLIN)
    assert found == (until and datetime.fromisoformat(until).replace(tzinfo=BERLIN).astimezone(UTC))


def test_no_quiet_hours_are_never_quiet():
    assert quiet.ends(at_night, None, None, BERLIN) is None
    assert quiet.ends(at_night.replace(hour=12), time(13), time(15), BERLIN) is None


@pytest.mark.django_db
class TestChannels:
    def test_who_chose_nothing_gets_mail_and_the_inbox(self, put, service):
        assert put(MessageGroup.BOOKINGS) == ["email", "inbox"]

    def test_what_was_chosen_counts_for_its_group_alone(self, put, ada, service):
        MessagePreference.objects.create(user=ada, chosen={"bookings": ["sms"]})
        assert put(MessageGroup.BOOKINGS) == ["sms", "inbox"]
        assert put(MessageGroup.RECORDS, key="other") == ["email", "inbox"]

    def test_nothing_chosen_leaves_the_inbox(self, put, ada):
        MessagePreference.objects.create(user=ada, chosen={"bookings": []})
        assert put(MessageGroup.BOOKINGS) == ["inbox"]

    def test_account_safety_goes_by_mail_whatever_was_chosen(self, put, ada):
        MessagePreference.objects.create(user=ada, chosen={"safety": []})
        assert put(MessageGroup.SAFETY) == ["email", "inbox"]

    def test_a_reminder_by_sms_needs_the_consent_to_it(self, client, put, ada, service):
        needs = {"needs": outbox.REMINDERS}
        assert put(MessageGroup.REMINDERS, **needs) == ["email", "inbox"]
        assert Message.objects.get().state == MessageState.NO_CONSENT
        client.post(f"/consents/{ConsentKind.REMINDERS_SMS}/give/")
        assert put(MessageGroup.REMINDERS, key="second", **needs) == ["sms", "inbox"]

    def test_what_is_switched_off_meanwhile_does_not_go_out(self, put, ada, mailoutbox):
        put(MessageGroup.BOOKINGS)
        MessagePreference.objects.create(user=ada, chosen={"bookings": []})
        assert delivery.sweep() == {MessageState.OBSOLETE: 1}
        assert mailoutbox == []


@pytest.mark.django_db
class TestQuietHours:
    @pytest.fixture
    def text(self, put, ada, service):
        with time_machine.travel(at_night, tick=False):
            MessagePreference.objects.create(user=ada, chosen={"bookings": ["email", "sms"]}, **NIGHT)
            put(MessageGroup.BOOKINGS)
            return Message.objects.get(channel=Channel.SMS)

    def test_an_sms_waits_until_they_end_and_mail_does_not(self, text, mailoutbox, service):
        with time_machine.travel(at_night, tick=False) as clock:
            delivery.sweep()
            text.refresh_from_db()
            assert (text.state, text.attempts, text.next_try_at) == (MessageState.DUE, 0, in_the_morning)
            assert (len(mailoutbox), service.seen) == (1, [])
            clock.move_to(in_the_morning)
            assert delivery.sweep() == {MessageState.SENT: 1}
        assert [to for to, _text in service.seen] == [PHONE]

    @pytest.mark.parametrize(("begins", "sent"), [(in_the_morning, 1), (in_the_morning + timedelta(minutes=1), 0)])
    def test_but_not_past_the_visit_it_tells_of(self, begins, sent, text, service, monkeypatch):
        monkeypatch.setitem(preferences._ends, "test.visit", lambda pk: begins)
        Message.objects.filter(pk=text.pk).update(about_type="test.visit", about_id=1)
        with time_machine.travel(at_night, tick=False):
            delivery.deliver(text.pk)
        assert len(service.seen) == sent

    def test_account_safety_keeps_none(self, ada, service):
        MessagePreference.objects.create(user=ada, chosen={"safety": ["email", "sms"]}, **NIGHT)
        with time_machine.travel(at_night, tick=False):
            MessageFactory(kind="account.email_changed", channel=Channel.SMS, recipient=ada, address=PHONE)
            assert delivery.sweep() == {MessageState.SENT: 1}


@pytest.mark.django_db
class TestPage:
    def test_what_is_ticked_is_kept_and_shown_and_on_record(self, client, ada, service):
        form = {"bookings": ["sms"], "records": [], "quiet_from": "22:00", "quiet_until": "07:00"}
        assert client.post(PAGE, form).status_code == 302
        row = MessagePreference.objects.get(user=ada)
        assert (row.channels("bookings"), row.channels("records"), row.channels("safety")) == (["sms"], [], ["email"])
        page = client.get(PAGE)
        ticked = {
            (box.name, box.channel) for line in page.context["form"].table() for box in line.boxes if box.is_ticked
        }
        always = {(group.value, "inbox") for group in MessageGroup if group != "reminders"} | {("safety", "email")}
        assert ticked == {("bookings", "sms")} | always
        assert 'value="22:00' in page.text
        assert AuditEvent.objects.filter(action="message_preference.changed", actor_id=ada.pk).count() == 1

    def test_only_what_the_hospital_offers_is_asked(self, client, ada, settings):
        page = client.get(PAGE).text
        assert "Account safety by E-mail" in page
        assert not any(word in page for word in ("Bookings by SMS", "Bookings by Chat", "chat_address", "language"))
        settings.LANGUAGES = [("en", "English"), ("de", "Deutsch")]
        assert client.post(PAGE, {"language": "de", "bookings": ["sms"]}).status_code == 200
        client.post(PAGE, {"language": "de"})
        assert preferences.language_for(MessagePreference.objects.get(user=ada)) == "de"

    @pytest.mark.parametrize(
        ("typed", "field"),
        [
            ({"quiet_from": "22:00"}, "quiet_until"),
            ({"quiet_until": "07:00"}, "quiet_from"),
            ({"quiet_from": "07:00", "quiet_until": "07:00"}, "quiet_until"),
            ({"quiet_from": "25:99", "quiet_until": "07:00"}, "quiet_from"),
            ({"bookings": ["pigeon"]}, "bookings"),
            ({"bookings": ["chat"]}, "chat_address"),
            ({"chat_address": "\x00" * 3}, "chat_address"),
            ({"chat_address": "x" * 5000}, "chat_address"),
            ({"chat_address": "ada\u202e 🎈"}, "chat_address"),
        ],
    )
    def test_nonsense_is_said_beside_the_field_and_changes_nothing(self, typed, field, client, ada, service):
        page = client.post(PAGE, typed)
        assert (page.status_code, set(page.context["form"].errors)) == (200, {field})
        assert not MessagePreference.objects.exists()

    def test_what_waits_for_nobody_is_asked_twice_at_most(self, client, ada, django_assert_max_num_queries):
        with django_assert_max_num_queries(10):
            client.get(PAGE)


def test_every_registered_kind_says_in_plain_words_what_it_is():
    untitled = [kind.name for kind in kinds.every().values() if not (str(kind.title) or kind.name.startswith("test."))]
    assert untitled == []


@pytest.mark.django_db
def test_a_kind_that_nobody_registered_with_a_title_fails_every_test_that_writes_one(ada):
    with pytest.warns(UserWarning, match=r"'test\.unknown' is not registered with a title"):
        outbox.put(
            kind="test.unknown",
            key="k",
            template="accounts/mail/password_changed",
            context={"user": ada},
            to=ada,
            due_at=timezone.now(),
        )
