"""Messages in the hospital's own words: placeholders, versions, two who write at once, and never a message lost."""

import threading
from pathlib import Path

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from accounts import outbox, placeholders, services, wordings
from accounts.models import SHORT, AuditEvent, Channel, Message, MessageText, Role
from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db

NAME = "accounts.password_reset_key"
URL = f"/message-texts/{NAME}/email/en/edit/"
RESTORE = f"/message-texts/{NAME}/email/en/restore/"
EVIL = "<b>{{ link }}</b> {% now %} **x** [a](javascript:alert(1))"
GOOD = {"subject": "A new password for {{ person }}", "text": "Dear {{ person }},\n\n{{ link }}", "html": ""}


@pytest.fixture
def admin():
    return UserFactory(role=Role.ADMIN, name="Alma Head")


@pytest.fixture
def as_admin(admin, client):
    client.force_login(admin)
    return client


def change(by, version=0, **texts):
    return services.change_text(wordings.named(NAME), "email", "en", version=version, by=by, **GOOD | texts)


def render(**context):
    known = {"user": {"name": "Mara"}, "password_reset_url": "https://h/?a=1&b=2", **context}
    return outbox.render("accounts/mail/password_reset_key", known)


# Every message that is delivered


def stems():
    return {str(path.relative_to(settings.BASE_DIR / "templates"))[: -len(".subject.txt")] for path in files()}


def files():
    return Path(settings.BASE_DIR / "templates").glob("*/mail/*.subject.txt")


def test_every_message_is_declared_for_rewording():
    declared = {wording.template for wording in wordings.declared()}
    assert stems() - declared == {"accounts/mail/message_test"}
    assert declared - stems() == set()


@pytest.mark.parametrize("wording", wordings.declared(), ids=lambda wording: wording.name)
@pytest.mark.parametrize("channel", [*SHORT, Channel.CHAT, Channel.INBOX])
def test_the_delivered_text_can_be_saved_as_it_is_in_every_channel(channel, wording):
    context = {"site": settings.PUBLIC_URL, "hospital": wordings.HOSPITAL} | wording.example()
    worded = wordings.delivered(wording, channel)
    assert wordings.problems(wording, channel, worded) == {}
    filled = wordings.filled(wording, channel, worded, context)
    assert filled["text"].split() == wordings.as_delivered(wording.template, context, channel)["text"].split()


@pytest.mark.parametrize("wording", wordings.declared(), ids=lambda wording: wording.name)
def test_the_delivered_text_with_placeholders_reads_as_the_delivered_message(wording):
    context = {"site": settings.PUBLIC_URL, "hospital": wordings.HOSPITAL} | wording.example()
    assert wordings.of(wording.template, context) is wording
    worded = wordings.delivered(wording, "email")
    assert wordings.problems(wording, "email", worded) == {}
    assert wordings.problems(wording, "sms", {"text": worded["text"]}) == {}
    message = wordings.filled(wording, "email", worded, context)
    files = wordings.as_delivered(wording.template, context, "email")
    assert (message["subject"], message["text"].split()) == (files["subject"], files["text"].split())


# The language


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ link }}{{ nobody }}", "There is no {{ nobody }} in this message."),
        ("{{ link }} {{ person.password }}", "There is no {{ person.password }} in this message."),
        ("{{ link }} {{ person|upper }}", "Double braces only stand around"),
        ("{{ link }} {% now 'Y' %}", "Double braces only stand around"),
        ("{{ link }} {# x #}", "Double braces only stand around"),
        ("{{ {{ link }} }}", "Double braces only stand around"),
        ("Hello {{ person }}", "{{ link }} is missing"),
    ],
)
def test_what_is_not_a_declared_placeholder_is_refused_beside_the_field(text, said, as_admin):
    answer = as_admin.post(URL, GOOD | {"text": text, "version": 0, "action": "save"})
    assert answer.status_code == 200
    [sentence] = answer.context["form"].errors["text"]
    assert said in sentence
    assert answer.context["form"]["text"].value() == text
    assert MessageText.objects.count() == 0
    with pytest.raises(services.AccountRefused):
        change(None, text=text)


