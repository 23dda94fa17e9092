"""Who gets in, who does not, and what is on record about it."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts import limits, services
from accounts.models import AuditEvent, Role
from accounts.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


def sign_in(client, email, password=PASSWORD, **more):
    return client.post(reverse("account_login"), {"login": email, "password": password, **more})


def is_signed_in(client):
    return "_auth_user_id" in client.session


def acts():
    return list(AuditEvent.objects.order_by("pk").values_list("action", "actor_name"))


@pytest.mark.parametrize("role", Role)
def test_every_role_signs_in_and_out_and_both_are_on_record(role, client):
    user = UserFactory(role=role)
    answer = sign_in(client, user.email.upper())
    assert (answer.status_code, answer.url) == (302, "/")
    assert is_signed_in(client)
    answer = client.post(reverse("account_logout"))
    assert (answer.status_code, answer.url) == (302, "/")
    assert not is_signed_in(client)
    assert acts() == [("account.signed_in", user.name), ("account.signed_out", user.name)]


def test_signing_out_asks_first_and_never_by_a_link(client):
    client.force_login(UserFactory())
    assert client.get(reverse("account_logout")).status_code == 200
    assert is_signed_in(client)


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer_and_are_on_record(client):
    user = UserFactory()
    known, unknown = (sign_in(client, email, "not the password") for email in (user.email, "nobody@example.org"))
    assert known.status_code == unknown.status_code == 200
    assert known.context["form"].errors == unknown.context["form"].errors
    events = list(AuditEvent.objects.filter(action="account.sign_in_failed").order_by("pk"))
    assert [(event.target_id, event.detail) for event in events] == [
        (user.pk, {"email": user.email}),
        (None, {"email": "nobody@example.org"}),
    ]
    assert "not the password" not in str(AuditEvent.objects.values())


def test_after_five_failures_an_account_waits_whether_it_exists_or_not(client):
    user = UserFactory()
    for email in (user.email, "nobody@example.org"):
        assert [sign_in(client, email, "wrong").status_code for _ in range(5)] == [200] * 5
        locked = sign_in(client, email)
        assert (locked.status_code, locked.headers["Retry-After"]) == (429, "300")
        assert reverse("account_reset_password") in locked.content.decode()
    assert not is_signed_in(client)


def test_a_locked_account_locks_nobody_else_and_one_person_may_sign_in_on_many_devices(client):
    user, other = UserFactory(), UserFactory()
    for _ in range(6):
        sign_in(client, other.email, "wrong")
    assert [sign_in(Client(), user.email).status_code for _ in range(30)] == [302] * 30


def test_the_lock_opens_by_itself_and_a_success_begins_anew(client):
    user = UserFactory()
    for _ in range(4):
        sign_in(client, user.email, "wrong")
    assert sign_in(client, user.email).status_code == 302
    assert not limits.is_exhausted(user.email, "127.0.0.1")
    client.post(reverse("account_logout"))
    assert [sign_in(client, user.email, "wrong").status_code for _ in range(6)] == [200] * 5 + [429]
    limits.forget(user.email)
    assert sign_in(client, user.email).status_code == 302


def test_a_network_address_is_limited_only_after_very_many_failures(client, monkeypatch):
    assert limits.PER_ADDRESS == 1000
    monkeypatch.setattr(limits, "PER_ADDRESS", 3)
    user = UserFactory()
    for number in range(3):
        sign_in(client, f"person{number}@example.org", "wrong")
    assert sign_in(client, user.email).status_code == 429
    elsewhere = {"login": user.email, "password": PASSWORD}
    assert client.post(reverse("account_login"), elsewhere, REMOTE_ADDR="10.0.0.9").status_code == 302


def test_a_forwarded_address_counts_only_behind_a_proxy(client, settings):
    user = UserFactory()
    sign_in(client, user.email, "wrong")
    client.post(
        reverse("account_login"), {"login": user.email, "password": "wrong"}, headers={"X-Forwarded-For": "203.0.113.7"}
    )
    assert set(AuditEvent.objects.values_list("address", flat=True)) == {"127.0.0.1"}
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    client.post(
        reverse("account_login"),
        {"login": user.email, "password": "wrong"},
        headers={"X-Forwarded-For": "1.1.1.1, 203.0.113.7"},
    )
    assert AuditEvent.objects.order_by("pk").last().address == "203.0.113.7"


def test_a_blocked_person_is_told_so_only_with_the_right_password(client):
    user = UserFactory()
    services.block(user, reason="Left", by=None)
    wrong = sign_in(client, user.email, "wrong")
    assert wrong.status_code == 200
    right = sign_in(client, user.email)
    assert (right.status_code, right.url) == (302, reverse("account_inactive"))
    page = client.get(right.url)
    assert page.status_code == 200
    assert "Left" not in page.content.decode()
    assert not is_signed_in(client)


def test_an_unconfirmed_address_does_not_get_in(client):
    user = UserFactory()
    user.emailaddress_set.update(verified=False)
    answer = sign_in(client, user.email)
    assert answer.url == reverse("account_email_verification_sent")
    assert not is_signed_in(client)


def test_the_session_gets_a_new_number_at_sign_in(client):
    client.get(reverse("account_login"))
    session = client.session
    session["kept"] = "yes"
    session.save()
    before = client.session.session_key
    sign_in(client, UserFactory().email)
    assert client.session.session_key != before


@pytest.mark.parametrize("going", ["/book/", "/patients/?q=a&page=2", "/%D8%A7/"])
def test_one_lands_where_one_was_going(going, client):
    user = UserFactory()
    assert sign_in(client, user.email, next=going).url == going


@pytest.mark.parametrize(
    "going",
    [
        "https://evil.example",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "http:///evil.example",
        "javascript:alert(1)",
        "https://evil.example\\@testserver",
        "http://testserver.evil.example/",
        "http://testserver@evil.example/",
        "http://[",
        "\t//evil.example",
        "",
        "ftp://testserver/x",
    ],
)
def test_nobody_is_sent_to_another_site(going, client):
    user = UserFactory()
    assert sign_in(client, user.email, next=going).url == "/"
    signed_in_already = client.get(reverse("account_login"), {"next": going})
    assert signed_in_already.url == "/"


def test_a_nul_in_the_way_back_is_refused_as_unreadable(client):
    assert client.get(reverse("account_login"), {"next": "\x00//evil.example"}).status_code == 400


def test_another_of_our_host_names_is_another_site_too(client, settings):
    settings.CSRF_TRUSTED_ORIGINS = ["https://partner.example"]
    assert sign_in(client, UserFactory().email, next="https://partner.example/").url == "/"


def test_a_closed_page_leads_to_sign_in_and_back(client):
    user = UserFactory(role=Role.ADMIN)
    url = reverse("accounts:user-list") + "?q=ada"
    door = client.get(url)
    assert door.url == f"{reverse('account_login')}?next=/users/%3Fq%3Dada"
    page = client.get(door.url)
    assert 'name="next" value="/users/?q=ada"' in page.content.decode()
    assert sign_in(client, user.email, next=url).url == url


def test_no_audit_row_no_sign_in(client, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("no room")

    monkeypatch.setattr(AuditEvent.objects, "create", broken)
    client.raise_request_exception = False
    assert sign_in(client, UserFactory().email).status_code == 500
    assert not is_signed_in(client)


def test_nobody_gets_forms_as_json_by_naming_it(client):
    headers = {"Accept": "application/json", "X-Requested-With": "XMLHttpRequest"}
    answer = client.get(reverse("account_login"), headers=headers)
    assert answer.headers["Content-Type"].startswith("text/html")


def test_a_part_of_a_page_leads_the_whole_page_to_sign_in_and_back(client):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/users/?q=ada"}
    answer = client.get(reverse("accounts:audit-list"), headers=headers)
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == "/account/login/?next=/users/%3Fq%3Dada"


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("http://testserver/messages/?state=all", "/messages/%3Fstate%3Dall"),
        ("https://evil.example/messages/", "/"),
        ("", "/"),
    ],
)
def test_a_change_that_met_a_closed_door_leads_back_to_its_page(referer, back, client):
    answer = client.post(reverse("accounts:message-retry", args=[1]), headers={"Referer": referer})
    assert (answer.status_code, answer.url) == (302, f"/account/login/?next={back}")
