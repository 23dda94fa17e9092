"""Whatever comes in, an answer goes out: a page with words and headers, and never a 500 for what somebody sent."""

from io import BytesIO

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.db import DataError, InterfaceError, OperationalError, connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import include, path
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.access import PUBLIC, access
from accounts.tests.factories import UserFactory
from hms.lib.errors import Refused
from hms.wsgi import application

FORM = "application/x-www-form-urlencoded"
LOGIN = "/account/login/"
pytestmark = pytest.mark.django_db


def raising(error):
    @access(PUBLIC, methods="GET POST")
    def view(request):
        raise error

    return view


@access(PUBLIC)
def newer(request):
    """Code that asks for a table which the database does not have yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM a_table_of_tomorrow")


@access(PUBLIC)
def throttled(request):
    return HttpResponse("slowly", status=429)


@access(PUBLIC, methods="POST")
def only_post(request):
    return HttpResponse(request.POST.get("text", ""))


handler400, handler403 = "hms.errors.bad_request", "hms.errors.denied"
handler404, handler500 = "hms.errors.missing", "hms.errors.broken"
urlpatterns = [
    path("gone/", raising(OperationalError("server closed the connection"))),
    path("gone-too/", raising(InterfaceError("connection already closed"))),
    path("newer/", newer),
    path("bug/", raising(RuntimeError("a bug"))),
    path("refused/", raising(Refused("That time has just been taken."))),
    path("nul/", raising(ValueError("A string literal cannot contain NUL (0x00) characters."))),
    path("nul-too/", raising(DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes"))),
    path("throttled/", throttled),
    path("only-post/", only_post),
    path("", include("hms.urls")),
]


@pytest.fixture
def quiet_client():
    """Answers with the page people would see instead of raising."""
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("charset", ["utf-16", "rot13", "hex", "zlib", "idna", "nonsense", "'latin-1'", '"utf-7"', ""])
@pytest.mark.parametrize("kind", [FORM, "text/plain", "multipart/form-data; boundary=x"])
def test_foreign_charset_is_refused_before_anything_decodes_with_it(quiet_client, charset, kind):
    response = quiet_client.generic("POST", LOGIN, b"login=a", content_type=f"{kind}; charset={charset}")
    assert response.status_code == 400
    assert "could not be read" in response.text


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"'])
def test_utf8_is_welcome_however_it_is_written(quiet_client, charset):
    response = quiet_client.generic("POST", LOGIN, b"login=a", content_type=f"{FORM}; charset={charset}")
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=", b"x"),
        ("multipart/form-data; boundary=\xe4", b"x"),
        (f"multipart/form-data; boundary={'x' * 300}", b"x"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=a"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%\r\n--x--',
        ),
        ("application/json", b"{"),
        ("", b"login=a"),
        (FORM, b"\xff\xfe=%ff&&&==%"),
        ("nonsense; ;; =", b"x"),
    ],
)
def test_malformed_bodies_are_answered_without_a_500(quiet_client, content_type, body):
    response = quiet_client.generic("POST", LOGIN, body, content_type=content_type)
    assert response.status_code in {200, 400}


@pytest.mark.parametrize("url", ["/departments/\0/", "/departments/?q=%00", "/departments/?q=a%00b&page=2"])
def test_nul_in_the_address_is_refused(quiet_client, url):
    assert quiet_client.get(url).status_code == 400


@pytest.mark.parametrize("cookie", ['hms_session="\\000abc"', "hms_session=a\0b", 'other="x\\000"; a=b'])
def test_nul_in_a_cookie_is_refused_escaped_or_not(quiet_client, cookie):
    assert quiet_client.get(LOGIN, headers={"cookie": cookie}).status_code == 400


@pytest.mark.parametrize("cookie", ['hms_session="\\101"', "hms_session=\xff\xfe", ";;;=;", "hms_csrf=" + "x" * 5000])
def test_odd_cookies_are_answered_as_if_there_were_none(quiet_client, cookie):
    assert quiet_client.get(LOGIN, headers={"cookie": cookie}).status_code == 200


@pytest.mark.parametrize("number", ["0", "-1", "01", "9" * 19, "9" * 40, "9" * 5000, "1e3", "%D9%A3"])
def test_numbers_no_row_can_have_are_not_found(quiet_client, number):
    assert quiet_client.get(f"/departments/{number}/").status_code == 404


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:abc", "a b", "", "[::1", "localhost\0"])
def test_a_foreign_host_is_a_400_with_words(quiet_client, host):
    response = quiet_client.get(LOGIN, headers={"host": host})
    assert response.status_code == 400
    assert "could not be read" in response.text


def test_a_body_announced_too_large_is_refused_unread(quiet_client):
    response = quiet_client.generic("POST", LOGIN, b"x", content_type=FORM, CONTENT_LENGTH=str(10**9))
    assert response.status_code == 413
    assert "too large" in response.text


@pytest.mark.parametrize("size", ["abc", "-5", "9" * 30, "٣"])
def test_a_size_that_is_no_number_is_a_400(quiet_client, size):
    assert quiet_client.generic("POST", LOGIN, b"x", content_type=FORM, CONTENT_LENGTH=size).status_code == 400


def test_more_text_than_a_form_may_hold_is_a_413(quiet_client):
    assert quiet_client.post(LOGIN, {"login": "x" * (2 * 1024 * 1024)}).status_code == 413
    body = b"login=" + b"x" * (2 * 1024 * 1024)
    assert quiet_client.generic("POST", LOGIN, body, content_type=FORM).status_code == 413


def test_too_many_fields_are_a_413_in_a_form_and_a_400_in_an_address(quiet_client):
    fields = "&".join(f"a{number}=1" for number in range(1500))
    assert quiet_client.generic("POST", LOGIN, fields.encode(), content_type=FORM).status_code == 413
    assert quiet_client.get(f"{LOGIN}?{fields}").status_code == 400


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("url", ["/gone/", "/gone-too/", "/newer/"])
def test_a_database_that_cannot_be_used_is_a_503_that_says_when_to_come_back(quiet_client, url):
    response = quiet_client.get(url)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "10")
    assert "back in a moment" in response.text


@pytest.mark.urls(__name__)
def test_a_bug_is_a_500_with_words_and_without_details(quiet_client):
    response = quiet_client.get("/bug/")
    assert response.status_code == 500
    assert "wrong on our side" in response.text
    assert "RuntimeError" not in response.text


@pytest.mark.urls(__name__)
def test_a_bug_is_in_the_log_with_its_traceback(quiet_client, caplog):
    quiet_client.get("/bug/?q=very-secret")
    bug = next(record for record in caplog.records if record.name == "django.request")
    assert (bug.levelname, bug.exc_info[0]) == ("ERROR", RuntimeError)
    assert "very-secret" not in bug.getMessage()


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("url", ["/nul/", "/nul-too/"])
def test_a_nul_that_reached_the_database_is_the_senders_mistake(quiet_client, url):
    assert quiet_client.get(url).status_code == 400


@pytest.mark.urls(__name__)
def test_a_refusal_no_view_caught_is_a_conflict_with_its_sentence_and_the_way_back(quiet_client):
    response = quiet_client.post("/refused/", headers={"referer": "http://testserver/book/?day=1"})
    assert response.status_code == 409
    assert "That time has just been taken." in response.text
    assert 'href="/book/?day=1"' in response.text


@pytest.mark.urls(__name__)
def test_every_429_says_when_to_come_back(quiet_client):
    response = quiet_client.get("/throttled/")
    assert (response.status_code, response.headers["Retry-After"]) == (429, "60")


@pytest.mark.urls(__name__)
def test_the_wrong_method_is_a_405_with_words_that_keeps_what_is_allowed(quiet_client):
    response = quiet_client.get("/only-post/")
    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]
    assert "does not work this way" in response.text


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_a_method_that_no_page_knows_is_a_405_also_without_a_token(method):
    response = getattr(Client(enforce_csrf_checks=True), method)(LOGIN)
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD, OPTIONS, POST")
    assert "does not work this way" in response.text


def test_an_expired_form_says_so_and_leads_back_to_its_page():
    client = Client(enforce_csrf_checks=True)
    response = client.post(LOGIN, {"login": "a"}, headers={"referer": "http://testserver/account/login/?next=/book/"})
    assert response.status_code == 403
    assert "open for too long" in response.text
    assert 'href="/account/login/?next=/book/"' in response.text


@pytest.mark.parametrize(
    "referer", ["http://evil.example/x", "//evil.example/", "http://testserver//evil.example", "x"]
)
def test_an_expired_form_never_leads_to_another_host(referer):
    response = Client(enforce_csrf_checks=True).post(LOGIN, headers={"referer": referer})
    assert response.status_code == 403
    assert "evil.example" not in response.text


def test_error_pages_stand_without_any_query(quiet_client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert quiet_client.get("/there/is/nothing").status_code == 404


def test_signed_in_people_get_the_same_404_for_what_is_not_there(client):
    client.force_login(UserFactory())
    assert "There is nothing here" in client.get("/there/is/nothing/").text


anything = st.binary(max_size=60).map(lambda data: data.decode("latin-1"))
heads = st.fixed_dictionaries(
    {},
    optional={
        "CONTENT_TYPE": st.one_of(anything, anything.map("multipart/form-data; boundary={}".format), st.just(FORM)),
        "HTTP_COOKIE": st.one_of(anything, anything.map("hms_session={}; hms_csrf=x".format)),
        "HTTP_HOST": st.one_of(st.just("testserver"), anything),
        "HTTP_REFERER": anything,
        "HTTP_ACCEPT_LANGUAGE": anything,
        "HTTP_HX_REQUEST": st.just("true"),
        "HTTP_HX_CURRENT_URL": anything,
        "HTTP_X_FORWARDED_FOR": anything,
        "HTTP_X_REQUESTED_WITH": st.just("XMLHttpRequest"),
        "QUERY_STRING": st.one_of(anything, anything.map("next={}&page=9999999999999999999999".format)),
    },
)
paths = st.one_of(
    anything.map("/{}".format),
    st.sampled_from(
        ["/", LOGIN, "/account/signup/", "/account/password/reset/", "/departments/", "/doctors/", "/book/"]
    ),
    anything.map("/doctors/{}/".format),
    anything.map("/book/doctors/1/{}/".format),
    anything.map("/account/confirm-email/{}/".format),
    anything.map("/account/password/reset/key/1-{}/".format),
)


def answer_to(method, where, head, body):
    """What the application answers, past all that a test client would repair: (status, headers).

    Not application(environ, ...) itself: its signals would close the connection that holds the test's transaction.
    """
    environ = RequestFactory()._base_environ(REQUEST_METHOD=method, PATH_INFO=where, CONTENT_LENGTH=str(len(body)))
    response = application.get_response(WSGIRequest(environ | {"wsgi.input": BytesIO(body), **head}))
    return response.status_code, response.headers


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    method=st.sampled_from(["GET", "POST", "HEAD", "PUT", "TRACE", "X"]),
    where=paths,
    head=heads,
    body=st.binary(max_size=200),
)
def test_no_bytes_whatsoever_make_a_500_or_an_answer_without_headers(method, where, head, body):
    status, headers = answer_to(method, where, head, body)
    assert status < 500
    assert headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
