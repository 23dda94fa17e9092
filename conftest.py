"""Fixtures for every test. The machinery stands in hms/testing.py and hms/lib/servers.py."""

import os
from functools import partial

import pytest

from hms import testing
from hms.lib import servers

WORLD = testing.enter()
UNSEEN = "NOT TESTED: "
# What the tests of these files set up is costly: once is enough.
TOGETHER = {f"hms/tests/test_{name}.py" for name in ("browser", "lists_browser", "processes", "run", "scripts",
            "sign_in_browser")}  # fmt: skip
TOGETHER |= {f"hms/tests/test_{name}.py" for name in ("access_matrix", "admin_walk", "audit_walk", "family_matrix",
             "help", "html", "shell")}  # fmt: skip
TOGETHER |= {"records/tests/test_browser.py", "scheduling/tests/test_booking_browser.py",
             "scheduling/tests/test_desk_browser.py", "scheduling/tests/test_races.py"}  # fmt: skip
DATABASE = {"db", "transactional_db", "django_db_setup"}


def pytest_xdist_auto_num_workers(config):
    return max(2, min(os.cpu_count() or 1, 4))


def pytest_xdist_make_scheduler(config, log):
    """One test at a time for each process, in the order of collection; the tests of some files stay together."""
    from xdist.scheduler.loadscope import LoadScopeScheduling

    class Scheduler(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            file = nodeid.partition("::")[0]
            return file if file in TOGETHER else nodeid

    config.option.loadscopereorder = False  # tests that commit come last, or the others would miss what they flush
    return Scheduler(config, log)


def is_transactional(item):
    marker = item.get_closest_marker("django_db")
    return bool(marker and marker.kwargs.get("transaction")) or "transactional_db" in item.fixturenames


def may_ask_the_database(item):
    return item.get_closest_marker("django_db") or not DATABASE.isdisjoint(item.fixturenames)


def pytest_collection_modifyitems(items):
    for item in items:
        if not may_ask_the_database(item):
            item.add_marker(pytest.mark.once)
        if "browser" in item.fixturenames:
            item.add_marker(pytest.mark.browser)
        if is_transactional(item):  # what migrations wrote (groups, schedules) is put back after each flush
            item.add_marker(pytest.mark.django_db(transaction=True, serialized_rollback=True), append=False)


def pytest_terminal_summary(terminalreporter):
    skipped = terminalreporter.stats.get("skipped", [])
    unseen = {report.longrepr[2] for report in skipped if UNSEEN in str(report.longrepr)}
    for sentence in unseen:
        terminalreporter.section("!!! " + sentence.partition(UNSEEN)[2], sep="!", red=True, bold=True)


def missing(sentence):
    """Skip so that nobody overlooks it; where CI says that everything is there, fail."""
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(sentence)
    pytest.skip(UNSEEN + sentence)


@pytest.fixture(scope="session", autouse=True)
def _broker():
    WORLD.broker.start()


@pytest.fixture(autouse=True)
def _fresh_caches(request, django_db_blocker):
    """No test sees what another one cached or counted; the rate limits' table outlives a rollback-less test."""
    yield
    from django.core.cache import caches

    from hms.lib import cached

    caches["redis"].clear()
    cached._written.__dict__.clear()  # a test that commits nothing tells of nothing
    if is_transactional(request.node):
        with django_db_blocker.unblock():
            caches["default"].clear()


@pytest.fixture(scope="session")
def broker_url():
    """The address of the real broker that this process' settings name."""
    return WORLD.broker.url


def _listen_to_broker_again():
    from accounts import wake
    from hms.lib import cached

    WORLD.broker.start()
    wake._silent_until = cached._silent_until = 0.0
    cached._owed.clear()


@pytest.fixture
def broker():
    """The real broker: `.url`, `.kill()`, `.start()` on the same port. It runs again after the test."""
    yield WORLD.broker
    _listen_to_broker_again()


@pytest.fixture
def silent_broker():
    """In the broker's place something that accepts connections and never answers."""
    WORLD.broker.kill()
    server = servers.SilentServer(WORLD.broker.port)
    yield WORLD.broker.url
    server.close()
    _listen_to_broker_again()


def run_process(make):
    from django.db import connection

    process = make(connection.settings_dict, WORLD.room)
    try:
        yield process.start()
    finally:
        process.kill()  # nothing waits for it to end well
        print(process.output()[-4000:])  # pytest shows it beside the test that failed


@pytest.fixture
def worker(transactional_db, broker):
    """A real Celery worker on the test database: `.kill()`, `.start()`, `.output()`, `.pid`."""
    yield from run_process(testing.worker_process)


@pytest.fixture(scope="session")
def collected_static():
    """Static files with hashed names, as the real server looks them up; not compressed, which takes long."""
    from django.conf import settings
    from django.core.management import call_command
    from django.test import override_settings

    hashed = {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    with override_settings(STORAGES={**settings.STORAGES, "staticfiles": hashed}):
        call_command("collectstatic", interactive=False, verbosity=0)


@pytest.fixture
def web_process(transactional_db, broker, collected_static):
    """Real gunicorn with two workers on the test database: `.url`, `.kill()`, `.start()`, `.output()`, `.pid`."""
    yield from run_process(testing.web_process)


@pytest.fixture(scope="module")
def standing_web(django_db_setup, collected_static):
    yield from run_process(partial(testing.web_process, lasting=True))


@pytest.fixture
def live_web(transactional_db, broker, standing_web):
    """The address of a real gunicorn on the test database, like http://127.0.0.1:40123; one for all tests of a file.

    A test that kills it, takes its broker away or reads its log has its own: `web_process`.
    """
    yield standing_web.url
    print(standing_web.output()[-4000:])


@pytest.fixture(scope="module")
def browser(django_db_setup):
    """A Chromium, driven by Playwright."""
    path = servers.chromium()
    if path is None:
        missing("there is no Chromium on this machine, so no page was opened in a browser.")
    from django.db import connection
    from playwright.sync_api import sync_playwright

    with pytest.MonkeyPatch.context() as patch:
        # Playwright's loop makes Django believe that it is called from async code: it forbids that, and takes
        # another connection, which has to know what to put back after a test that commits.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        put_back = getattr(connection, "_test_serialized_contents", "[]")
        with sync_playwright() as playwright:
            connection._test_serialized_contents = put_back
            args = ["--no-sandbox"] if os.geteuid() == 0 else []
            chromium = playwright.chromium.launch(executable_path=path, args=args)
            yield chromium
            chromium.close()


@pytest.fixture
def open_as(browser, live_web):
    """Open the site in a browser as somebody: open_as(user, viewport=…, color_scheme="dark") or open_as(None).

    Gives a page whose addresses are relative to the site. A message on its console fails the test.
    """
    from django.conf import settings
    from django.test import Client

    contexts, said = [], []

    def opened(user, **options):
        context = browser.new_context(base_url=live_web, **options)
        contexts.append(context)
        if user is not None:
            client = Client()
            client.force_login(user)
            session = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_web}])
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    # an answer of 4xx to a form is announced on the console by the browser itself
    assert [text for text in said if "Failed to load resource" not in text] == []


@pytest.fixture
def page(open_as):
    """A browser page on the site, not signed in."""
    return open_as(None)
