"""The hospital asks a role for a second factor: who has none is led to setting one up, and to nothing else."""

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts import services
from accounts.models import AuditEvent, Message, Role, SignInRule
from accounts.services import second_factor
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.keys import add_app, add_passkey, code_now

pytestmark = pytest.mark.django_db
PAGE = "accounts:security"


@pytest.fixture
def required():
    for role in (Role.DOCTOR, Role.RECEPTION, Role.ADMIN):
        services.change_rule(SignInRule.objects.get(role=role), second_factor=True, by=None)


def test_a_fresh_hospital_asks_nobody_for_a_second_factor():
    assert not SignInRule.objects.filter(second_factor=True).exists()
    assert set(SignInRule.objects.values_list("role", flat=True)) == set(Role.values)


@pytest.mark.usefixtures("required")
@pytest.mark.parametrize("role", [Role.RECEPTION, Role.ADMIN])
@pytest.mark.parametrize(
    "path", ["/", "/patients/", "/day/", "/departments/", "/account/email/", "/account/password/change/", "/admin/",
             "/admin/accounts/user/", "/no/such/page/"]
)  # fmt: skip
def test_nothing_opens_but_setting_it_up(role, path, client):
    client.force_login(UserFactory(role=role))
    if path == "/no/such/page/":
        assert client.get(path).status_code == 404
        return
    for answer in (client.get(path), client.post(path)):
        assert (answer.status_code, answer.url) == (302, reverse(PAGE))


@pytest.mark.usefixtures("required")
def test_a_part_of_a_page_sends_the_whole_page_there(client):
    client.force_login(UserFactory(role=Role.RECEPTION))
    answer = client.get("/day/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, reverse(PAGE))


@pytest.mark.usefixtures("required")
def test_the_page_says_why_and_signing_out_works(client):
    client.force_login(UserFactory(role=Role.RECEPTION))
    page = client.get(reverse(PAGE)).content.decode()
    assert "The hospital asks for a second factor" in page
    assert reverse("account_email") not in page
    assert client.post(reverse("account_logout")).url == "/"
    assert client.get("/").status_code == 200


@pytest.mark.usefixtures("required")
def test_probes_and_logo_are_left_alone(client):
    client.force_login(UserFactory(role=Role.ADMIN))
    assert client.get("/healthz").status_code == 200
    assert client.get("/hospital/logo/").status_code == 404


@pytest.mark.usefixtures("required")
def test_right_after_signing_in_it_is_set_up_without_the_password_again_and_everything_opens(client):
    user = UserFactory(role=Role.RECEPTION)
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD, "next": "/patients/"})
    assert client.get("/patients/").url == reverse(PAGE)
    page = client.get(reverse("accounts:app-add"))
    secret = "".join(page.context["secret_parts"])
    codes = client.post(reverse("accounts:app-add"), {"code": code_now(secret)}, follow=True)
    assert codes.context["going"] == "/patients/"
    assert client.get("/patients/").status_code == 200


@pytest.mark.usefixtures("required")
def test_recovery_codes_alone_are_no_second_factor(client):
    user = UserFactory(role=Role.RECEPTION)
    add_app(user)
    user.authenticator_set.filter(type="totp").delete()
    client.force_login(user)
    assert client.get("/patients/").url == reverse(PAGE)


@pytest.mark.usefixtures("required")
def test_a_passkey_is_enough(client):
    user = UserFactory(role=Role.RECEPTION)
    add_passkey(user)
    client.force_login(user)
    assert client.get("/patients/").status_code == 200


@pytest.mark.usefixtures("required")
def test_patients_are_never_asked(client):
    client.force_login(UserFactory())
    assert client.get(reverse("account_email")).status_code in {200, 302}
    assert client.get("/departments/").status_code == 200


def test_the_requirement_holds_for_sessions_that_are_open(client):
    client.force_login(UserFactory(role=Role.RECEPTION))
    assert client.get("/patients/").status_code == 200
    services.change_rule(SignInRule.objects.get(role=Role.RECEPTION), second_factor=True, by=None)
    assert client.get("/patients/").url == reverse(PAGE)


# The rules' page


def test_an_administrator_sets_the_rules_and_the_change_is_on_record(client):
    admin = UserFactory(role=Role.ADMIN)
    client.force_login(admin)
    rule = SignInRule.objects.get(role=Role.DOCTOR)
    data = {"second_factor": "on", "idle_minutes": 20, "absolute_hours": 10, "remember_days": 0}
    assert client.post(reverse("accounts:rule-edit", args=[rule.pk]), data).url == reverse("accounts:rule-list")
    rule.refresh_from_db()
    assert (rule.second_factor, rule.idle_minutes, rule.absolute_hours) == (True, 20, 10)
    event = AuditEvent.objects.get(action="sign_in_rule.changed")
    assert event.actor_id == admin.pk
    assert event.detail["values"] == {
        "second_factor": [False, True],
        "idle_minutes": [60, 20],
        "absolute_hours": [12, 10],
    }
    page = client.get(reverse("accounts:rule-list")).content.decode()
    assert "60 → 20" in page


