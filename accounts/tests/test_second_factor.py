"""An authenticator app and recovery codes: set up, asked for at sign-in, good once, taken away."""

import re

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import limits, secrecy
from accounts.models import AuditEvent, Message, Role, Session
from accounts.services import second_factor
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.keys import add_app, code_now, recovery_codes_of

pytestmark = pytest.mark.django_db
STEP = "mfa_authenticate"


def sign_in(client, user, **more):
    return client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD, **more})


def show(client, code):
    return client.post(reverse(STEP), {"code": code})


def is_in(client):
    return client.get(reverse("accounts:security")).status_code == 200


def again(client):
    """Show the password once more, so that sensitive pages open."""
    assert client.post(reverse("account_reauthenticate"), {"password": PASSWORD}).status_code == 302


def actions():
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


def test_an_app_is_set_up_by_scanning_and_typing_a_code_and_codes_follow(client):
    user = UserFactory()
    sign_in(client, user)
    page = client.get(reverse("accounts:app-add")).content.decode()
    assert 'src="data:image/svg+xml;base64,' in page
    secret = "".join(re.findall(r"<span>([A-Z2-7]{4})</span>", page))
    wrong = client.post(reverse("accounts:app-add"), {"code": "000000"})
    assert wrong.context["form"].errors["code"]
    assert secret[:4] in wrong.content.decode()  # the same secret: what was scanned stays good
    done = client.post(reverse("accounts:app-add"), {"code": code_now(secret)})
    assert done.url == reverse("accounts:recovery-codes")
    codes = client.get(done.url).content.decode()
    assert all(f"{code[:4]} {code[4:]}" in codes for code in recovery_codes_of(user))
    assert actions()[-1] == "account.app_added"
    assert Message.objects.get(kind="account.app_added").address == user.email


def test_setting_up_ends_the_other_sessions_and_keeps_this_one(client):
    user, other = UserFactory(), Client()
    sign_in(client, user)
    sign_in(other, user)
    secret = "".join(client.get(reverse("accounts:app-add")).context["secret_parts"])
    client.post(reverse("accounts:app-add"), {"code": code_now(secret)})
    assert [is_in(client), is_in(other)] == [True, False]


def test_later_it_is_asked_who_one_is_before_anything_changes(client):
    user = UserFactory()
    add_app(user)
    client.force_login(user)
    for name in ("passkey-add", "app-remove", "recovery-codes", "recovery-codes-renew", "recovery-codes-download"):
        answer = client.get(reverse(f"accounts:{name}"))
        assert (answer.status_code, answer.url.partition("?")[0]) == (302, reverse("account_reauthenticate")), name


def test_setting_up_asks_again_when_signing_in_is_a_while_ago(client):
    user = UserFactory()
    sign_in(client, user)
    with time_machine.travel(timezone.now() + timezone.timedelta(minutes=6)):
        assert client.get(reverse("accounts:app-add")).url.startswith(reverse("account_reauthenticate"))


def test_the_password_alone_opens_nothing_and_the_code_lets_in_where_one_was_going(client):
    user = UserFactory()
    secret = add_app(user)
    answer = sign_in(client, user, next="/book/?a=1")
    assert answer.url == reverse(STEP)
    assert not is_in(client)
    assert actions() == []
    done = show(client, code_now(secret))
    assert (done.status_code, done.url) == (302, "/book/?a=1")
    assert AuditEvent.objects.get(action="account.signed_in").detail == {"second_factor": "totp"}


