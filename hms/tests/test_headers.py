"""Every answer carries the security headers; what is about people is stored nowhere; the first visit is light."""

import re
import urllib.request

import brotli
import pytest
from django.test import Client
from django.urls import reverse

from accounts.tests.factories import UserFactory

CSP = {
    "default-src 'self'",
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
}
FIRST_VISIT = 100 * 1024


def assert_guarded(headers):
    assert set(headers["Content-Security-Policy"].split("; ")) == CSP
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert "camera=()" in headers["Permissions-Policy"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "url", "status"),
    [
        ("GET", "/account/login/", 200),
        ("GET", "/healthz", 200),
        ("GET", "/readyz", 200),
        ("GET", "/account/password/change/", 302),
        ("GET", "/account/login/?q=%00", 400),
        ("GET", "/nothing/here/", 404),
        ("POST", "/healthz", 405),
    ],
)
def test_every_kind_of_answer_carries_the_headers(client, method, url, status):
    response = client.generic(method, url)
    assert response.status_code == status
    assert_guarded(response.headers)
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.django_db
def test_a_form_without_a_token_is_refused_with_the_headers():
    response = Client(enforce_csrf_checks=True).post(reverse("account_login"))
    assert response.status_code == 403
    assert_guarded(response.headers)


@pytest.mark.django_db
def test_pages_of_people_who_are_signed_in_are_stored_nowhere(client):
    client.force_login(UserFactory())
    response = client.get(reverse("account_change_password"))
    assert response.status_code == 200
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.django_db
def test_no_answer_tells_the_browser_to_stay_with_https_where_there_is_none(client):
    assert "Strict-Transport-Security" not in client.get("/healthz").headers


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["/healthz", "/healthz?q=%00", "/nothing/"])
def test_over_https_every_answer_tells_the_browser_to_stay_there(client, settings, url):
    settings.SECURE_HSTS_SECONDS = 31536000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
    headers = client.get(url, secure=True).headers
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"


@pytest.mark.django_db
def test_cookies_are_kept_from_scripts_and_from_other_sites(client):
    cookie = client.get(reverse("account_login")).cookies["hms_csrf"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


@pytest.mark.django_db
def test_no_page_has_inline_script_or_style(client):
    text = client.get(reverse("account_login")).text
    assert "<script" in text
    assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=", text)


def fetch(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.headers, answer.read()


@pytest.mark.once
@pytest.mark.slow
def test_first_visit_is_light_and_its_files_are_guarded_and_kept(live_web):
    page = fetch(live_web + reverse("account_login"))[1]
    total = len(brotli.compress(page))
    names = set(re.findall(r'(?:src|href)="(/static/[^"#]+)', page.decode()))
    assert any(name.endswith(".css") for name in names)
    for name in names:
        headers, body = fetch(live_web + name)
        assert_guarded(headers)
        assert "no-store" not in headers["Cache-Control"]
        total += len(brotli.compress(body))
    assert total < FIRST_VISIT
