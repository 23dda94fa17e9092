"""Each mail has a part in HTML: its plain text laid out, with what people typed as words."""

import pytest

from accounts import letters, outbox, wordings
from accounts.models import Channel
from accounts.templatetags import accounts_words

SITE, SENDER = "https://h.example.org", "Riverside Hospital"
TEXT = f"""Dear Mara,
your visit is booked.

When:       Tue 24 Nov, 09:30
Doctor:     Dr Diallo
Move it here:
{SITE}/appointments/1/

More:
{SITE}/help/

{SENDER}
+49 30 901820
"""


def test_columns_addresses_and_foot_are_told_apart():
    body, foot = letters.parts(TEXT, site=SITE, sender=SENDER)
    assert foot == [SENDER, "+49 30 901820"]
    assert body == [
        ("words", ["Dear Mara,", "your visit is booked."]),
        ("facts", [("When", "Tue 24 Nov, 09:30"), ("Doctor", "Dr Diallo")]),
        ("words", ["Move it here:"]),
        ("link", f"{SITE}/appointments/1/"),
        ("words", ["More:"]),
        ("address", f"{SITE}/help/"),
    ]


@pytest.mark.parametrize("text", ["", "\n\n", SENDER, f"--\n{SENDER}", f"{SITE}/a/"])
def test_a_text_of_one_line_or_none_is_laid_out_too(text):
    assert "<body>" in letters.laid_out("Title", text, site=SITE, sender=SENDER)


@pytest.mark.parametrize("address", ["https://evil.example.org/x", f"{SITE}.evil.example.org/x", "javascript:alert(1)"])
def test_only_addresses_of_this_site_become_links(address):
    assert "href" not in letters.laid_out("Title", f"Dear you,\n\n{address}\n", site=SITE, sender=SENDER)


def test_what_people_typed_stays_words():
    name = '<img src=x onerror=alert(1)> & "Zoë"'
    html = letters.laid_out(name, f"Dear {name},\n\nWhen:    {name}\n\n{SENDER}", site=SITE, sender=SENDER)
    assert ("<img" in html, html.count("&lt;img src=x onerror=alert(1)&gt; &amp; &quot;Zoë&quot;")) == (False, 4)


@pytest.mark.parametrize("wording", wordings.declared(), ids=lambda wording: wording.name)
def test_every_mail_as_delivered_has_both_parts_and_the_same_links(wording):
    context = {"site": SITE, "hospital": wordings.HOSPITAL} | wording.example()
    said = wordings.as_delivered(wording.template, context, Channel.EMAIL)
    assert said["html"].startswith("<!DOCTYPE html>")
    for link in wordings.values(wording, context, names=wording.linked).values():
        assert (link in said["text"]) == (link in said["html"].replace("&amp;", "&")) or link == SITE
    assert wordings.as_delivered(wording.template, context, Channel.INBOX)["html"] == ""


def test_a_mail_carries_its_style_and_its_preview_links_it():
    mail = letters.laid_out("Title", TEXT, site=SITE, sender=SENDER)
    assert letters.style() in mail
    shown = accounts_words.without_inline_style(mail)
    assert ("<style" in shown, 'rel="stylesheet"' in shown) == (False, True)


@pytest.mark.django_db
def test_what_is_written_carries_it():
    assert "<h1" in outbox.render("records/mail/export_ready", {"export": None, "url": SITE, "ends": ""})["html"]
