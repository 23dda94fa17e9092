"""Where one is signed in, and signing out there; what ends the sessions of somebody at once."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts import services
from accounts.models import AuditEvent, Role, Session
from accounts.services import second_factor
from accounts.sessions import SessionStore
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.keys import add_app

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:130.0) Gecko/20100101 Firefox/130.0"
PAGE = "accounts:security"


def browser(user, agent=FIREFOX):
    client = Client(headers={"User-Agent": agent})
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert is_in(client)
    return client


def is_in(client):
    return client.get(reverse(PAGE)).status_code == 200


def confirm(client, answer):
    """Show once more who one is, where a page asked for it; the request that was interrupted goes on."""
    assert answer.url.startswith(reverse("account_reauthenticate"))
    return client.post(answer.url, {"password": PASSWORD})


def test_the_list_names_devices_and_marks_this_one_and_holds_no_keys():
    user = UserFactory()
    here, there = browser(user), browser(user, "Mozilla/5.0 (iPhone; CPU) AppleWebKit Version/17 Safari/604.1")
    page = here.get(reverse(PAGE)).content.decode()
    assert page.count("Firefox, Windows") == 1
    assert page.count("This device") == 1
    assert "Safari, iPhone" in page
    assert "127.0.0.1" in page
    assert not any(key in page for key in Session.objects.values_list("session_key", flat=True))
    assert is_in(there)


def test_one_sees_and_ends_only_ones_own():
    user, other = UserFactory(), UserFactory()
    here, theirs = browser(user), browser(other)
    handle = Session.objects.get(user=other).handle
    answer = confirm(here, here.post(reverse("accounts:session-end"), {"session": handle}))
    assert answer.url == reverse(PAGE)
    assert "has ended already" in here.get(answer.url).content.decode()
    assert is_in(theirs)


def test_one_device_is_signed_out_after_asking_who_it_is():
    user = UserFactory()
    here, there, third = browser(user), browser(user, "curl/8"), browser(user)
    handle = Session.objects.get(device="curl").handle
    asked = here.post(reverse("accounts:session-end"), {"session": handle})
    assert is_in(there)
    confirm(here, asked)
    assert [is_in(client) for client in (here, there, third)] == [True, False, True]
    assert AuditEvent.objects.get(action="account.session_ended").detail == {"device": "curl"}


def test_everywhere_else_keeps_this_one_and_everywhere_does_not():
    user = UserFactory()
    here, there = browser(user), browser(user)
    confirm(here, here.post(reverse("accounts:sessions-end")))
    assert [is_in(here), is_in(there)] == [True, False]
    there = browser(user)
    answer = here.post(reverse("accounts:sessions-end"), {"here": "too"})
    assert answer.url == reverse("account_login")
    assert [is_in(here), is_in(there)] == [False, False]
    assert not Session.objects.filter(user=user).exists()
    assert AuditEvent.objects.filter(action="account.sessions_ended").count() == 2


def change_password(user, client):
    data = {"oldpassword": PASSWORD, "password1": "quite another pass phrase", "password2": "quite another pass phrase"}
    assert client.post(reverse("account_change_password"), data).status_code == 302


def test_a_new_password_ends_the_others_at_once_and_their_rows():
    user = UserFactory()
    here, there = browser(user), browser(user)
    change_password(user, here)
    assert Session.objects.filter(user=user).count() == 1
    assert [is_in(here), is_in(there)] == [True, False]


@pytest.mark.parametrize(
    "act",
    [
        lambda user: services.block(user, reason="Left", by=None),
        lambda user: services.set_role(user, role=Role.ADMIN, by=None),
        lambda user: services.change_password(user, password="quite another pass phrase", by=None, how="link"),
        lambda user: services.sign_out_everywhere(user, by=None),
        lambda user: second_factor.reset(user, reason="Lost the telephone", by=None),
    ],
    ids=["block", "role", "reset by mail", "everywhere", "second factor reset"],
)
def test_what_ends_every_session_at_once(act):
    user, bystander = UserFactory(role=Role.RECEPTION), browser(UserFactory())
    first, second = browser(user), browser(user)
    if act.__code__.co_names[0] == "second_factor":
        add_app(user)
    act(user)
    assert [is_in(first), is_in(second), is_in(bystander)] == [False, False, True]
    assert not Session.objects.filter(user=user).exists()


def test_a_session_written_by_a_request_under_way_is_not_honoured():
    """The row is gone, and a proof from before the block opens nothing should it come back."""
    user = UserFactory()
    client = browser(user)
    kept = dict(client.session.items())
    services.block(user, reason="Left", by=None)
    services.unblock(user, reason="", by=None)
    again = SessionStore()
    again.update(kept)
    again.create()
    client.cookies["hms_session"] = again.session_key
    assert not is_in(client)


def test_sessions_that_have_run_out_are_not_listed_and_swept_away():
    user = UserFactory()
    browser(user)
    Session.objects.update(expire_date="2020-01-01T00:00:00Z")
    here = browser(user)
    assert here.get(reverse(PAGE)).content.decode().count("Firefox, Windows") == 1
    SessionStore.clear_expired()
    assert Session.objects.filter(user=user).count() == 1


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_costs_the_same_however_many(number, django_assert_max_num_queries):
    user = UserFactory()
    here, *_others = [browser(user) for _ in range(number)]
    with django_assert_max_num_queries(7):
        here.get(reverse(PAGE))