@pytest.mark.parametrize("going", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_nobody_is_sent_to_another_site_after_the_second_step(going, client):
    user = UserFactory()
    secret = add_app(user)
    sign_in(client, user, next=going)
    assert client.post(reverse(STEP), {"code": code_now(secret), "next": going}).url == "/"


def test_the_session_gets_a_new_number_after_each_step(client):
    user = UserFactory()
    secret = add_app(user)
    client.get(reverse("account_login"))
    session = client.session
    session["kept"] = "yes"
    session.save()
    numbers = [client.session.session_key]
    sign_in(client, user)
    numbers.append(client.session.session_key)
    show(client, code_now(secret))
    numbers.append(client.session.session_key)
    assert len(set(numbers)) == 3


def test_a_wrong_password_does_not_tell_that_there_is_a_second_factor(client):
    user, plain = UserFactory(), UserFactory()
    add_app(user)
    answers = [
        client.post(reverse("account_login"), {"login": email, "password": "wrong"})
        for email in (user.email, plain.email, "nobody@example.org")
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert answers[0].context["form"].errors == answers[1].context["form"].errors == answers[2].context["form"].errors


def test_the_second_step_without_the_first_one_leads_to_sign_in(client):
    assert client.get(reverse(STEP)).url == reverse("account_login")
    assert show(client, "123456").url == reverse("account_login")


def test_a_code_counts_once_and_an_older_one_never_again(client):
    user = UserFactory()
    secret = add_app(user)
    now = timezone.now().replace(second=10)
    with time_machine.travel(now, tick=False):
        earlier, code = code_now(secret, later=-1), code_now(secret)
        sign_in(client, user)
        assert show(client, code).status_code == 302
        for used in (code, earlier):
            other = Client()
            sign_in(other, user)
            assert "was used before" in show(other, used).content.decode()
            assert not is_in(other)
    with time_machine.travel(now + timezone.timedelta(seconds=40), tick=False):
        late = Client()
        sign_in(late, user)
        assert show(late, code).status_code == 200  # still within the tolerance, and used
        assert show(late, code_now(secret)).status_code == 302


def test_the_code_that_set_the_app_up_does_not_sign_in(client):
    user = UserFactory()
    secret = "JBSWY3DPEHPK3PXP"
    code = code_now(secret)
    second_factor.add_app(user, secret=secret, code=code, by=user)
    sign_in(client, user)
    assert show(client, code).status_code == 200


def test_a_recovery_code_lets_in_once_and_is_on_record_and_mailed(client):
    user = UserFactory()
    add_app(user)
    code = recovery_codes_of(user)[3]
    sign_in(client, user)
    assert show(client, f"{code[:4]} {code[4:]}").status_code == 302
    other = Client()
    sign_in(other, user)
    assert show(other, code).status_code == 200
    assert AuditEvent.objects.get(action="account.recovery_code_used").detail == {"left": 9}
    assert "9 codes are left" in Message.objects.get(kind="account.recovery_code_used").text


def test_new_recovery_codes_void_the_old_ones(client):
    user = UserFactory()
    add_app(user)
    before = recovery_codes_of(user)
    client.force_login(user)
    again(client)
    assert client.post(reverse("accounts:recovery-codes-renew")).url == reverse("accounts:recovery-codes")
    assert set(before).isdisjoint(recovery_codes_of(user))
    text = client.get(reverse("accounts:recovery-codes-download"))
    assert "attachment" in text.headers["Content-Disposition"]
    assert set(recovery_codes_of(user)) <= set(text.content.decode().split())
    assert text.headers["Cache-Control"] != ""
    assert "account.recovery_codes_made" in actions()


def test_after_five_wrong_codes_no_code_is_looked_at_and_the_person_is_told(client):
    user = UserFactory()
    secret = add_app(user)
    sign_in(client, user)
    assert [show(client, "000000").status_code for _ in range(5)] == [200] * 5
    locked = show(client, code_now(secret))
    assert (locked.status_code, locked.headers["Retry-After"]) == (429, "300")
    assert "recovery codes" in locked.content.decode()
    assert Message.objects.filter(kind="account.second_factor_failed").count() == 1
    assert actions().count("account.second_factor_failed") == 5
    other = Client()
    sign_in(other, user)
    assert show(other, recovery_codes_of(user)[0]).status_code == 429  # another browser is no way around
    with time_machine.travel(timezone.now() + timezone.timedelta(seconds=301)):
        assert show(client, code_now(secret)).status_code == 302


def test_who_guesses_all_day_is_stopped_for_the_day():
    for _ in range(limits.PER_CODE_DAY):
        limits.note_wrong_code(7)
    with time_machine.travel(timezone.now() + timezone.timedelta(hours=2)):
        assert limits.codes_exhausted(7)
        assert not limits.codes_exhausted(8)
    with time_machine.travel(timezone.now() + timezone.timedelta(hours=25)):
        assert not limits.codes_exhausted(7)


@pytest.mark.parametrize("code", ["", "x" * 5000, "١٢٣٤٥٦", "🙂", "-1", "9" * 30, "12\n3456"])
def test_odd_codes_are_wrong_codes(code, client):
    user = UserFactory()
    add_app(user)
    sign_in(client, user)
    answer = show(client, code)
    assert answer.status_code == 200
    assert answer.context["form"].errors["code"]


def test_secrets_are_encrypted_in_the_database(client):
    user = UserFactory()
    secret = add_app(user)
    kept = str(list(Authenticator.objects.values()))
    assert secret not in kept
    assert not any(code in kept for code in recovery_codes_of(user))
    sign_in(client, UserFactory())
    page = client.get(reverse("accounts:app-add")).content.decode()
    shown = "".join(re.findall(r"<span>([A-Z2-7]{4})</span>", page))
    assert len(shown) == 32
    assert shown not in str(dict(client.session.items()))


def test_a_new_secret_key_with_the_old_one_as_fallback_locks_nobody_out(client, settings):
    user = UserFactory()
    secret = add_app(user)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 25 + "e" * 25 + "w", [settings.SECRET_KEY]
    sign_in(client, user)
    assert show(client, code_now(secret)).status_code == 302


def test_a_lost_secret_key_is_a_wrong_code_and_a_line_in_the_log(client, settings, caplog):
    user = UserFactory()
    secret = add_app(user)
    settings.SECRET_KEY = "l" * 25 + "o" * 25 + "st"
    sign_in(client, user)
    assert show(client, code_now(secret)).status_code == 200
    assert "cannot be read with this SECRET_KEY" in caplog.text
    assert secret not in caplog.text


def test_encrypting_the_same_twice_looks_different():
    assert secrecy.encrypt("x") != secrecy.encrypt("x")
    assert secrecy.decrypt(secrecy.encrypt("x")) == "x"


def test_removing_the_last_one_takes_the_codes_too_and_says_so(client):
    user, other = UserFactory(), Client()
    add_app(user)
    client.force_login(user)
    other.force_login(user)
    again(client)
    asked = client.get(reverse("accounts:app-remove"))
    assert "your password alone will let you in" in asked.content.decode()
    assert client.post(reverse("accounts:app-remove")).url == reverse("accounts:security")
    assert not Authenticator.objects.filter(user=user).exists()
    assert [is_in(client), is_in(other)] == [True, False]
    assert Message.objects.get(kind="account.app_removed").recipient == user
    assert sign_in(Client(), user).url == "/"


def test_a_reset_of_the_password_leaves_the_second_factor(client):
    user = UserFactory()
    add_app(user)
    client.post(reverse("account_reset_password"), {"email": user.email})
    path = re.search(r"http://127\.0\.0\.1:8000(/account/password/reset/key/\S+)", Message.objects.get().text).group(1)
    form = client.get(path, follow=True)
    client.post(form.request["PATH_INFO"], {"password1": "another pass phrase", "password2": "another pass phrase"})
    answer = client.post(reverse("account_login"), {"login": user.email, "password": "another pass phrase"})
    assert answer.url == reverse(STEP)


def test_an_address_is_changed_with_a_second_factor_too(client):
    user = UserFactory()
    add_app(user)
    client.force_login(user)
    again(client)
    answer = client.post(reverse("account_email"), {"email": "new@example.org", "action_add": ""})
    assert answer.status_code == 302
    assert user.emailaddress_set.filter(email="new@example.org", verified=False).exists()


def test_who_one_is_can_be_shown_by_a_code_instead(client):
    user = UserFactory()
    secret = add_app(user)
    client.force_login(user)
    url = reverse("accounts:recovery-codes")
    answer = client.post(reverse("mfa_reauthenticate"), {"code": code_now(secret), "next": url})
    assert answer.url == url
    assert client.get(url).status_code == 200
    evil = client.post(reverse("mfa_reauthenticate"), {"code": code_now(secret, later=1), "next": "//evil.example"})
    assert evil.url == "/"


@pytest.mark.parametrize("by", ["password", "code"])
def test_showing_again_who_one_is_gives_the_session_a_new_number(by, client):
    user = UserFactory()
    secret = add_app(user)
    client.force_login(user)
    before = client.session.session_key
    url, shown = reverse("account_reauthenticate"), {"password": PASSWORD}
    if by == "code":
        url, shown = reverse("mfa_reauthenticate"), {"code": code_now(secret)}
    client.post(url, dict.fromkeys(shown, "wrong"))
    assert client.session.session_key == before
    assert client.post(url, shown).status_code == 302
    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()
    assert is_in(client)


def test_somebody_blocked_between_the_steps_does_not_get_in(client):
    user = UserFactory()
    secret = add_app(user)
    sign_in(client, user)
    user.__class__.objects.filter(pk=user.pk).update(is_active=False)
    assert show(client, code_now(secret)).url == reverse("account_inactive")
    assert not is_in(client)


def test_remember_me_survives_the_second_step(client):
    user = UserFactory(role=Role.PATIENT)
    secret = add_app(user)
    sign_in(client, user, remember="on")
    show(client, code_now(secret))
    assert client.cookies[settings.SESSION_COOKIE_NAME]["max-age"] > 13 * 86400


def test_the_second_step_works_with_the_broker_gone(client, broker):
    user = UserFactory()
    add_app(user)
    broker.kill()
    began = timezone.now()
    sign_in(client, user)
    assert show(client, recovery_codes_of(user)[0]).status_code == 302
    assert (timezone.now() - began).total_seconds() < 3