@pytest.mark.parametrize(
    ("field", "value"),
    [("idle_minutes", 4), ("idle_minutes", 721), ("absolute_hours", 0), ("absolute_hours", 25), ("remember_days", 91),
     ("remember_days", -1), ("idle_minutes", "x"), ("absolute_hours", "9" * 30), ("remember_days", "")],
)  # fmt: skip
def test_limits_out_of_bounds_stand_beside_their_field(field, value, client):
    client.force_login(UserFactory(role=Role.ADMIN))
    rule = SignInRule.objects.get(role=Role.DOCTOR)
    data = {"idle_minutes": 20, "absolute_hours": 10, "remember_days": 0} | {field: value}
    answer = client.post(reverse("accounts:rule-edit", args=[rule.pk]), data)
    assert answer.status_code == 200
    assert answer.context["form"].errors[field]
    rule.refresh_from_db()
    assert rule.idle_minutes == 60


def test_patients_cannot_be_made_to_by_a_forged_field(client):
    client.force_login(UserFactory(role=Role.ADMIN))
    rule = SignInRule.objects.get(role=Role.PATIENT)
    data = {"second_factor": "on", "idle_minutes": 20, "absolute_hours": 10, "remember_days": 0, "role": "admin"}
    client.post(reverse("accounts:rule-edit", args=[rule.pk]), data)
    rule.refresh_from_db()
    assert (rule.role, rule.second_factor, rule.idle_minutes) == (Role.PATIENT, False, 20)
    with pytest.raises(services.AccountRefused):
        services.change_rule(rule, second_factor=True, by=None)


def test_the_administration_site_changes_rules_through_the_service(client):
    client.force_login(UserFactory(role=Role.ADMIN))
    rule = SignInRule.objects.get(role=Role.RECEPTION)
    url = f"/admin/accounts/signinrule/{rule.pk}/change/"
    client.post(url, {"second_factor": "", "idle_minutes": 33, "absolute_hours": 10, "remember_days": 0})
    rule.refresh_from_db()
    assert rule.idle_minutes == 33
    assert AuditEvent.objects.filter(action="sign_in_rule.changed").count() == 1


def test_secrets_are_on_no_page_of_the_administration_site(client):
    client.force_login(UserFactory(role=Role.ADMIN))
    assert client.get("/admin/mfa/authenticator/").status_code == 404
    assert client.get("/admin/accounts/session/").status_code == 404


# A device that is lost


def test_an_administrator_resets_a_lost_second_factor_with_a_reason(client):
    admin, user = UserFactory(role=Role.ADMIN), UserFactory(role=Role.RECEPTION)
    add_app(user)
    client.force_login(admin)
    url = reverse("accounts:user-reset-second-factor", args=[user.pk])
    assert url in client.get(reverse("accounts:user-detail", args=[user.pk])).content.decode()
    assert client.post(url, {"reason": ""}).context["form"].errors["reason"]
    assert client.post(url, {"reason": "Telephone lost, seen in person"}).status_code == 302
    assert not user.authenticator_set.exists()
    event = AuditEvent.objects.get(action="account.second_factor_reset")
    assert (event.actor_id, event.detail) == (admin.pk, {"reason": "Telephone lost, seen in person"})
    message = Message.objects.get(kind="account.second_factor_reset")
    assert message.recipient == user
    assert "seen in person" not in message.text
    assert client.post(url, {"reason": "Twice"}).status_code == 409


def test_nobody_resets_their_own(client):
    admin = UserFactory(role=Role.ADMIN)
    add_app(admin)
    client.force_login(admin)
    url = reverse("accounts:user-reset-second-factor", args=[admin.pk])
    assert url not in client.get(reverse("accounts:user-detail", args=[admin.pk])).content.decode()
    assert "Another administrator" in client.post(url, {"reason": "Mine"}).content.decode()
    assert admin.authenticator_set.exists()


def test_the_last_administrator_is_helped_at_the_server(capsys):
    admin = UserFactory(role=Role.ADMIN)
    add_app(admin)
    call_command("reset_second_factor", admin.email.upper())
    assert admin.name in capsys.readouterr().out
    assert not admin.authenticator_set.exists()
    assert AuditEvent.objects.get(action="account.second_factor_reset").actor_name == "HMS"
    with pytest.raises(CommandError, match="no second factor"):
        call_command("reset_second_factor", admin.email)
    with pytest.raises(CommandError, match="no account"):
        call_command("reset_second_factor", "nobody@example.org")


def test_somebody_locked_out_by_wrong_codes_may_try_again_after_a_reset():
    user = UserFactory()
    add_app(user)
    for _ in range(5):
        second_factor.check_code(user, code="000000")
    second_factor.reset(user, reason="Lost", by=None)
    secret = add_app(user)
    assert second_factor.check_code(user, code=code_now(secret)) is not None