def test_a_link_never_stands_in_a_subject_which_staff_can_read(as_admin):
    answer = as_admin.post(URL, GOOD | {"subject": "{{ link }}", "version": 0, "action": "save"})
    assert "subject" in answer.context["form"].errors


def test_values_are_put_in_as_they_are_and_never_read_again(admin):
    change(
        admin, html="Dear **{{ person }}**, [open]({{ link }}) or {{ link }} <script>x</script> ![p](https://e/x.png)"
    )
    message = render(user={"name": EVIL})
    assert message["subject"] == f"A new password for {EVIL}"
    assert message["text"] == f"Dear {EVIL},\n\nhttps://h/?a=1&b=2\n"
    escaped = EVIL.replace("<", "&lt;").replace(">", "&gt;")
    assert f"<p>Dear <strong>{escaped}</strong>, " in message["html"]
    assert '<a href="https://h/?a=1&amp;b=2">open</a> or <a href="https://h/?a=1&amp;b=2">' in message["html"]
    assert "&lt;script&gt;" in message["html"]
    assert not {"<script", "<img", 'href="javascript'} & set(message["html"].split(">"))
    assert "<img" not in message["html"]


@pytest.mark.parametrize("target", ["{{ person }}", "https://e.example/{{ link }}", "/path", "data:text/html,x"])
def test_a_link_leads_to_an_address_or_to_a_link_of_the_message(target):
    text = f"{{{{ link }}}} [x]({target})"
    wrong = wordings.problems(wordings.named(NAME), "email", GOOD | {"html": text})
    assert bool(wrong) == (target != "data:text/html,x")  # which is no link at all, but words
    assert placeholders.link_problems("[x](https://e.example/) [y]({{ link }})", linked=["link"]) == []


# What goes out


def test_a_stored_text_goes_out_and_the_way_back_leads_to_the_file(admin):
    before = render()
    change(admin)
    assert render()["subject"] == "A new password for Mara"
    services.restore_text(wordings.named(NAME), "email", "en", version=1, by=admin)
    assert render() == before
    assert [event.detail["version"] for event in AuditEvent.objects.filter(action__startswith="message_text")] == [2, 1]


def test_a_text_of_another_language_or_channel_is_not_used(admin):
    before = render()
    for channel, language in (("email", "xx"), ("sms", "en")):
        services.change_text(wordings.named(NAME), channel, language, version=0, by=admin, **GOOD)
    assert render() == before
    known = {"user": {"name": "M"}, "password_reset_url": "https://h/"}
    short = outbox.render("accounts/mail/password_reset_key", known, channel="sms")
    assert short == {"subject": "Choose a new password", "text": "Dear M,\n\nhttps://h/\n", "html": ""}
    assert outbox.render("accounts/mail/invitation", {}, channel="sms")["text"].startswith("You are invited to")


@pytest.mark.parametrize("broken", [{"text": "{{ gone }} {{ link }}"}, {"text": "{% load x %}"}, {"html": "[x](/y)"}])
def test_a_broken_stored_text_never_stops_a_message(broken, admin, as_admin, caplog):
    before = render()
    MessageText.objects.create(name=NAME, channel="email", language="en", number=1, changed_by=admin, **GOOD | broken)
    assert render() == before
    assert f"Message text {NAME} (email, en) is not used" in caplog.text
    page = as_admin.get("/message-texts/?state=broken")
    assert [row["wording"].name for row in page.context["rows"]] == [NAME]
    assert "Not used: to be mended" in page.text


def test_a_link_without_a_value_goes_out_as_delivered(admin, caplog):
    change(admin, text="Press here: {{ link }} now")
    assert "Press here" not in render(password_reset_url="")["text"]
    assert "no value for link" in caplog.text


def test_the_database_keeps_every_version(admin):
    text = change(admin)
    for act in (text.delete, lambda: MessageText.objects.update(text="other")):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()


