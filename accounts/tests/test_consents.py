"""Consents: asked for, given, withdrawn, asked again when words change, and obeyed by the outbox."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import consents, kinds, outbox, services
from accounts.models import (
    ASKED,
    AuditEvent,
    Consent,
    ConsentDraft,
    ConsentKind,
    ConsentText,
    How,
    Message,
    MessageState,
    Role,
)
from accounts.services import delivery
from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db

ASK, LIST = "/consents/ask/", "/consents/"
EMAIL = ConsentKind.REMINDERS_EMAIL


@pytest.fixture
def admin():
    return UserFactory(role=Role.ADMIN, name="Alma Head")


def publish(kind, text, *, by=None, is_correction=False, note=""):
    draft = services.save_draft(kind, text=text, note=note, is_correction=is_correction, by=by)
    return services.publish(kind, revision=draft.revision, by=by)


def say(user, kind, given):
    services.answer({consents.current(kind): given}, how=How.PAGE, by=user, user=user)


def agrees(user, kind):
    return consents.holds(kind, user_id=user.pk)


# Asked before going on


@pytest.mark.parametrize("role", ASKED)
def test_who_never_accepted_the_notice_is_asked_and_led_back(role, client):
    user = UserFactory(role=role, consents=[])
    client.force_login(user)
    answer = client.get("/departments/?q=a&page=2")
    assert (answer.status_code, answer.url) == (302, "/consents/ask/?next=%2Fdepartments%2F%3Fq%3Da%26page%3D2")
    page = client.get(answer.url)
    assert "We are the hospital whose name stands on these pages." in page.text
    answer = client.post(ASK, {"next": "/departments/?q=a&page=2"})
    assert (answer.status_code, answer.url) == (302, "/departments/?q=a&page=2")
    assert agrees(user, ConsentKind.PRIVACY)
    assert client.get("/departments/").status_code == 200
    event = AuditEvent.objects.get(action="consent.given")
    assert (event.actor_id, event.target_id, event.detail["version"]) == (user.pk, user.pk, 1)


def test_administrators_are_never_stopped(client):
    client.force_login(UserFactory(role=Role.ADMIN, consents=[]))
    assert client.get("/users/").status_code == 200
    assert client.get(ASK).url == "/"


def test_nothing_typed_is_lost_and_nothing_but_a_page_is_stopped(client):
    client.force_login(UserFactory(consents=[]))
    assert client.post("/profile/", {"name": ""}).status_code == 200
    for headers in (
        {"HX-Request": "true"},
        {"Sec-Fetch-Dest": "empty"},
        {"Sec-Fetch-Dest": "image"},
        {"Accept": "image/avif,image/webp,*/*;q=0.8"},
    ):
        assert client.get("/departments/", headers=headers).status_code == 200
    for path in ("/healthz", "/readyz", "/account/password/change/", "/account/logout/", LIST, "/nothing/there/"):
        assert client.get(path).status_code in {200, 404}, path
    assert client.head("/departments/").status_code == 200
    assert client.post("/account/logout/").url == "/"
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    "going", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", "", ASK, "x"]
)
def test_the_way_back_is_a_page_of_ours(going, client):
    client.force_login(UserFactory(consents=[]))
    assert client.post(ASK, {"next": going}).url == "/"


def test_the_question_costs_one_query_a_page_and_none_for_parts(client, django_assert_num_queries):
    client.force_login(UserFactory())
    user = UserFactory()
    with django_assert_num_queries(1):
        assert consents.to_ask(user) == []
    with django_assert_num_queries(0):
        assert consents.to_ask(UserFactory.build(role=Role.ADMIN)) == []


# Words that change


def test_new_words_ask_again_and_a_correction_does_not(client, admin):
    user = UserFactory()
    client.force_login(user)
    publish(ConsentKind.PRIVACY, "Spelled right.", by=admin, is_correction=True)
    assert client.get("/departments/").status_code == 200
    publish(ConsentKind.PRIVACY, "We do something new.", by=admin, note="Something new.")
    page = client.get("/departments/", follow=True)
    assert page.redirect_chain == [("/consents/ask/?next=%2Fdepartments%2F", 302)]
    assert "This text has changed since you agreed. Something new." in " ".join(page.text.split())
    client.post(ASK)
    history = Consent.objects.of(user.pk).values_list("text__number", "given")
    assert list(history) == [(3, True), (1, True)]


def test_who_agreed_to_something_free_is_asked_again_and_may_say_no(client, admin):
    user, other = UserFactory(), UserFactory()
    say(user, EMAIL, True)
    publish(EMAIL, "Reminders with more in them.", by=admin)
    assert not agrees(user, EMAIL)
    client.force_login(user)
    page = client.get("/departments/", follow=True)
    assert "Reminders with more in them." in page.text
    assert "We are the hospital" not in page.text
    assert client.post(ASK, {"next": "/departments/"}).url == "/departments/"
    assert client.get("/departments/").status_code == 200
    assert AuditEvent.objects.filter(action="consent.refused", target_id=user.pk).count() == 1
    client.force_login(other)
    assert client.get("/departments/").status_code == 200


def test_words_that_change_while_they_are_read_are_shown_anew(client, admin):
    user = UserFactory(consents=[])
    client.force_login(user)
    shown = client.get(ASK).context["form"]["consent_texts"].value()
    publish(ConsentKind.PRIVACY, "Other words.", by=admin)
    page = client.post(ASK, {"consent_texts": shown, "next": "/departments/"})
    assert page.status_code == 200
    assert "has changed while you were reading" in page.text
    assert "Other words." in page.text
    assert not agrees(user, ConsentKind.PRIVACY)
    again = {name: page.context["form"][name].value() for name in ("consent_texts", "next")}
    assert client.post(ASK, again).url == "/departments/"


def test_an_answer_to_an_older_version_is_refused(admin):
    user, old = UserFactory(), consents.current(EMAIL)
    publish(EMAIL, "Other words.", by=admin)
    with pytest.raises(services.AccountConflict):
        services.answer({old: True}, how=How.PAGE, by=user, user=user)
    assert not agrees(user, EMAIL)


# One's own


def test_one_agrees_and_changes_ones_mind_and_every_answer_stays(client):
    user = UserFactory()
    client.force_login(user)
    assert client.post("/consents/data_use/give/").url == LIST
    assert agrees(user, ConsentKind.DATA_USE)
    client.post("/consents/data_use/give/")
    assert client.get("/consents/data_use/withdraw/").status_code == 200
    assert client.post("/consents/data_use/withdraw/").url == LIST
    assert not agrees(user, ConsentKind.DATA_USE)
    answers = Consent.objects.of(user.pk).filter(text__kind="data_use").values_list("given", "how")
    assert list(answers) == [(False, "page"), (True, "page")]
    page = client.get(LIST)
    assert page.text.count("Not agreed") >= 2
    assert client.get("/consents/data_use/give/").status_code == 405
    assert client.post("/consents/everything/give/").status_code == 404


def test_without_the_notice_every_page_leads_to_it_until_it_is_accepted_again(client):
    user = UserFactory()
    client.force_login(user)
    assert "Without the privacy notice you cannot use your account" in client.get("/consents/privacy/withdraw/").text
    client.post("/consents/privacy/withdraw/")
    assert client.get("/").url == "/consents/ask/?next=%2F"
    client.post(ASK)
    assert client.get("/").status_code == 200


def test_agreeing_to_words_that_are_not_on_the_page_any_more_is_a_conflict(client, admin):
    user = UserFactory()
    client.force_login(user)
    old = consents.current(EMAIL)
    publish(EMAIL, "Other words.", by=admin)
    assert client.post("/consents/reminders_email/give/", {"consent_texts": old.pk}).status_code == 409
    assert not agrees(user, EMAIL)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_however_often_somebody_changed_their_mind(rows, client, django_assert_max_num_queries):
    user = UserFactory()
    client.force_login(user)
    for number in range(rows * 2):
        say(user, ConsentKind.DATA_USE, number % 2 == 0)
    with django_assert_max_num_queries(8):
        client.get(LIST)


def test_anybody_may_read_a_text_and_an_older_one_says_so(client, admin):
    old = consents.current(ConsentKind.PRIVACY)
    publish(ConsentKind.PRIVACY, "Now <b>this</b>.\n\nAnd that.", by=admin)
    page = client.get(reverse("accounts:consent-text", args=[old.pk]))
    assert "This is an older version." in page.text
    text = client.get(reverse("accounts:consent-text", args=[consents.current("privacy").pk])).text
    assert "<p>Now &lt;b&gt;this&lt;/b&gt;.</p>" in text


# Written by administrators


def test_a_text_is_drafted_looked_at_and_published(client, admin):
    client.force_login(admin)
    UserFactory(role=Role.PATIENT)
    before = consents.current(ConsentKind.PRIVACY)
    edit, publishing = "/consent-texts/privacy/edit/", "/consent-texts/privacy/publish/"
    assert client.get(publishing).url == edit
    assert client.get(edit).context["form"]["text"].value() == before.text
    answer = client.post(edit, {"text": before.text + "\n\nOne more.", "note": "One sentence more."})
    assert answer.url == publishing
    page = client.get(publishing)
    assert "1 person is asked again" in page.text
    assert ("new", "One more.") in page.context["differences"]
    assert client.post(publishing, {"revision": "1"}).url == "/consent-texts/"
    text = consents.current(ConsentKind.PRIVACY)
    assert (text.number, text.counts_from, text.published_by, text.note) == (2, 2, admin, "One sentence more.")
    assert not ConsentDraft.objects.exists()
    assert AuditEvent.objects.get(action="consent_text.published").detail == {"version": 2, "asks_again": True}
    assert "One more." in client.get(f"/consents/texts/{text.pk}/").text


def test_a_draft_changed_since_it_was_read_and_one_that_is_gone_are_conflicts(client, admin):
    client.force_login(admin)
    for number in ("1", "2"):
        services.save_draft(EMAIL, text="Words " + number, note="", is_correction=False, by=admin)
    publishing = "/consent-texts/reminders_email/publish/"
    for revision in ("1", "", "x", "9" * 5000):
        assert client.post(publishing, {"revision": revision}).status_code == 409
    assert client.post("/consent-texts/reminders_email/discard/").url == "/consent-texts/"
    assert client.post(publishing, {"revision": "2"}).status_code == 409
    assert client.post("/consent-texts/reminders_email/discard/").status_code == 409
    assert consents.current(EMAIL).number == 1


def test_the_list_counts_who_agrees(client, admin):
    for given in (True, True, False):
        say(UserFactory(), EMAIL, given)
    publish(EMAIL, "Other words.", by=admin)
    say(UserFactory(), EMAIL, True)
    assert consents.numbers(EMAIL) == {"agree": 1, "outdated": 2, "refuse": 1}
    client.force_login(admin)
    assert client.get("/consent-texts/").status_code == 200
    for path in ("/admin/accounts/consenttext/", "/admin/accounts/consent/"):
        assert client.get(path).status_code == 200
        assert client.get(f"{path}add/").status_code == 403


@pytest.mark.parametrize(
    ("model", "change"), [(Consent, {"given": False}), (ConsentText, {"text": "Other words, never agreed to."})]
)
def test_the_database_refuses_to_change_or_delete_what_was_asked_and_answered(model, change):
    UserFactory()
    for act in (lambda: model.objects.all().update(**change), lambda: model.objects.all()._raw_delete("default")):
        with pytest.raises(IntegrityError, match="append_only"), transaction.atomic():
            act()


# Obeyed by the outbox


@pytest.fixture
def reminder():
    """Write a reminder to somebody, of a kind that needs consent."""
    outbox.register("test.reminder", lambda message: True, needs=outbox.REMINDERS, title="Reminder")

    def put(number=1, **to):
        return outbox.put(
            kind="test.reminder",
            key=f"test.reminder:{number}",
            template="accounts/mail/account_already_exists",
            context={},
            **to,
        )

    yield put
    kinds.forget("test.reminder")


def test_a_reminder_goes_only_to_who_agreed(reminder, mailoutbox):
    yes, no = UserFactory(), UserFactory()
    say(yes, EMAIL, True)
    assert reminder(1, to=yes).state == MessageState.DUE
    refused = reminder(2, to=no)
    assert (refused.state, refused.answer) == (MessageState.NO_CONSENT, "no consent")
    assert delivery.sweep() == {MessageState.SENT: 1}
    assert [mail.to for mail in mailoutbox] == [[yes.email]]


def test_consent_withdrawn_between_writing_and_sending_is_obeyed_and_never_tried_again(reminder, mailoutbox):
    user = UserFactory()
    say(user, EMAIL, True)
    message = reminder(to=user)
    say(user, EMAIL, False)
    assert delivery.sweep() == {MessageState.NO_CONSENT: 1}
    say(user, EMAIL, True)
    assert delivery.sweep() == {}
    message.refresh_from_db()
    assert (message.state, message.answer, mailoutbox) == (MessageState.NO_CONSENT, "no consent", [])
    with pytest.raises(services.AccountConflict):
        services.retry(message, by=None)
    assert not Message.objects.undelivered().exists()


def test_new_words_stop_reminders_until_they_are_agreed_to(reminder, admin):
    user = UserFactory()
    say(user, EMAIL, True)
    publish(EMAIL, "Correct words.", by=admin, is_correction=True)
    assert reminder(1, to=user).state == MessageState.DUE
    publish(EMAIL, "Other words.", by=admin)
    assert reminder(2, to=user).state == MessageState.NO_CONSENT


def test_a_channel_nobody_can_agree_to_is_agreed_to_by_nobody(reminder):
    user = UserFactory()
    for kind in ConsentKind:
        say(user, kind, True)
    assert not outbox.lacks_consent(Message(kind="test.reminder", channel="email", recipient=user))
    assert not outbox.lacks_consent(Message(kind="test.reminder", channel="sms", recipient=user))
    assert outbox.lacks_consent(Message(kind="test.reminder", channel="pigeon", recipient=user))
    assert outbox.lacks_consent(Message(kind="test.reminder", channel="email", address="a@example.org"))


def test_what_belongs_to_a_visit_or_an_account_always_goes():
    user = UserFactory(consents=[])
    message = outbox.put(
        kind="account.password_changed",
        key="k",
        to=user,
        template="accounts/mail/account_already_exists",
        context={},
    )
    assert message.state == MessageState.DUE
    assert all(kind.needs in (None, outbox.REMINDERS) for kind in kinds.every().values())
