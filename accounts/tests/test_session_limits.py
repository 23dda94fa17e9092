"""How long a session lasts: without activity, in any case, and on a device that is remembered."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from django.urls import reverse

from accounts import services
from accounts.models import AuditEvent, Role, Session, SignInRule
from accounts.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as travelling:
        yield lambda **later: travelling.move_to(NOON + timedelta(**later))


def sign_in(client, user, **more):
    return client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD, **more})


def is_in(client, **headers):
    return client.get(reverse("accounts:security"), headers=headers).status_code == 200


def test_who_does_nothing_is_signed_out_and_told_so(client, clock):
    user = UserFactory(role=Role.ADMIN)
    sign_in(client, user)
    clock(minutes=29)
    assert is_in(client)
    clock(minutes=29 + 30)
    gone = client.get(reverse("accounts:user-list"))
    assert gone.url == f"{reverse('account_login')}?next={reverse('accounts:user-list')}"
    assert "nothing happened for a while" in client.get(gone.url).content.decode()
    assert not Session.objects.filter(user=user).exists()
    event = AuditEvent.objects.get(action="account.session_ended")
    assert (event.actor_id, event.detail) == (user.pk, {"limit": "idle"})


def test_who_never_rests_is_signed_out_at_the_end_of_the_longest_time(client, clock):
    sign_in(client, UserFactory(role=Role.RECEPTION))
    for minute in range(0, 12 * 60, 50):
        clock(minutes=minute)
        assert is_in(client)
    clock(hours=12)
    assert not is_in(client)
    assert AuditEvent.objects.get(action="account.session_ended").detail == {"limit": "absolute"}


@pytest.mark.parametrize("asks", [{"X-Unattended": "1"}, {"Sec-Purpose": "prefetch"}, {"X-Unattended": ""}])
def test_what_a_page_asks_by_itself_keeps_nobody_signed_in(asks, client, clock):
    sign_in(client, UserFactory(role=Role.ADMIN))
    for minute in range(1, 30, 4):
        clock(minutes=minute)
        assert is_in(client, **asks)
    clock(minutes=30)
    assert not is_in(client)


def test_a_page_that_loads_itself_again_without_javascript_keeps_nobody_signed_in(client, clock):
    sign_in(client, UserFactory(role=Role.ADMIN))
    clock(minutes=20)
    assert client.get(reverse("accounts:security"), {"unattended": "1"}).status_code == 200
    clock(minutes=31)
    assert not is_in(client)


def test_no_parameter_and_no_cookie_makes_a_session_last_longer(client, clock):
    sign_in(client, UserFactory(role=Role.ADMIN))
    clock(minutes=31)
    client.cookies["sign_in_seen"] = str(NOON.timestamp() + 9999)
    answer = client.get(
        reverse("accounts:security"), {"sign_in_seen": "9999999999", "keep_alive": "1", "remember": "1"}
    )
    assert answer.status_code == 302


def test_a_change_that_came_too_late_is_not_made_and_said_to_be_lost(client, clock):
    sign_in(client, UserFactory(role=Role.ADMIN))
    rule = SignInRule.objects.get(role=Role.DOCTOR)
    url = reverse("accounts:rule-edit", args=[rule.pk])
    clock(minutes=31)
    late = {"idle_minutes": 10, "absolute_hours": 3, "remember_days": 0}
    answer = client.post(url, late, headers={"Referer": f"http://testserver{url}"})
    assert answer.url == f"{reverse('account_login')}?next={url}"
    assert "What you sent last was not saved" in client.get(answer.url).content.decode()
    rule.refresh_from_db()
    assert rule.idle_minutes == 60


def test_a_part_of_a_page_sends_the_whole_page_to_sign_in(client, clock):
    sign_in(client, UserFactory(role=Role.ADMIN))
    clock(minutes=31)
    answer = client.get(reverse("accounts:user-list"), headers={"HX-Request": "true", "X-Unattended": "1"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, f"{reverse('account_login')}?next=/")


def test_the_public_pages_see_nobody_once_the_session_has_ended(client, clock):
    user = UserFactory(role=Role.ADMIN)
    sign_in(client, user)
    assert user.name in client.get("/departments/").content.decode()
    clock(minutes=31)
    assert user.name not in client.get("/departments/").content.decode()


def test_the_administration_site_obeys_the_same_limits(client, clock):
    sign_in(client, UserFactory(role=Role.ADMIN))
    assert client.get("/admin/").status_code == 200
    clock(minutes=31)
    assert client.get("/admin/").url == "/account/login/?next=/admin/"


def test_a_new_limit_holds_for_sessions_that_are_open(client, clock):
    sign_in(client, UserFactory(role=Role.DOCTOR))
    services.change_rule(SignInRule.objects.get(role=Role.DOCTOR), idle_minutes=5, by=None)
    clock(minutes=6)
    assert not is_in(client)


def test_activity_is_written_once_a_minute_at_most(client, clock, django_assert_num_queries):
    sign_in(client, UserFactory())
    clock(seconds=59)
    is_in(client)
    began = Session.objects.get().seen_at
    clock(seconds=61)
    is_in(client)
    assert (began, Session.objects.get().seen_at) == (NOON, NOON + timedelta(seconds=61))


def test_asking_who_is_there_costs_one_query_for_person_and_rule(client, django_assert_num_queries):
    client.force_login(UserFactory(role=Role.RECEPTION))
    is_in(client)
    # session, hospital, person with rule, a clinical grant for the navigation, the bell
    with django_assert_num_queries(5):
        client.get(reverse("account_logout"))


def test_a_remembered_device_stays_signed_in_for_the_days_of_the_rule(client, clock):
    sign_in(client, UserFactory(), remember="on")
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["max-age"] == 14 * 86400
    clock(days=13)
    assert is_in(client)
    clock(days=14)
    assert not is_in(client)


def test_without_the_wish_the_cookie_ends_with_the_browser(client):
    sign_in(client, UserFactory())
    assert client.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == ""
    assert Session.objects.get().remembered is False


def test_where_the_hospital_remembers_no_device_the_wish_is_refused_in_words(client, clock):
    sign_in(client, UserFactory(role=Role.RECEPTION), remember="on")
    assert client.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == ""
    assert "This device is not remembered" in client.get("/").content.decode()
    clock(minutes=61)
    assert not is_in(client)


def test_a_hospital_that_stops_remembering_ends_what_it_remembered(client, clock):
    sign_in(client, UserFactory(), remember="on")
    services.change_rule(SignInRule.objects.get(role=Role.PATIENT), remember_days=0, by=None)
    clock(minutes=31)
    assert not is_in(client)


def test_liveness_asks_nothing_of_a_session(client, django_assert_num_queries):
    client.force_login(UserFactory())
    with django_assert_num_queries(0):
        assert client.get("/healthz").status_code == 200