# The pages


def test_only_administrators_see_and_change_them(client, admin):
    for role in (Role.PATIENT, Role.DOCTOR, Role.RECEPTION):
        user = UserFactory(role=role)
        client.force_login(user)
        assert {client.get(url).status_code for url in ("/message-texts/", URL, RESTORE)} == {403}
        assert not MessageText.objects.visible_to(user).exists()
    client.force_login(admin)
    for wrong in (("/en/", "/xx/"), ("/email/", "/pigeon/"), (NAME, "a")):
        assert client.get(URL.replace(*wrong)).status_code == 404


def test_a_text_is_looked_at_mailed_as_a_test_saved_and_listed(as_admin, admin):
    page = as_admin.get(URL)
    assert page.context["form"].initial["subject"] == "Choose a new password"
    typed = GOOD | {"html": "Dear {{ person }}: {{ link }}", "version": 0}
    page = as_admin.post(URL, typed | {"action": "preview"})
    assert "A new password for Mara Jansen" in page.text
    assert '<iframe class="mail-frame" sandbox="allow-same-origin" srcdoc="&lt;!DOCTYPE html&gt;' in page.text
    assert "&lt;p&gt;Dear Mara Jansen: &lt;a href=" in page.text
    page = as_admin.post(URL, typed | {"action": "test"})
    test = Message.objects.get(kind="message_text.test")
    assert (test.subject, test.address) == ("Test: A new password for Mara Jansen", admin.email)
    assert test.html.startswith("<!DOCTYPE html>")
    assert page.context["form"]["text"].value() == GOOD["text"]
    assert MessageText.objects.count() == 0
    assert as_admin.post(URL, typed | {"action": "save"}).url == "/message-texts/"
    assert "by Alma Head" in as_admin.get("/message-texts/?q=choose").text
    page = as_admin.get(URL)
    assert "Version 1" in page.text
    assert (page.context["form"].initial["version"], page.context["form"].initial["subject"]) == (1, GOOD["subject"])
    assert as_admin.post(RESTORE, {"version": 1}).url == "/message-texts/"
    assert as_admin.post(RESTORE, {"version": 1}).status_code == 409
    assert as_admin.get(f"{URL}?from=1").context["form"].initial["subject"] == GOOD["subject"]


def test_the_second_of_two_is_told_and_nothing_typed_is_lost(as_admin, admin):
    other = UserFactory(role=Role.ADMIN, name="Otto Berg")
    change(other, text="Otto's words {{ link }}")
    answer = as_admin.post(URL, GOOD | {"text": "Mine {{ link }}", "version": 0, "action": "save"})
    assert answer.status_code == 409
    assert answer.context["form"]["text"].value() == "Mine {{ link }}"
    assert "by Otto Berg" in answer.text
    assert "Otto&#x27;s words" in answer.text
    assert MessageText.objects.current().get().changed_by == other
    again = GOOD | {"text": "Mine {{ link }}", "version": answer.context["form"]["version"].value(), "action": "save"}
    assert as_admin.post(URL, again).status_code == 302
    assert MessageText.objects.current().get().text == "Mine {{ link }}"


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_however_much_was_changed(rows, as_admin, admin, django_assert_max_num_queries):
    for wording in wordings.declared()[:rows]:
        services.change_text(wording, "email", "en", version=0, by=admin, **wordings.delivered(wording, "email"))
    with django_assert_max_num_queries(9):
        assert len([row for row in as_admin.get("/message-texts/").context["rows"] if row["changed"]]) == rows


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_the_same_time_one_is_told():
    admin = UserFactory(role=Role.ADMIN)
    start, outcomes = threading.Barrier(2), []

    def save(words):
        try:
            start.wait()
            change(admin, text=f"{words} {{{{ link }}}}")
            outcomes.append("saved")
        except services.AccountConflict:
            outcomes.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=(words,)) for words in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["saved", "told"]
    assert MessageText.objects.count() == 1
