"""Whether somebody has an account is told by no answer: not its words, its status, its cookies, nor the work it takes.

`make bench` compares the times over HTTP; here stands what makes them alike.
"""

import re

import pytest
from django.contrib.auth.hashers import get_hasher
from django.test import Client
from django.urls import reverse

from accounts import services
from accounts.models import AuditEvent, Message, Role, User
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.keys import add_app

pytestmark = pytest.mark.django_db

FIELDS = {"name": "Some Body", "birth_date": "1980-02-03", "password1": PASSWORD, "password2": PASSWORD}
FIELDS["accept_privacy"] = "on"
PAGES = {
    "account_login": lambda email: {"login": email, "password": "not the right one"},
    "account_reset_password": lambda email: {"email": email},
    "account_signup": lambda email: FIELDS | {"email": email},
}


def plain():
    return UserFactory().email


def blocked():
    user = UserFactory()
    services.block(user, reason="Left", by=None)
    return user.email


def invited():
    return services.invite(email="invited@example.org", name="Nora", role=Role.RECEPTION, by=None).email


def unconfirmed():
    user = UserFactory()
    user.emailaddress_set.update(verified=False)
    return user.email


def with_second_factor():
    user = UserFactory()
    add_app(user)
    return user.email


def answer(name, email):
    """Status, where it leads, names of cookies, and the words: what is asked for again, left out."""
    client = Client()
    first = client.post(reverse(name), PAGES[name](email))
    last = client.get(first.url) if first.status_code == 302 else first
    words = re.sub(r'value="[^"]*"', "", last.content.decode()).replace(email, "")
    return first.status_code, first.headers.get("Location"), sorted(first.cookies), sorted(client.cookies), words


@pytest.mark.parametrize("somebody", [plain, blocked, invited, unconfirmed, with_second_factor])
@pytest.mark.parametrize("page", PAGES)
def test_a_known_address_is_answered_like_an_unknown_one(page, somebody):
    assert answer(page, somebody()) == answer(page, "nobody@example.org")


@pytest.mark.parametrize("page", PAGES)
def test_the_sixth_try_is_answered_alike_too(page):
    emails = plain(), "nobody@example.org"
    known, unknown = ([answer(page, email)[0] for _ in range(6)] for email in emails)
    assert known == unknown


@pytest.mark.parametrize("page", PAGES)
def test_a_mail_goes_out_for_both_or_for_neither(page):
    counts = []
    for email in (plain(), "nobody@example.org"):
        before = Message.objects.count()
        answer(page, email)
        counts.append(Message.objects.count() - before)
    assert counts[0] == counts[1]


def test_one_password_is_hashed_whoever_asks(monkeypatch):
    hashed = []
    hasher = type(get_hasher())
    encode = hasher.encode
    monkeypatch.setattr(hasher, "encode", lambda self, *given: hashed.append(1) or encode(self, *given))
    counts = {}
    for who, email in (("known", plain()), ("invited", invited()), ("unknown", "nobody@example.org")):
        for page in ("account_login", "account_signup"):
            hashed.clear()
            answer(page, email)
            counts[page, who] = len(hashed)
    assert counts["account_signup", "known"] == counts["account_signup", "unknown"] == 1
    assert counts["account_login", "unknown"] == 1  # a known one is verified, which is the same work
    assert counts["account_login", "invited"] == 1


def test_registering_with_a_known_address_leaves_a_line_in_the_trail_and_nobody_new(client):
    user = UserFactory()
    before = User.objects.count()
    client.post(reverse("account_signup"), FIELDS | {"email": user.email.upper()})
    assert User.objects.count() == before
    assert not User.objects.filter(email__endswith=".invalid").exists()
    event = AuditEvent.objects.get(action="account.registered_again")
    assert (event.target_id, event.actor_id) == (user.pk, None)
    assert not AuditEvent.objects.filter(action="account.registered").exists()
    assert Message.objects.get().kind == "account.account_already_exists"


def test_a_link_that_invites_nobody_and_one_that_was_used_are_answered_alike(client):
    user = services.invite(email="new@example.org", name="New", role=Role.RECEPTION, by=None)
    token = re.search(r"/invitations/accept/([^/\s]+)/", Message.objects.get().text).group(1)
    services.revoke(user.invitations.get(), by=None)
    pages = [client.get(reverse("accounts:invitation-accept", args=[one])) for one in (token, "nothing-like-it")]
    assert {page.status_code for page in pages} == {404}
    assert pages[0].content.decode().replace(token, "") == pages[1].content.decode().replace("nothing-like-it", "")
